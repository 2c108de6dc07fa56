"""Bring what exists in the clouds under code."""
