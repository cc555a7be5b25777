"""Whether a message is still true, wanted and safe to send at this moment, and to which address."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from contact_service.clearances.queries import establishment_of
from contact_service.identity import queries as identity
from contact_service.invitations import queries as invitations
from contact_service.invitations.actions.reminding import night_of
from contact_service.invitations.reminder_times import USELESS_BEFORE_START, may_go_at
from contact_service.notifications.message import (
    BY_TEXT,
    TO_THE_DESK,
    Fate,
    InHand,
    Medium,
    MessageKind,
    Queued,
    Result,
)
from contact_service.people.channel import HELD_FOR, Channel, ChannelKind
from contact_service.people.queries import members as people
from contact_service.people.queries.channels import channels_of, digests_of
from contact_service.pools.pool import Pool
from contact_service.proposals.queries import is_choice_open
from contact_service.sms.message import mobile
from contact_service.visits.queries.deciding import takes_no_part
from contact_service.visits.queries.finding import visit_by_id
from contact_service.visits.visit import BOOKED, CALLED_OFF, Visit, VisitState
from contact_service.waiting.queries.finding import offer_held
from contact_service.work import Work

# Hours that are safe and a night that is not may push a message from one to the other; a few turns find a way or none.
_MOST_TURNS = 4
_TO_COME = BOOKED | {VisitState.WAITING}


@dataclass(frozen=True, kw_only=True)
class Address:
    """An e-mail address, or a mobile number in E.164; ``by`` is the digest of somebody's channel, empty for staff."""

    medium: Medium
    value: str
    by: str = ""


def where_to(work: Work, message: Queued, in_hand: InHand, *, country: str = "") -> Address | Result:
    """The address to which the message goes now, or why it does not.

    ``country`` is that of numbers without a country's code; empty where no text messages leave.
    """
    visit = visit_by_id(work, message.visit) if message.visit else None
    against = _speaks_against(work, message, visit)
    if against is not None:
        return Result(in_hand=in_hand, fate=against[0], error=against[1])
    if message.account is not None:
        return Address(medium=Medium.EMAIL, value=identity.account_for(work, message.account).email)
    place = _establishment(work, message, visit)
    if place is not None:
        return _to_the_desk(work, message, place, in_hand)
    return _to_themselves(work, message, visit, in_hand, country)


def _to_themselves(
    work: Work, message: Queued, visit: Visit | None, in_hand: InHand, country: str
) -> Address | Result:
    found = _soonest(work, message, visit, country)
    if found is None or found[1] >= message.useless_after:
        error = "no_safe_channel" if found is None else "no_safe_hour"
        return Result(in_hand=in_hand, fate=Fate.GIVEN_UP, error=error)
    channel, at = found
    if at > work.now:
        return Result(in_hand=in_hand, fate=Fate.POSTPONED, until=at)
    by = digests_of(work, channel.kind, channel.value)[0].hex()
    phone = mobile(channel.value, country) if channel.kind is ChannelKind.PHONE else None
    if phone is not None:
        return Address(medium=Medium.SMS, value=phone.number, by=by)
    return Address(medium=Medium.EMAIL, value=channel.value, by=by)


def another_way(work: Work, message: Queued, *, country: str = "") -> datetime | None:
    """When what failed for good may go by another channel of its reader; None where nothing else is safe in time."""
    visit = visit_by_id(work, message.visit) if message.visit else None
    if message.person is None or _speaks_against(work, message, visit) is not None:
        return None
    if _establishment(work, message, visit) is not None:
        return None  # whoever takes part from there is written to there alone
    found = _soonest(work, message, visit, country)
    return found[1] if found is not None and found[1] < message.useless_after else None


def _establishment(work: Work, message: Queued, visit: Visit | None) -> Pool | None:
    """The establishment that such a message goes to, where its reader takes part from one."""
    if visit is None or message.person is None or message.kind not in TO_THE_DESK:
        return None
    return establishment_of(work, message.person, visit.starts_at)


def _to_the_desk(work: Work, message: Queued, place: Pool, in_hand: InHand) -> Address | Result:
    """A link in place of a lost one goes to no address that was written down for it, as with everybody else's.

    Nothing goes to an address that took the place of another a moment ago, nor to the person instead: somebody rings.
    """
    asked_at = message.made_at if message.kind is MessageKind.INVITATION else work.now
    if not place.can_be_written_to(work.now):
        return Result(in_hand=in_hand, fate=Fate.GIVEN_UP, error="no_safe_channel")
    if message.generation > 1 and (place.desk_at is None or place.desk_at > asked_at - HELD_FOR):
        return Result(in_hand=in_hand, fate=Fate.GIVEN_UP, error="no_safe_channel")
    return Address(medium=Medium.DESK, value=place.desk)


def _speaks_against(work: Work, message: Queued, visit: Visit | None) -> tuple[Fate, str] | None:
    """What was called off is said before what came too late: of that nobody needs to be told."""
    reminds = message.kind is MessageKind.REMINDER
    if reminds and visit is not None and _was_changed(message, visit):
        return Fate.SUPERSEDED, "visit_changed"
    if not _link_stands(work, message) or (message.visit is not None and visit is None):
        return Fate.DROPPED, "no_longer_true"
    if visit is not None and _is_invited_again(work, message, visit):
        return Fate.SUPERSEDED, "invited_again"
    if work.now >= message.useless_after:
        return Fate.EXPIRED, "too_late"
    return _needs_no_reminder(work, message, visit) if reminds and visit is not None else None


