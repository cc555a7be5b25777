"""Whose time a visit needs, and how much of it around the visit."""

from collections.abc import Iterator
from datetime import datetime

from contact_service.agency_policy.document import Buffer, Buffers
from contact_service.claims.claim import Kind, Span
from contact_service.ids import AccountId, PersonId
from contact_service.visits.wish import Wish


def needed(wish: Wish, buffers: Buffers) -> Iterator[tuple[PersonId | AccountId, Buffer]]:
    """Everybody whom ``wish`` needs, once each, with the time around the visit: children first, the supervisor last."""
    children = [one.child for one in wish.children]
    carers = [one.caregiver for one in wish.children if one.caregiver is not None]
    for person in dict.fromkeys((*children, *wish.people, *carers)):
        yield person, buffers.child if person in (*children, *carers) else buffers.family_member
    if wish.supervisor is not None:
        yield wish.supervisor, buffers.visit_supervisor


def spans(wish: Wish, buffers: Buffers, starts_at: datetime, ends_at: datetime) -> list[Span]:
    """What ``wish`` claims of everybody's time when it starts and ends then."""
    return [
        Span(
            who=who,
            kind=Kind.ACCOUNT if who == wish.supervisor else Kind.PERSON,
            starts_at=starts_at - buffer.before,
            ends_at=ends_at + buffer.after,
        )
        for who, buffer in needed(wish, buffers)
    ]
