"""What was asked once is done once: the answers to requests of the JSON API, kept for a day under their keys."""
