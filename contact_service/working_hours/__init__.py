"""When members of staff are at work, and when they are away."""
