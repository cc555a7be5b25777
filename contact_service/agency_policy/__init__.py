"""The agency's policy: versioned data that says how its visits are run.  ``policy`` decides by it."""
