"""What we tell people: which messages exist, what must never be said in them, and the outbox."""
