"""Addresses that staff recognise and nobody can write to."""


def masked(value: str) -> str:
    """The first letter and the domain of an e-mail address, the last three digits of a number; empty for nothing."""
    name, _, domain = value.partition("@")
    return f"{name[:1]}…@{domain}" if domain else value and f"…{value[-3:]}"
