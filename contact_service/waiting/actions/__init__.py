"""Act on the waiting list, each in the caller's transaction."""
