"""The command `verify`: does sign-in work, and will it last?

A check is one function in checks/ that returns what it `Checked`; verification.py lists them all.
"""
