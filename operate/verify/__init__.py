"""Ask both clouds whether sign-in works and will last."""
