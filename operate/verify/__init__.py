"""The command `verify`: does sign-in work, will it last, and who else may come in?

A check is one function in checks/ that returns what it `Checked`; verification.py lists them all.
"""
