"""What both emulators, the sample app and the tests need of a web server."""
