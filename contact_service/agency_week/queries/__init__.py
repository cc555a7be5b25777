"""What a week is planned from, and the plans that were made."""
