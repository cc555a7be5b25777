"""Policies to start from, one readable file per place.  Each cites its sources."""

from importlib.resources import files

from contact_service.agency_policy.document import Document
from contact_service.agency_policy.reading import read_policy

PACKS = ("generic", "england", "scotland", "washington")


def pack(name: str) -> str:
    """The text of a pack; raise ``KeyError`` for a name that is not in ``PACKS``."""
    if name not in PACKS:
        raise KeyError(name)
    return files(__name__).joinpath(f"{name}.yaml").read_text(encoding="utf-8")


def read_pack(name: str) -> Document:
    """The policy of a pack."""
    return read_policy(pack(name))
