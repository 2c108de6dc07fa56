"""Sign in with a browser and show what arrives in each place."""
