"""Take in a whole caseload from one file: all of it, or nothing and every reason."""
