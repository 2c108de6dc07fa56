"""Pipelines for a team's repository, from template files."""
