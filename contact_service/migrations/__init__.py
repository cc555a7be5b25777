"""Schema changes, one file each, named with date and ``pre`` (before the new release runs) or ``post`` (after it)."""
