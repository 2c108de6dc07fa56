"""`python -m operate.guard.impacts` writes the tables of docs/guard.md."""

from operate.guard.impacts import main

main()
