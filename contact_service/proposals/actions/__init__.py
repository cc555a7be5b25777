"""Act on proposals and replies, each in the caller's transaction."""
