"""What we know about one person, and what people are to each other."""

import json
from dataclasses import asdict, dataclass
from enum import StrEnum

from contact_service.ids import CaseId, PersonId, Ref


class MemberRole(StrEnum):
    """What a person is in a case."""

    CHILD = "child"
    FAMILY_MEMBER = "family_member"
    CAREGIVER = "caregiver"


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


@dataclass(frozen=True, kw_only=True)
class Details:
    """Personal fields; at rest they are sealed under the person's own key."""

    name: str
    known_as: str
    email: str = ""
    phone: str = ""
    born_on: str = ""

    def to_bytes(self) -> bytes:
        """The fields as JSON, to be sealed."""
        return json.dumps(asdict(self), sort_keys=True).encode()

    @classmethod
    def from_bytes(cls, text: bytes) -> "Details":
        """The inverse of ``to_bytes``."""
        return cls(**json.loads(text))


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

    @property
    def known_as(self) -> str:
        """The first name or chosen name, set by staff: the only name that other families may see."""
        return self.details.known_as
