"""A local Microsoft Entra ID: its Graph for the azuread provider, its sign-in pages for browsers."""
