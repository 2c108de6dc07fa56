"""`python -m operate.consequences` writes the tables of docs/guard.md."""

from operate.consequences import main

main()
