"""Keep a plan of the week; ask for the visits of one that a person accepts."""
