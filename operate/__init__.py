"""Commands for a deployed stack, one package each: verify, signin, guard, adopt; and `cdktf` itself.

Nothing here builds a resource. What is right is what the stack's outputs say; only `adopt`, which comes
before the first deploy, reads a settings file.
"""
