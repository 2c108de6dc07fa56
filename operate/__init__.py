"""Life after deploy: `verify` asks both clouds whether sign-in is right and will last, `signin` tries it.

Nothing here builds a resource, and what is right is what the stack's outputs say; only `adopt`, which comes
before the first deploy, reads a settings file.
"""
