"""Every yes and no, pure.  ``RULES.md`` lists the rules by number; each is cited by a test."""
