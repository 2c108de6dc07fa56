"""`make scan`: scanners, in an environment of their own (requirements.txt)."""
