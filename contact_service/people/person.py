"""What we know about one person, and what people are to each other."""

import json
from dataclasses import asdict, dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from contact_service.ids import CaseId, PersonId, Ref
from contact_service.people.language import Language, from_plain

ADULT_AT = 18


class MemberRole(StrEnum):
    """What a person is in a case."""

    CHILD = "child"
    FAMILY_MEMBER = "family_member"
    CAREGIVER = "caregiver"
    PROFESSIONAL = "professional"


class Relation(StrEnum):
    """What a person is to a child."""

    PARENT = "parent"
    SIBLING = "sibling"
    HALF_SIBLING = "half_sibling"
    KIN = "kin"
    CAREGIVER = "caregiver"
    INTERPRETER = "interpreter"
    ADVOCATE = "advocate"
    SELF = "self"
    OTHER = "other"


class Need(StrEnum):
    """What a person needs so that a visit works for them."""

    HEARING = "hearing"
    SIGHT = "sight"
    READING = "reading"
    DEVICE = "device"
    DATA_PLAN = "data_plan"
    SUPPORT_WORKER = "support_worker"


@dataclass(frozen=True, kw_only=True)
class Details:
    """Personal fields; at rest they are sealed under the person's own key.

    ``known_as`` is the first or chosen name that others may see, ``preferred`` how staff address the person; both are
    set by staff.  ``zone`` is the IANA zone whose clock an adult lives by, empty where nobody knows.  ``email`` and
    ``phone`` are read from what earlier releases sealed; new ones are channels.
    """

    name: str
    known_as: str
    email: str = ""
    phone: str = ""
    born_on: str = ""
    preferred: str = ""
    pronouns: str = ""
    languages: tuple[Language, ...] = ()
    needs: tuple[Need, ...] = ()
    support: str = ""
    aliases: tuple[str, ...] = ()
    zone: str = ""

    def to_bytes(self) -> bytes:
        """The fields as JSON, to be sealed."""
        return json.dumps(asdict(self), sort_keys=True).encode()

    @classmethod
    def from_bytes(cls, text: bytes) -> "Details":
        """The inverse of ``to_bytes``, also of what earlier releases sealed."""
        plain: dict[str, Any] = json.loads(text)
        return cls(
            **plain
            | {
                "languages": tuple(from_plain(one) for one in plain.get("languages", ())),
                "needs": tuple(Need(one) for one in plain.get("needs", ())),
                "aliases": tuple(plain.get("aliases", ())),
            }
        )

    def is_adult_on(self, day: date) -> bool | None:
        """Whether the person has turned 18 by ``day``; None when the birthday is not known."""
        if not self.born_on:
            return None
        born = date.fromisoformat(self.born_on)
        return (day.year - born.year - ((day.month, day.day) < (born.month, born.day))) >= ADULT_AT


# What is left to say of somebody whose key was destroyed.
FORGOTTEN = Details(name="", known_as="")


@dataclass(frozen=True, kw_only=True)
class Member:
    """One person in one case."""

    person: PersonId
    case: CaseId
    ref: Ref
    role: MemberRole
    relation: Relation
    relation_word: str
    details: Details

    def is_minor_on(self, day: date) -> bool:
        """Whether this is a child of the case, or somebody known to be under 18 on ``day``."""
        return self.role is MemberRole.CHILD or self.details.is_adult_on(day) is False

    @property
    def known_as(self) -> str:
        """The first name or chosen name, set by staff: the only name that other families may see."""
        return self.details.known_as
