"""Whose time is taken by what: nobody is booked twice at once, and the database itself sees to it."""
