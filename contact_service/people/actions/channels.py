"""Add, change and end the channels of a person; warn of equal ones.  Evidence names a channel by its id alone."""

from dataclasses import dataclass, replace

from contact_service.audit.events import EventType
from contact_service.errors import BadInput, NotFound
from contact_service.ids import CaseId, ChannelId, PersonId
from contact_service.people.actions.recording import Facts, demand_person, record_about
from contact_service.people.actions.sealing import keep_details, sealed_for
from contact_service.people.channel import (
    Channel,
    ChannelKind,
    NewChannel,
    SafeRule,
    SameChannel,
    clean_value,
    compared,
    demand_rule,
    to_bytes,
)
from contact_service.people.queries.channels import OLD, channels_of, digests_of, same_channels
from contact_service.people.queries.members import details_of
from contact_service.people.tables import ChannelRow
from contact_service.work import Work

MOST_CHANNELS = 10


@dataclass(frozen=True, kw_only=True)
class Added:
    """A channel that was kept, and the warning: who else has an equal one."""

    channel: ChannelId
    same: tuple[SameChannel, ...]


def add_channel(work: Work, person: PersonId, new: NewChannel) -> Added:
    """Keep a channel; an equal one of somebody else is no error but a warning.  Raises ``BadInput``."""
    case = demand_person(work, person)
    value = clean_value(new.kind, new.value)
    demand_rule(new.rule)
    mine = channels_of(work, person)
    if any((c.kind, c.value.casefold()) == (new.kind, value.casefold()) for c in mine):
        raise BadInput("This is written down already. Change its rule instead.", "value")
    if len(mine) >= MOST_CHANNELS:
        raise BadInput("These are too many. End one that is not used.", "value")
    adopt_old_channels(work, person)  # only now: until here nothing has changed
    row = _new_row(work, person, replace(new, value=value))
    same = same_channels(work, new.kind, value, besides=person)
    facts: Facts = (("channel", row.id), ("kind", new.kind), ("use", new.rule.use), ("equal", len(same)))
    record_about(work, EventType.CHANNEL_ADDED, case, [(person, "reached")], facts=facts)
    return Added(channel=ChannelId(row.id), same=same)


def _new_row(work: Work, person: PersonId, new: NewChannel) -> ChannelRow:
    sealed = sealed_for(work, person, to_bytes(new.value, new.rule), field="channel")
    row = ChannelRow(
        id=work.new_id(),
        person_id=person,
        kind=new.kind,
        sealed=sealed,
        digest=digests_of(work, new.kind, new.value)[0],  # sealing has made the first root
        confirmed_by=work.actor.ref if new.confirmed else None,
        confirmed_at=work.now if new.confirmed else None,
        added_at=work.now,
    )
    work.session.add(row)
    work.session.flush()
    return row


def change_rule(
    work: Work, person: PersonId, channel: ChannelId, rule: SafeRule, *, confirmed: bool
) -> Added:
    """Say anew when a channel may be used, and who found that out; raises ``NotFound`` or ``BadInput``."""
    case = demand_person(work, person)
    demand_rule(rule)
    found = _found(work, person, channel)
    row = work.session.get_one(ChannelRow, found.id)
    row.sealed = sealed_for(work, person, to_bytes(found.value, rule), field="channel")
    if confirmed:
        row.confirmed_by, row.confirmed_at = work.actor.ref, work.now
    work.session.add(row)
    work.session.flush()
    same = same_channels(work, found.kind, found.value, besides=person)
    facts: Facts = (("channel", row.id), ("use", rule.use), ("equal", len(same)))
    record_about(work, EventType.CHANNEL_CHANGED, case, [(person, "reached")], facts=facts)
    return Added(channel=found.id, same=same)


def end_channel(work: Work, person: PersonId, channel: ChannelId) -> None:
    """Nobody is reached by this channel any more; raises ``NotFound``."""
    case = demand_person(work, person)
    row = work.session.get_one(ChannelRow, _found(work, person, channel).id)
    row.ended_at, row.digest = work.now, None
    work.session.add(row)
    record_about(work, EventType.CHANNEL_ENDED, case, [(person, "reached")], facts=(("channel", row.id),))


def doubt_number(work: Work, case: CaseId, person: PersonId, channel: ChannelId) -> ChannelId:
    """Somebody else answered: neither this number nor an equal one of theirs is confirmed; its id from now on.

    Whoever calls has decided that the actor may say so; no text goes there until somebody confirms it anew.
    """
    wrong = adopt_old_channels(work, person).get(channel, channel)
    mine = channels_of(work, person)
    values = {compared(one.kind, one.value) for one in mine if one.id == wrong}
    for one in mine:
        if one.kind is ChannelKind.PHONE and compared(one.kind, one.value) in values:
            row = work.session.get_one(ChannelRow, one.id)
            row.confirmed_by = row.confirmed_at = None
            work.session.add(row)
            facts: Facts = (("channel", row.id), ("use", one.rule.use))
            record_about(
                work,
                EventType.CHANNEL_CHANGED,
                case,
                [(person, "reached")],
                reason="wrong_number",
                facts=facts,
            )
    work.session.flush()
    return wrong


def _found(work: Work, person: PersonId, channel: ChannelId) -> Channel:
    """The channel, adopted first when an earlier release kept it; raises ``NotFound``."""
    adopted = adopt_old_channels(work, person)
    wanted = adopted.get(channel, channel)
    found = next((c for c in channels_of(work, person) if c.id == wanted), None)
    if found is None:
        raise NotFound
    return found


def adopt_old_channels(work: Work, person: PersonId) -> dict[ChannelId, ChannelId]:
    """Turn what an earlier release kept in the details into channels; return their new ids by the old ones.

    It changes where things are kept and not what is known, so it has no line of its own; the caller's change has.
    """
    old = [c for c in channels_of(work, person) if c.id in OLD]
    adopted = {
        c.id: ChannelId(_new_row(work, person, NewChannel(kind=c.kind, value=c.value)).id) for c in old
    }
    if old:
        keep_details(work, person, replace(details_of(work, person), email="", phone=""))
    return adopted
