"""Which agencies one installation serves: how they are made, found by address, closed, and taken away in whole."""
