"""Who read which child's record, and when: every reading by staff is evidence."""
