"""How long each table is kept, and why."""
