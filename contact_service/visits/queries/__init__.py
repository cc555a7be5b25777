"""Visits within the actor's reach, and the facts that the rules look at."""
