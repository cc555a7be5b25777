"""How a person is reached: each phone number and e-mail address, when it is safe, and who else has the same."""

from typing import Annotated

from fastapi import APIRouter, Form, Path
from starlette.responses import HTMLResponse, RedirectResponse, Response

from contact_service.agency_policy.spans import clock_face
from contact_service.errors import BadInput, NotFound
from contact_service.identity import queries as identity
from contact_service.ids import ChannelId, PersonId
from contact_service.pages.access import AnId, Desk, StaffForm, StaffReading
from contact_service.pages.forms import Posted, minute_of, problem
from contact_service.pages.people_words import CHANNEL_KINDS, SAFE_USES, rule_in_words
from contact_service.pages.reach import child_of, demand_people, person_of
from contact_service.pages.rendering import render, say
from contact_service.pages.words import choices
from contact_service.people.actions import channels as acting
from contact_service.people.channel import Channel, ChannelKind, NewChannel, SafeRule, SafeUse
from contact_service.people.person import Member, MemberRole
from contact_service.people.queries import members as people
from contact_service.people.queries.channels import channels_of, same_channels

router = APIRouter()
# What earlier releases kept has its kind as its id until somebody changes it.
AChannel = Annotated[str, Path(pattern=r"^([0-9a-f]{32}|email|phone)$")]


class ChannelForm(Posted):
    """A channel and its rule as they were typed."""

    kind: str = ""
    value: str = ""
    use: str = ""  # nobody calls a number safe without having chosen to
    earliest: str = ""
    latest: str = ""
    say: str = ""
    confirmed: str = ""


@router.get("/w/child/{child}/person/{person}/channel")
def new_page(desk: StaffReading, child: AnId, person: AnId) -> HTMLResponse:
    """A form for one more channel."""
    demand_people(desk)
    member = child_of(desk, child)
    return _page(desk, member, person_of(desk, member, person), ChannelForm())


@router.post("/w/child/{child}/person/{person}/channel")
def add(desk: StaffForm, child: AnId, person: AnId, form: Annotated[ChannelForm, Form()]) -> Response:
    """Keep it; that somebody else has the same is said on the person's page and stops nothing."""
    demand_people(desk)
    member = child_of(desk, child)
    found = person_of(desk, member, person)
    try:
        acting.add_channel(desk.work, found.person, _new(form))
    except BadInput as error:
        return _page(desk, member, found, form, errors=problem(error))
    return RedirectResponse(f"/w/child/{child}/person/{person}#channels", status_code=303)


@router.get("/w/child/{child}/person/{person}/channel/{channel}")
def rule_page(desk: StaffReading, child: AnId, person: AnId, channel: AChannel) -> HTMLResponse:
    """When it may be used, as a form."""
    demand_people(desk)
    member = child_of(desk, child)
    found = person_of(desk, member, person)
    known = _channel(desk, found.person, channel)
    return _page(desk, member, found, _typed(known), changing=known)


@router.post("/w/child/{child}/person/{person}/channel/{channel}")
def change(
    desk: StaffForm, child: AnId, person: AnId, channel: AChannel, form: Annotated[ChannelForm, Form()]
) -> Response:
    """Say anew when it may be used."""
    demand_people(desk)
    member = child_of(desk, child)
    found = person_of(desk, member, person)
    known = _channel(desk, found.person, channel)
    try:
        acting.change_rule(desk.work, found.person, known.id, _rule(form), confirmed=bool(form.confirmed))
    except BadInput as error:
        return _page(desk, member, found, form, changing=known, errors=problem(error))
    return RedirectResponse(f"/w/child/{child}/person/{person}#channels", status_code=303)


@router.post("/w/child/{child}/person/{person}/channel/{channel}/end")
def end(
    desk: StaffForm,
    child: AnId,
    person: AnId,
    channel: AChannel,
    form: Annotated[Posted, Form()],  # noqa: ARG001
) -> Response:
    """Nobody uses it any more."""
    demand_people(desk)
    member = child_of(desk, child)
    acting.end_channel(desk.work, person_of(desk, member, person).person, ChannelId(channel))
    return RedirectResponse(f"/w/child/{child}/person/{person}#channels", status_code=303)


