"""What the stack makes or reads in Amazon Cognito."""
