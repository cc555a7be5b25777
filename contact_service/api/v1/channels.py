"""Channels: how a person is reached, and when that is safe."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter
from pydantic import Field, StringConstraints

from contact_service.api.v1.access import Desk, reading, writing
from contact_service.api.v1.bodies import AnId, Answer, Body, Done, MinuteOfDay, Nothing
from contact_service.api.v1.once import OnceRoute
from contact_service.ids import ChannelId, PersonId
from contact_service.people.actions import channels
from contact_service.people.channel import (
    DAY_MINUTES,
    LONGEST_ADDRESS,
    Channel,
    ChannelKind,
    NewChannel,
    SafeRule,
    SafeUse,
)
from contact_service.people.queries import members as people
from contact_service.people.queries.channels import channels_of
from contact_service.service_accounts.scope import Scope

router = APIRouter(route_class=OnceRoute, tags=["people"])
Reader = Annotated[Desk, reading(Scope.PEOPLE_READ)]
Writer = Annotated[Desk, writing(Scope.PEOPLE_WRITE)]


class RuleBody(Body):
    """When a channel may be used; the minutes count for ``between`` alone, ``latest`` excluded."""

    use: SafeUse = SafeUse.ALWAYS
    earliest: MinuteOfDay = 0
    latest: MinuteOfDay = DAY_MINUTES
    confirmed: bool = Field(default=False, description="Somebody found out that it is theirs and safe.")

    def rule(self) -> SafeRule:
        """The rule as the product keeps it."""
        return SafeRule(use=self.use, earliest=self.earliest, latest=self.latest)


class NewChannelBody(RuleBody):
    """A channel as it is entered."""

    kind: ChannelKind
    value: Annotated[str, StringConstraints(max_length=LONGEST_ADDRESS)] = Field(
        examples=["dana@demo.example"]
    )

    def new(self) -> NewChannel:
        """The channel as the product takes it."""
        return NewChannel(kind=self.kind, value=self.value, rule=self.rule(), confirmed=self.confirmed)


class KnownChannel(Answer):
    """A channel of a person."""

    id: str
    kind: ChannelKind
    value: str = Field(examples=["dana@demo.example"])
    use: SafeUse
    earliest: int
    latest: int
    confirmed_at: datetime | None


class KeptChannel(Answer):
    """A channel that was kept, and the warning: who has an equal one; ``others`` are out of reach, and counted."""

    id: str
    same_as: list[str]
    others: int


@router.get("/people/{person}/channels", operation_id="listChannels", summary="How a person is reached")
def listed(desk: Reader, person: AnId) -> list[KnownChannel]:
    """The channels of a person, as added."""
    found = PersonId(person)
    people.open_within_reach(desk.work, people.cases_answering_for(desk.work, found))
    return [_shown(channel) for channel in channels_of(desk.work, found)]


@router.post(
    "/people/{person}/channels",
    status_code=201,
    operation_id="addChannel",
    summary="Add a channel to a person",
)
def add(desk: Writer, person: AnId, body: NewChannelBody) -> KeptChannel:
    """An equal channel of somebody else is a warning and no error."""
    return _kept(channels.add_channel(desk.work, PersonId(person), body.new()))


@router.put(
    "/people/{person}/channels/{channel}",
    operation_id="changeChannel",
    summary="Say anew when a channel may be used",
)
def change(desk: Writer, person: AnId, channel: AnId, body: RuleBody) -> KeptChannel:
    """The value stays; another number is another channel."""
    return _kept(
        channels.change_rule(
            desk.work, PersonId(person), ChannelId(channel), body.rule(), confirmed=body.confirmed
        )
    )


@router.post(
    "/people/{person}/channels/{channel}/end", operation_id="endChannel", summary="Use a channel no more"
)
def end(desk: Writer, person: AnId, channel: AnId, body: Nothing) -> Done:  # noqa: ARG001  refuses unknown members
    """Nobody is reached by it from now."""
    channels.end_channel(desk.work, PersonId(person), ChannelId(channel))
    return Done(id=channel, at=desk.work.now)


def _kept(added: channels.Added) -> KeptChannel:
    known = [same.person for same in added.same if same.person is not None]
    return KeptChannel(id=added.channel, same_as=list(known), others=len(added.same) - len(known))


def _shown(channel: Channel) -> KnownChannel:
    return KnownChannel(
        id=channel.id,
        kind=channel.kind,
        value=channel.value,
        use=channel.rule.use,
        earliest=channel.rule.earliest,
        latest=channel.rule.latest,
        confirmed_at=channel.confirmed_at,
    )
