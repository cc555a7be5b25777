"""Acts of which one person asks and another decides, and what they put in doubt."""
