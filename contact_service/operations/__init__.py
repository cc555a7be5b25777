"""What operators need to know: which processes live, and whether the data are made up."""
