"""What `verify` looks at, side by side: the registration, the user pool, and the way between them."""
