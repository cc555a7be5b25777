"""Figures, measured on the real thing."""
