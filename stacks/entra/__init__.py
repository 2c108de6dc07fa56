"""What the stack makes or reads in Microsoft Entra ID."""
