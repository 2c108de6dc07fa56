"""A local AWS and a local Entra ID, so that all of this project runs without a cloud account."""
