"""An establishment's clearance for one person to meet one child from there.  Pure.

It is about contact with that child, and not about one visit: it counts on every day until it is over or refused.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from contact_service.ids import PersonId, PoolId, Ref


class Answer(StrEnum):
    """What the establishment has said: nothing yet, yes, or no."""

    NONE = "none"
    GRANTED = "granted"
    REFUSED = "refused"


class Standing(StrEnum):
    """Where clearance stands on a day."""

    MISSING = "missing"
    ASKED = "asked"
    GRANTED = "granted"
    REFUSED = "refused"
    EXPIRED = "expired"


@dataclass(frozen=True, kw_only=True)
class Clearance:
    """One question to an establishment and its answer; ``last`` is the last day of a yes, None: no end is known."""

    id: str
    pool: PoolId
    person: PersonId
    child: PersonId
    asked_by: Ref
    asked_at: datetime
    answer: Answer
    answered_by: Ref | None
    answered_at: datetime | None
    last: date | None


@dataclass(frozen=True, kw_only=True)
class Meets:
    """Somebody who meets a child in a visit, and ``there``, whose place it is: themselves, or whoever brings them.

    ``side``: the child of the visit with whom it stands.  Only that child's workers may read from where it is.
    """

    person: PersonId
    child: PersonId
    there: PersonId
    side: PersonId


def asked_there(found: Iterable[Clearance], child: PersonId, pool: PoolId) -> list[Clearance]:
    """Of what was asked about somebody, what one establishment was asked about one child."""
    return [one for one in found if (one.child, one.pool) == (child, pool)]


def standing(found: Iterable[Clearance], on: date) -> Standing:
    """Where one person's clearance for one child at one establishment stands on a day.

    The newest answer counts.  A new question takes nothing from an answer that stands.
    """
    # Of two answers of one moment the no counts.
    asked = sorted(found, key=lambda one: (one.answered_at or one.asked_at, one.answer is Answer.REFUSED))
    answered = [one for one in asked if one.answer is not Answer.NONE]
    waits = any(one.answer is Answer.NONE for one in asked)
    if not answered:
        return Standing.ASKED if waits else Standing.MISSING
    newest = answered[-1]
    if newest.answer is Answer.GRANTED and (newest.last is None or on <= newest.last):
        return Standing.GRANTED
    if waits:
        return Standing.ASKED
    return Standing.REFUSED if newest.answer is Answer.REFUSED else Standing.EXPIRED
