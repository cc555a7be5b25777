"""Read what waits for a time, and look for the time."""
