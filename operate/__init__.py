"""Life after deploy, a command a module.

`verify` asks both clouds whether sign-in is right and will last, `signin` tries it, `guard` says what a plan
does to people, `adopt` brings under code what was made by hand, and
`cdktf` runs the cdktf command so that an interruption harms nothing.

Nothing here builds a resource, and what is right is what the stack's outputs say; only `adopt`, which comes
before the first deploy, reads a settings file.
"""
