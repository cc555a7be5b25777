"""Add, use and take away what proves who signs in."""
