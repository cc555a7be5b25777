"""Dated rules on a person or a pair: who may not meet whom, from when to when, and who decided it."""
