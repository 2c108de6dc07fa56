"""The command `signin`: sign in with a browser, and see what became of each claim."""