def channels_shown(desk: Desk, child: Member, person: PersonId) -> list[dict[str, object]]:
    """Each channel with its rule, who found out that it is theirs, and whoever else has the same."""
    names = identity.names_by_ref(desk.work)
    return [
        {
            "id": one.id,
            "kind": one.kind.value,
            "value": one.value,
            "use": one.rule.use.value,
            "rule": rule_in_words(one.rule),
            "say": one.rule.say,
            "confirmed_by": names.get(one.confirmed_by, "") if one.confirmed_by else None,
            "confirmed_at": one.confirmed_at,
            "same": _same(desk, child, one),
        }
        for one in channels_of(desk.work, person)
    ]


def _same(desk: Desk, child: Member, channel: Channel) -> list[dict[str, str | None]]:
    """Who else has an equal channel, and where to look at them; nobody is named whom the reader may not know."""
    found = same_channels(desk.work, channel.kind, channel.value, besides=channel.person)
    return [
        {"name": None, "href": None}
        if one.person is None
        else {
            "name": people.details_of(desk.work, one.person).name,
            "href": f"/w/child/{_child_beside(desk, child, one.person)}/person/{one.person}",
        }
        for one in found
    ]


def _child_beside(desk: Desk, child: Member, person: PersonId) -> PersonId:
    """A child of a case that the person is in: the one on the page when it is the same case."""
    cases = people.cases_with(desk.work, person)
    if child.case in cases:
        return child.person
    reach = set(people.cases_of(desk.work))
    case = next(case for case in cases if case in reach)
    return next(m.person for m in people.members_of(desk.work, case) if m.role is MemberRole.CHILD)


def _channel(desk: Desk, person: PersonId, channel: str) -> Channel:
    found = next((one for one in channels_of(desk.work, person) if one.id == channel), None)
    if found is None:
        raise NotFound
    return found


def _new(form: ChannelForm) -> NewChannel:
    if form.kind not in set(ChannelKind):
        raise BadInput("Choose what it is.", "kind")
    rule = _rule(form)
    return NewChannel(
        kind=ChannelKind(form.kind), value=form.value, rule=rule, confirmed=bool(form.confirmed)
    )


def _rule(form: ChannelForm) -> SafeRule:
    if form.use not in set(SafeUse):
        raise BadInput("Choose when it is safe.", "use")
    use = SafeUse(form.use)
    if use is not SafeUse.BETWEEN:
        return SafeRule(use=use, say=form.say)
    return SafeRule(
        use=use,
        earliest=minute_of(form.earliest, "earliest"),
        latest=minute_of(form.latest, "latest"),
        say=form.say,
    )


def _typed(channel: Channel) -> ChannelForm:
    between = channel.rule.use is SafeUse.BETWEEN
    return ChannelForm(
        kind=channel.kind,
        value=channel.value,
        use=channel.rule.use,
        earliest=clock_face(channel.rule.earliest) if between else "",
        latest=clock_face(channel.rule.latest) if between else "",
        say=channel.rule.say,
    )


def _page(
    desk: Desk,
    child: Member,
    member: Member,
    form: ChannelForm,
    *,
    changing: Channel | None = None,
    errors: list[dict[str, str]] | None = None,
) -> HTMLResponse:
    context = desk.context(
        child={"id": child.person, "name": child.known_as},
        person={"id": member.person, "name": member.details.name},
        changing=None
        if changing is None
        else {
            "id": changing.id,
            "kind": say(CHANNEL_KINDS[changing.kind]),
            "value": changing.value,
        },
        kinds=choices(CHANNEL_KINDS),
        uses=choices(SAFE_USES),
        form=form.model_dump(exclude={"csrf", "once"}),
        errors=errors or [],
        refusals=[],
    )
    page = render("staff/channel.html", context, zone=desk.site.zone)
    return HTMLResponse(page, status_code=422 if errors else 200)
