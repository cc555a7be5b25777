"""Everything that changes a visit, each with its line of evidence in the same transaction."""
