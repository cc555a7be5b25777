"""How people are reached, and who else is reached in the same way."""

from collections.abc import Collection

from sqlmodel import col, select

from contact_service.ids import ChannelId, PersonId, Ref
from contact_service.keys import queries as keys
from contact_service.people.channel import (
    Channel,
    ChannelKind,
    SafeRule,
    SameChannel,
    compared,
    from_bytes,
)
from contact_service.people.person import FORGOTTEN
from contact_service.people.queries.many import details_of_each
from contact_service.people.queries.members import cases_with, details_of, within_reach
from contact_service.people.tables import ChannelRow, PersonRow
from contact_service.work import Work

# Channels that earlier releases kept in the details have their kind as their id until they are adopted.
OLD = {ChannelId(kind.value): kind for kind in ChannelKind}
DIGEST_PURPOSE = "channel"


def channels_of(work: Work, person: PersonId) -> list[Channel]:
    """The channels of a person, as added; those of earlier releases, which had no rule, come last."""
    query = (
        select(ChannelRow)
        .where(ChannelRow.person_id == person, col(ChannelRow.ended_at).is_(None))
        .order_by(col(ChannelRow.added_at), col(ChannelRow.id))
    )
    kept = work.session.get(PersonRow, person)
    if kept is not None and kept.forgotten_at is not None:
        return []
    return [*(_channel(work, row) for row in work.session.exec(query)), *_old_channels(work, person)]


def who_can_be_written_to(work: Work, people: Collection[PersonId]) -> frozenset[PersonId]:
    """Of ``people`` those to whom a message may ever go, in few questions however many they are."""
    rows = work.session.exec(
        select(ChannelRow)
        .where(col(ChannelRow.person_id).in_(people), col(ChannelRow.ended_at).is_(None))
        .order_by(col(ChannelRow.added_at), col(ChannelRow.id))
    ).all()
    known = {person: one for person, one in details_of_each(work, people).items() if one is not FORGOTTEN}
    found = {
        person for person, one in known.items() if one.email
    }  # a number nobody has confirmed is not written to
    waiting: dict[PersonId, list[ChannelRow]] = {}
    for row in rows:
        waiting.setdefault(PersonId(row.person_id), []).append(row)
    while asked := {
        person: mine.pop() for person, mine in waiting.items() if mine and person in known.keys() - found
    }:
        sealed = {person: row.sealed for person, row in asked.items()}
        opened = keys.open_for_each(
            work.session, work.keys, agency=work.agency, sealed=sealed, field="channel"
        )
        found |= {person for person, text in opened.items() if _opened(asked[person], text).can_be_written_to}
    return frozenset(found)


def _old_channels(work: Work, person: PersonId) -> list[Channel]:
    details = details_of(work, person)
    old = {ChannelKind.EMAIL: details.email, ChannelKind.PHONE: details.phone}
    return [
        Channel(
            id=channel,
            person=person,
            kind=kind,
            value=old[kind],
            rule=SafeRule(),
            confirmed_by=None,
            confirmed_at=None,
            added_at=None,
        )
        for channel, kind in OLD.items()
        if old[kind]
    ]


def _channel(work: Work, row: ChannelRow) -> Channel:
    text = keys.open_for_person(
        work.session, work.keys, agency=work.agency, person=row.person_id, sealed=row.sealed, field="channel"
    )
    return _opened(row, text)


def _opened(row: ChannelRow, text: bytes) -> Channel:
    value, rule = from_bytes(text)
    return Channel(
        id=ChannelId(row.id),
        person=PersonId(row.person_id),
        kind=ChannelKind(row.kind),
        value=value,
        rule=rule,
        confirmed_by=Ref(row.confirmed_by) if row.confirmed_by else None,
        confirmed_at=row.confirmed_at,
        added_at=row.added_at,
    )


def digests_of(work: Work, kind: ChannelKind, value: str) -> list[bytes]:
    """What equal channels are found by, under each root that the agency ever had, newest first."""
    return keys.search_digests(
        work.session, work.keys, agency=work.agency, purpose=DIGEST_PURPOSE, text=compared(kind, value)
    )


def same_channels(work: Work, kind: ChannelKind, value: str, *, besides: PersonId) -> tuple[SameChannel, ...]:
    """Who else in the agency has an equal channel; whoever is out of reach is counted and not named."""
    found = who_else_has(work, kind, value, besides=besides)
    return tuple(SameChannel(person=p if within_reach(work, cases_with(work, p)) else None) for p in found)


def who_else_has(work: Work, kind: ChannelKind, value: str, *, besides: PersonId) -> list[PersonId]:
    """Who else in the agency has an equal channel, whoever asks: to judge by, and not to show."""
    query = (
        select(ChannelRow.person_id)
        .where(
            col(ChannelRow.digest).in_(digests_of(work, kind, value)),
            ChannelRow.person_id != besides,
            col(ChannelRow.ended_at).is_(None),
        )
        .order_by(col(ChannelRow.added_at))
    )
    return [PersonId(person) for person in dict.fromkeys(work.session.exec(query))]
