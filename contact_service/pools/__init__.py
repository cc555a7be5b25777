"""Rooms and video links that several people share: who takes part from which, and when each is open."""
