"""Series of visits every so many weeks: of the same people, or of those who can come; checked to the end first."""
