"""Series of visits: the same people every so many weeks, checked to the end before they are offered."""
