"""Supervised video visits between children in foster care and their families: booked, run and evidenced."""
