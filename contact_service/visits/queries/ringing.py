"""Who of a visit is late, whom its supervisor is to ring about it, and whom they have rung."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlmodel import col, select

from contact_service.agency_policy import queries as agency_policy
from contact_service.errors import NotAllowed
from contact_service.ids import PersonId, Ref, VisitId
from contact_service.people.channel import Channel, ChannelKind, compared
from contact_service.people.queries import members as people
from contact_service.people.queries.channels import channels_of, who_else_has
from contact_service.policy.ringing import (
    CallDue,
    CallMade,
    CallResult,
    CallTo,
    Late,
    Minutes,
    RingFacts,
    calls_due,
)
from contact_service.restrictions.queries import restrictions_between
from contact_service.visits.queries.deciding import takes_no_part
from contact_service.visits.queries.finding import is_supervisor_of, stay_of, visit_for
from contact_service.visits.queries.suiting import watcher_in_conflict
from contact_service.visits.ringing import LateCall, number_part, rung_as
from contact_service.visits.tables import LateCallRow, VisitParticipantRow
from contact_service.visits.visit import NO_WAY_BACK, Participant, ParticipantRole, Visit, VisitState
from contact_service.work import Work

# While everybody is held, nobody new is let in, and the supervisor has something else to do.
_WHILE = frozenset({VisitState.WAITING, VisitState.LIVE})


def calls_due_in(work: Work, visit: Visit) -> tuple[CallDue, ...]:
    """The calls that the visit supervisor is to make now about those who have not come, the longest due first.  R69."""
    if visit.state not in _WHILE or work.now < visit.starts_at:
        return ()
    limits = agency_policy.policy_in_force(work).limits
    minutes = Minutes(
        adult=limits.ring_adult_after, carer=limits.ring_carer_after, duty=limits.ring_duty_after
    )
    facts = RingFacts(
        late=tuple(_late(work, visit, minutes)),
        nobody_since=_alone_since(visit),
        calls=tuple(_call(row) for row in _rows(work, visit.id)),
        minutes=minutes,
        at=work.now,
    )
    return calls_due(facts)


def _late(work: Work, visit: Visit, minutes: Minutes) -> Iterator[Late]:
    """Everybody who is late so long already that somebody is rung about them, but for who takes no part."""
    for participant in visit.families():
        since = _late_since(work, visit, participant)
        to = rung_as(participant)
        is_late = since is not None and work.now >= since + minutes.before(to)
        if since is None or not is_late or not may_be_rung(work, visit, participant):
            continue
        assert participant.person is not None
        numbers = tuple(one.id for one in numbers_to_ring(work, visit, participant.person))
        yield Late(participant=participant.id, to=to, since=since, numbers=numbers)


def may_be_rung(work: Work, visit: Visit, participant: Participant) -> bool:
    """Whether somebody takes part: not whoever was sent out or home, has said no, or is barred at this moment."""
    if participant.person is None or participant.stage in NO_WAY_BACK:
        return False
    return not takes_no_part(work, visit, participant.person, participant.link)


def _late_since(work: Work, visit: Visit, participant: Participant) -> datetime | None:
    """When the clock of somebody who has not appeared started; None for whoever came, or while it stands still."""
    if participant.leg is not None or participant.identity_method:
        return None
    if rung_as(participant) is CallTo.CARER:
        ready = [stay_of(work, one)[0] for one in visit.families() if _is_identified(one)]
    else:
        carers = [one for one in visit.families() if one.role is ParticipantRole.CAREGIVER]
        ready = [one.waiting_since for one in carers if one.leg is not None]
    known = [at for at in ready if at is not None]
    return max(visit.starts_at, min(known)) if known else None


def _is_identified(participant: Participant) -> bool:
    """Whether an adult is there whom the supervisor knows: from now on the child is called."""
    is_adult = participant.role is ParticipantRole.FAMILY_MEMBER
    return is_adult and participant.leg is not None and bool(participant.identity_method)


def _alone_since(visit: Visit) -> datetime | None:
    """From when on the supervisor is there and nobody else ever was; None where somebody is, or was."""
    if any(one.leg is not None or one.identity_method for one in visit.families()):
        return None
    watcher = visit.watcher
    if watcher.leg is None or watcher.waiting_since is None:
        return None
    return max(visit.starts_at, watcher.waiting_since)


def numbers_to_ring(work: Work, visit: Visit, person: PersonId) -> list[Channel]:
    """The numbers on which somebody may be rung at this moment, each once: confirmed ones first, then as entered.

    None under which somebody else answered, until it is confirmed anew, and none that is also a number of
    somebody who must have no contact with whoever takes part, or be kept apart from them.
    """
    local = work.now.astimezone(ZoneInfo(people.zone_of_person(work, person)))
    phones = [one for one in channels_of(work, person) if one.kind is ChannelKind.PHONE]
    # A number that must not be rung by one rule is not rung by another.
    wrong = _found_wrong(work, person)
    unsafe = {
        _same(one)
        for one in phones
        if not one.rule.may_ring_at(local) or (one.id in wrong and one.confirmed_by is None)
    }
    safe = {_same(one): one for one in reversed(phones) if _same(one) not in unsafe}
    alone = [
        one for one in phones if safe.get(_same(one)) is one and not _may_reach_another(work, visit, one)
    ]
    return sorted(alone, key=lambda one: one.confirmed_by is None)


def _found_wrong(work: Work, person: PersonId) -> set[str]:
    """The numbers of somebody under which another answered, in whichever visit; confirmed anew, they are right."""
    query = (
        select(LateCallRow.channel_id)
        .join(VisitParticipantRow, col(VisitParticipantRow.id) == col(LateCallRow.participant_id))
        .where(VisitParticipantRow.person_id == person, LateCallRow.result == CallResult.WRONG_NUMBER.value)
    )
    return set(work.session.exec(query))


def _may_reach_another(work: Work, visit: Visit, channel: Channel) -> bool:
    others = who_else_has(work, channel.kind, channel.value, besides=channel.person)
    return any(
        other in restriction.people
        for other in others
        for restriction in restrictions_between(work, visit.people | {other}, at=work.now)
    )


def _same(channel: Channel) -> str:
    return compared(channel.kind, channel.value)


def number_due(work: Work, visit: Visit, due: CallDue | None) -> Channel | None:
    """The number that the supervisor rings now; None for the duty desk, and where nobody is to be rung.

    Whose number was shown is a reading of its own.  Raises ``NotAllowed`` for everybody else.
    """
    if not is_supervisor_of(work, visit) or watcher_in_conflict(work, visit):
        raise NotAllowed("Only the visit supervisor of this visit is shown whom to ring.")
    if due is None or due.number is None or due.about is None:
        return None
    participant = visit.participant(due.about)
    assert participant is not None
    assert participant.person is not None
    number = next(one for one in numbers_to_ring(work, visit, participant.person) if one.id == due.number)
    work.shows(number_part(participant.id, number.id))
    return number


def late_calls_of(work: Work, visit: VisitId) -> list[LateCall]:
    """The calls that were written down in a visit within reach, oldest first; raises ``NotFound``."""
    found = visit_for(work, visit)
    return [
        LateCall(
            to=CallTo(row.rung),
            participant=found.participant(row.participant_id) if row.participant_id else None,
            result=CallResult(row.result),
            by=Ref(row.rung_by),
            at=row.rung_at,
        )
        for row in _rows(work, visit)
    ]


def _rows(work: Work, visit: VisitId) -> Sequence[LateCallRow]:
    query = select(LateCallRow).where(LateCallRow.visit_id == visit)
    return work.session.exec(query.order_by(col(LateCallRow.rung_at), col(LateCallRow.id))).all()


def _call(row: LateCallRow) -> CallMade:
    return CallMade(
        participant=row.participant_id,
        number=row.channel_id or None,
        result=CallResult(row.result),
        at=row.rung_at,
    )
