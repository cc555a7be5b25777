"""Which edition of the IANA zone rules this process reckons with.  Reads the file that ``zoneinfo`` reads beside."""

import zoneinfo
from functools import lru_cache
from importlib import import_module
from pathlib import Path

UNKNOWN = "unknown"
_FIRST_LINE = "# version "


@lru_cache(maxsize=1)
def zone_rules() -> str:
    """Such as ``2026c``; ``unknown`` when the machine's own rules do not say.

    The machine's rules come before the package's, because ``zoneinfo`` looks there first.
    """
    for folder in map(Path, zoneinfo.TZPATH):
        if (folder / "UTC").is_file():
            return _edition(folder / "tzdata.zi")
    return str(getattr(import_module("tzdata"), "IANA_VERSION", UNKNOWN))


def _edition(path: Path) -> str:
    if not path.is_file():
        return UNKNOWN
    with path.open(encoding="utf-8") as lines:
        first = lines.readline().strip()
    return first.removeprefix(_FIRST_LINE) if first.startswith(_FIRST_LINE) else UNKNOWN
