"""`python -m operate.known_errors` writes docs/troubleshooting.md."""

from operate.known_errors import main

main()
