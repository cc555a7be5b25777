"""What changes a series, each with its evidence."""
