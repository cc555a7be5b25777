"""Why an auditor reads: said before the first reading of a sign-in.  Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from contact_service.actor import Role

SHORTEST_PURPOSE, LONGEST_PURPOSE = 5, 200


class ReadingPurpose(StrEnum):
    """What somebody from outside a case reads its record for."""

    INSPECTION = "inspection"
    QUALITY = "quality"
    COMPLAINT = "complaint"
    INCIDENT = "incident"
    COPY_ASKED_FOR = "copy_asked_for"
    COURT = "court"


@dataclass(frozen=True, kw_only=True)
class KnownPurpose:
    """What somebody said: a code, and which inspection, complaint or request it is."""

    purpose: ReadingPurpose
    words: str


def reads_for_a_purpose(roles: Iterable[Role]) -> bool:
    """Whether somebody reads across cases as an auditor alone: then they say why before they read anything."""
    worn = set(roles)
    return Role.AUDITOR in worn and Role.APPROVER not in worn
