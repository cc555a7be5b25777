"""Where somebody is during one visit, and how help is called there (feature I16)."""

import json
from dataclasses import asdict, dataclass
from importlib.resources import files

LONGEST_PLACE = 300
LONGEST_NUMBER = 40
ANYWHERE = "112"
"""What mobile phones connect to the local emergency service in most countries (3GPP TS 22.101, 10.1)."""

# What to dial for police, fire and ambulance, by ISO 3166 country, where it is not 112 alone.
_NUMBERS = {
    "AU": "000",
    "CA": "911",
    "GB": "999",
    "GG": "999",
    "HK": "999",
    "IE": "999",
    "IM": "999",
    "JE": "999",
    "MX": "911",
    "NZ": "111",
    "PR": "911",
    "US": "911",
}


@dataclass(frozen=True, kw_only=True)
class Whereabouts:
    """As somebody said it to the visit supervisor at their admission; at rest sealed under the child's key.

    ``emergency`` is what is dialled for help at that place, from there.
    """

    place: str
    call_back: str
    emergency: str

    def to_bytes(self) -> bytes:
        """The words as JSON, to be sealed."""
        return json.dumps(asdict(self), sort_keys=True).encode()

    @classmethod
    def from_bytes(cls, text: bytes) -> "Whereabouts":
        """The inverse of ``to_bytes``."""
        return cls(**json.loads(text))

    def is_whole(self) -> bool:
        """Whether there is a place to send help to, and there are two numbers to ring, each of a length to be read."""
        numbers = (self.call_back, self.emergency)
        return (
            0 < len(self.place.strip()) <= LONGEST_PLACE
            and all(len(one) <= LONGEST_NUMBER for one in numbers)
            and all(sum(sign.isdecimal() for sign in one) >= len(ANYWHERE) for one in numbers)
        )


def emergency_number(zone: str) -> str:
    """What is dialled for help where the clocks of ``zone`` are kept; ``ANYWHERE`` for what is not known better."""
    return _NUMBERS.get(_countries().get(zone, ""), ANYWHERE)


def _countries() -> dict[str, str]:
    """The country of each IANA zone, by the table that comes with the zones themselves."""
    if not _COUNTRIES:
        table = files("tzdata").joinpath("zoneinfo/zone.tab").read_text(encoding="utf-8")
        rows = (line.split("\t") for line in table.splitlines() if line and not line.startswith("#"))
        _COUNTRIES.update({row[2]: row[0] for row in rows})
    return _COUNTRIES


_COUNTRIES: dict[str, str] = {}
