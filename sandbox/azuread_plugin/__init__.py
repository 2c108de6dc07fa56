"""A stand-in for the hashicorp/azuread 3.7.0 Terraform provider, where the real one cannot be had.

It speaks Terraform's plugin protocol 5 and Microsoft Graph, serves what this project's stack sets, and
refuses every Graph that is not on this machine.
"""
