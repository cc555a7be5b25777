"""A worker opens a case that is not theirs, because it cannot wait; others are told, and one of them looks at it."""