def _needs_no_reminder(work: Work, message: Queued, visit: Visit) -> tuple[Fate, str] | None:
    assert message.person is not None
    if message.said_again_at is not None and work.now >= message.said_again_at:
        return Fate.SUPERSEDED, "said_again"
    if visit.state not in _TO_COME:
        return Fate.SUPERSEDED, "visit_has_begun"
    if takes_no_part(work, visit, message.person, message.invitation):
        return Fate.DROPPED, "takes_no_part"
    return None


def _was_changed(message: Queued, visit: Visit) -> bool:
    """Whether the visit is not the one that its reader was booked for any more, or at another time."""
    moved = message.useless_after != visit.starts_at - USELESS_BEFORE_START
    return moved or visit.state in CALLED_OFF or message.revision != visit.booked_revision


def _is_invited_again(work: Work, message: Queued, visit: Visit) -> bool:
    """Whether it says that a visit does not take place to which its reader has a link, for that very time.

    It waited for the morning, or for a mail server, and the visit was put back meanwhile: read after the invitation it
    would keep them away.
    """
    if message.kind is not MessageKind.NOT_TAKING_PLACE or message.start_told != visit.starts_at:
        return False
    return any(
        link.live and link.person == message.person for link in invitations.invitations_of(work, visit.id)
    )


def _link_stands(work: Work, message: Queued) -> bool:
    if message.kind is MessageKind.CHOOSE_A_TIME:
        assert message.visit is not None
        return is_choice_open(work, message.visit)
    if message.offer is not None:
        return offer_held(work, message.offer) is not None
    if message.invitation is None:
        return True
    invitation = invitations.invitation_by_id(work, message.invitation)
    return invitation is not None and invitation.live and invitation.generation == message.generation


def _soonest(
    work: Work, message: Queued, visit: Visit | None, country: str
) -> tuple[Channel, datetime] | None:
    """The channel by which it may go soonest, and when: confirmed ones first, then the order they were entered in."""
    assert message.person is not None
    zone = ZoneInfo(people.zone_of_person(work, message.person))
    held = _held_long_enough(work, message, _not_failed(work, message, channels_of(work, message.person)))
    found = [
        (at, channel.confirmed_by is None, number, channel)
        for number, channel in enumerate(_that_take(held, message, country))
        if (at := _may_go_by(work, message, visit, channel, zone)) is not None
    ]
    if not found:
        return None
    at, _, _, channel = min(found)
    return channel, at


def _not_failed(work: Work, message: Queued, found: Sequence[Channel]) -> Sequence[Channel]:
    """Without those by which it failed for good, also where one of them was written down a second time."""
    if not message.failed_by:
        return found
    failed = message.failed_by
    return [c for c in found if failed.isdisjoint(d.hex() for d in digests_of(work, c.kind, c.value))]


def _held_long_enough(work: Work, message: Queued, found: Sequence[Channel]) -> Sequence[Channel]:
    """A link in place of a lost one goes nowhere that was written down for it; reminders of it do after a day.

    Else whoever can talk a worker into a new address could have the link sent there.
    """
    if message.generation <= 1:
        return found
    asked_at = message.made_at if message.kind is MessageKind.INVITATION else work.now
    return [channel for channel in found if channel.was_held(asked_at)]


def _may_go_by(
    work: Work, message: Queued, visit: Visit | None, channel: Channel, zone: ZoneInfo
) -> datetime | None:
    """When it may go by this channel: in its safe hours, and what reminds or wakes not at night; None for never."""
    at = work.now
    for _ in range(_MOST_TURNS):
        safe = channel.rule.writable_from(at.astimezone(zone))
        if safe is None:
            return None
        wakes = channel.kind is ChannelKind.PHONE
        at = _by_day(work, message, visit, safe.astimezone(UTC), wakes=wakes)
        if at == safe:
            return at
    return message.useless_after


def _that_take(found: Sequence[Channel], message: Queued, country: str) -> list[Channel]:
    """The channels to which a message of this kind may go, and last the numbers of which nobody knows what they are.

    A phone takes nothing before somebody confirmed whose it is: numbers were kept for ringing, and no link went there.
    """
    mail = ChannelKind.EMAIL
    phones = {
        c.id: mobile(c.value, country)
        for c in found
        if c.kind is not mail and c.confirmed_by and country and message.kind in BY_TEXT
    }
    takes = [c for c in found if c.kind is mail or phones.get(c.id) is not None]
    return sorted(takes, key=lambda c: (phone := phones.get(c.id)) is not None and not phone.known)


def _by_day(work: Work, message: Queued, visit: Visit | None, at: datetime, *, wakes: bool) -> datetime:
    """``at``, or for a reminder, or a phone that would wake somebody, at night the next instant at which it may."""
    if not (wakes or message.kind is MessageKind.REMINDER) or visit is None or message.person is None:
        return at
    return may_go_at(at, message.start_told or visit.starts_at, night_of(work, message.person))
