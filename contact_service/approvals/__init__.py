"""What needs somebody else's yes besides a visit: contact plans."""
