"""Everything that changes what is known of people, each with its line of evidence."""
