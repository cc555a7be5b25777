"""How a door says who came through it, so that they are counted by themselves from then on."""

from collections.abc import MutableMapping
from typing import Any

KNOWN = "contact_service.known"


def note_known(scope: MutableMapping[str, Any], who: str) -> None:
    """Say of a request (its ASGI scope) that it comes from ``who``: an id, after what they showed was found true."""
    scope.setdefault(KNOWN, []).append(who)
