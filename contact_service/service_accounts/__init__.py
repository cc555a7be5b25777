"""Machines that use the JSON API: what each may do, for how long, and who answers for it."""
