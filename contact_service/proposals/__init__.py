"""What families decide by their link: which of several times, that they come, that they cannot."""
