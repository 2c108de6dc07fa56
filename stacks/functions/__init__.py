"""What runs in AWS Lambda: each file is deployed as it is, alone."""
