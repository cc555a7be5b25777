"""The week of the agency: what its plans ask for, planned from what is known, kept as a draft that a person accepts."""
