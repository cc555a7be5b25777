"""Time: from the clock on a kitchen wall to an instant."""
