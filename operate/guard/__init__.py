"""Say what a plan does to people, and refuse what cannot be undone."""
