"""`python -m operate.troubles` writes docs/troubleshooting.md."""

from operate.troubles import main

main()
