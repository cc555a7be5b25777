"""What somebody decides by a link before their visit opens: one of several times, that they come, that they cannot.

The secret is posted and never part of an address.  No device is bound: a visit opens later, by its own link.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Form, Request
from pydantic import Field
from starlette.responses import HTMLResponse

from contact_service import actor
from contact_service.agency_policy.queries import own_languages
from contact_service.errors import BadInput, Conflict, NotFound
from contact_service.ids import PersonId, VisitId
from contact_service.invitations import queries as invitations
from contact_service.invitations.actions.guessing import note_unknown
from contact_service.invitations.actions.opening import is_usable
from contact_service.pages.access import demand_same_origin
from contact_service.pages.even import EvenRoute, says_nothing
from contact_service.pages.family_language import language_of, languages_offered
from contact_service.pages.forms import LONGEST_LINE, Posted
from contact_service.pages.rendering import render, say
from contact_service.pages.site import Site, site_of
from contact_service.people.queries import members as people
from contact_service.policy.decision import Refused
from contact_service.proposals import queries
from contact_service.proposals.actions import choosing, replying
from contact_service.proposals.proposal import Answer, ChoiceOver, Proposal, WhyNot
from contact_service.texts import N_
from contact_service.visits.queries.asking import wish_of
from contact_service.visits.queries.finding import visit_by_id
from contact_service.visits.queries.interpreted import without_interpreters
from contact_service.visits.queries.offering import times_for
from contact_service.visits.visit import BOOKED, Visit
from contact_service.work import Work, begin, read

router = APIRouter(route_class=EvenRoute)
_OTHER_TIMES = 3
_ROUND_A_VISIT = timedelta(hours=4)  # twice the longest time around one that a policy may ask for
WHY_NOT = {
    WhyNot.ILL: N_("I am ill"),
    WhyNot.WORK: N_("I have to work"),
    WhyNot.TRAVEL: N_("I am on the way or away"),
    WhyNot.NO_DEVICE: N_("My phone or the internet does not work"),
    WhyNot.OTHER: N_("Something else"),
}


class LinkForm(Posted):
    """The secret of a link."""

    secret: str = Field(max_length=LONGEST_LINE)


class ChoiceForm(LinkForm):
    """One of the times of a choice."""

    place: int


class AnswerForm(LinkForm):
    """Whether somebody comes, and why not, if they say."""

    answer: str = Field(default="", max_length=LONGEST_LINE)
    why: str = Field(default="", max_length=LONGEST_LINE)


class OtherTimeForm(LinkForm):
    """Another time, as it was offered: an instant in ISO 8601."""

    starts_at: str = Field(max_length=LONGEST_LINE)


@router.post("/v/choice")
def choice_page(request: Request, form: Annotated[LinkForm, Form()]) -> HTMLResponse:
    """The times among which to choose."""
    found = _asked(request, form.secret)
    return _choice(request, form.secret, *found) if found else _unusable(request)


@router.post("/v/choice/take")
def take_time(request: Request, form: Annotated[ChoiceForm, Form()]) -> HTMLResponse:
    """Choose a time; whoever is too late, or finds it gone, is told and sees what is left."""
    found = _asked(request, form.secret)
    if found is None:
        return _unusable(request)
    visit_id, person = found
    try:
        with _as_family(request, person) as work:
            result = choosing.choose(work, visit_id, form.place)
    except (ChoiceOver, Conflict, NotFound):
        return _choice(request, form.secret, visit_id, person)
    if isinstance(result, Refused):
        return _choice(request, form.secret, visit_id, person, gone=form.place)
    return _told(
        request,
        person,
        N_("Your visit is booked"),
        N_("You get a message with the link to your visit."),
        when=result.starts_at,
    )


@router.post("/v/answer")
def answer_page(request: Request, form: Annotated[LinkForm, Form()]) -> HTMLResponse:
    """Will you be there?"""
    found = _invited(request, form.secret)
    return _answer(request, form.secret, *found) if found else _unusable(request)


@router.post("/v/answer/say")
def say_whether(request: Request, form: Annotated[AnswerForm, Form()]) -> HTMLResponse:
    """Keep the answer; whoever cannot come is offered other times, if there are any and the policy allows it."""
    found = _invited(request, form.secret)
    if found is None or form.answer not in set(Answer) or form.why not in {"", *WhyNot}:
        return _unusable(request)
    visit, person = found
    said = Answer(form.answer)
    try:
        with _as_family(request, person) as work:
            replying.answer(work, visit.id, said, WhyNot(form.why) if form.why else None)
    except ChoiceOver:
        return _unusable(request)
    if said is Answer.COMING:
        return _told(
            request,
            person,
            N_("Thank you"),
            N_("We know now that you come. Press the same link again when it is time."),
            when=visit.starts_at,
        )
    return _others(request, form.secret, visit, person)


@router.post("/v/answer/other")
def ask_other(request: Request, form: Annotated[OtherTimeForm, Form()]) -> HTMLResponse:
    """Keep another time until the worker has decided."""
    found = _invited(request, form.secret)
    if found is None:
        return _unusable(request)
    visit, person = found
    starts_at = _instant(form.starts_at)
    if not _cannot_come(request, visit, person):  # nobody learns when others are free by asking
        return _answer(request, form.secret, visit, person)
    # Only what is offered: whoever could try any time would learn when the others are free.
    if starts_at not in (offered := _other_times(request, visit)):
        return _others(request, form.secret, visit, person, gone=bool(offered))
    try:
        with _as_family(request, person) as work:
            gone = replying.ask_other_time(work, visit.id, starts_at) is not None
    except ChoiceOver:
        return _known(request, person)
    except Conflict:  # somebody was a moment faster
        gone = True
    if gone:
        return _others(request, form.secret, visit, person, gone=True)
    return _told(
        request,
        person,
        N_("We have asked for this time"),
        N_("We keep it free for you. Your worker decides now, and writes to you."),
        when=starts_at,
    )


def _cannot_come(request: Request, visit: Visit, person: PersonId) -> bool:
    with _reading(request) as work:
        said = queries.replies_to(work, visit).get(person)
    return said is not None and said.answer is Answer.CANNOT


def _instant(typed: str) -> datetime:
    try:
        found = datetime.fromisoformat(typed)
    except ValueError:
        raise BadInput("Choose one of the times.", "starts_at") from None
    if found.tzinfo is None:
        raise BadInput("Choose one of the times.", "starts_at")
    return found


# ---- whose link it is


def _asked(request: Request, secret: str) -> tuple[VisitId, PersonId] | None:
    demand_same_origin(request)
    with _reading(request) as work:
        found = queries.asked_by_secret(work, secret)
    if found is None:
        _count_wrong(request)
    return found


def _invited(request: Request, secret: str) -> tuple[Visit, PersonId] | None:
    """The booked visit of a link that was sent, and whose link it is."""
    demand_same_origin(request)
    with _reading(request) as work:
        found = invitations.invitation_of_secret(work, secret)
        visit = visit_by_id(work, found.visit) if found else None
        if found and visit and is_usable(found, visit) and work.now < visit.starts_at:
            return visit.facing(found.person), found.person
    if found is None:
        _count_wrong(request)
    return None


def _count_wrong(request: Request) -> None:
    with begin(site_of(request).installation, actor.NOBODY) as work:
        note_unknown(work, request.client.host if request.client else "")


@contextmanager
def _reading(request: Request) -> Iterator[Work]:
    with read(site_of(request).installation, actor.SCHEDULE) as work:
        yield work


@contextmanager
def _as_family(request: Request, person: PersonId) -> Iterator[Work]:
    with _reading(request) as work:
        who = invitations.actor_of(work, person)
    with begin(site_of(request).installation, who) as work:
        yield work


# ---- what they see


def _choice(
    request: Request, secret: str, visit_id: VisitId, person: PersonId, *, gone: int = 0
) -> HTMLResponse:
    with _reading(request) as work:
        proposal, visit = queries.proposal_of(work, visit_id), visit_by_id(work, visit_id)
        assert proposal is not None
        assert visit is not None
        # Only to whoever still has to do with it, and only what they were asked about: it may have been moved since.
        if visit.state in BOOKED and person in visit.people and _is_one_of(visit, proposal):
            return _told(
                request,
                person,
                N_("A time is chosen"),
                N_("You get a message with the link to your visit."),
                when=visit.starts_at,
            )
        if not queries.is_choice_open(work, visit_id):
            return _told(
                request, person, N_("This choice is over"), N_("Please call us. We find a time together.")
            )
        times = [one for one in proposal.times if one.place != gone and one.starts_at > work.now]
    context = {
        "secret": secret,
        "times": [{"place": one.place, "starts_at": one.starts_at} for one in times],
        "minutes": int((visit.ends_at - visit.starts_at).total_seconds() // 60),
        "until": proposal.answer_by,
        "gone": bool(gone),
    }
    return _page(request, person, "family/choose.html", context)


def _is_one_of(visit: Visit, proposal: Proposal) -> bool:
    return proposal.chosen_at is not None and visit.starts_at in {one.starts_at for one in proposal.times}


def _answer(request: Request, secret: str, visit: Visit, person: PersonId) -> HTMLResponse:
    with _reading(request) as work:
        reply = queries.replies_to(work, visit).get(person)
    locale = _locale(request, person)
    context = {
        "secret": secret,
        "starts_at": visit.starts_at,
        "minutes": int((visit.ends_at - visit.starts_at).total_seconds() // 60),
        "answered": reply.answer.value if reply else "",
        "why_not": [
            {"value": code.value, "text": say(text, locale=locale)} for code, text in WHY_NOT.items()
        ],
    }
    return _page(request, person, "family/answer.html", context)


def _others(
    request: Request, secret: str, visit: Visit, person: PersonId, *, gone: bool = False
) -> HTMLResponse:
    times = _other_times(request, visit)
    if not times:
        return _known(request, person)
    context = {"secret": secret, "times": times, "gone": gone}
    return _page(request, person, "family/other_times.html", context)


def _other_times(request: Request, visit: Visit) -> Sequence[datetime]:
    """The first three days on which everybody else could; nobody is told why another day is none."""
    with _reading(request) as work:
        if not replying.may_ask_other_time(work, visit):
            return ()
        wish, _ = without_interpreters(work, replace(wish_of(visit), emergency=None))
        offers = times_for(work, wish, besides=visit.id, with_interpreter=True).offers
    apart = visit.ends_at - visit.starts_at + _ROUND_A_VISIT
    return [one.starts_at for one in offers if abs(one.starts_at - visit.starts_at) >= apart][:_OTHER_TIMES]


def _known(request: Request, person: PersonId) -> HTMLResponse:
    return _told(
        request, person, N_("We know that you cannot come"), N_("Your worker calls you, or writes to you.")
    )


def _told(
    request: Request, person: PersonId, title: str, text: str, *, when: datetime | None = None
) -> HTMLResponse:
    locale = _locale(request, person)
    context: dict[str, object] = {
        "title": say(title, locale=locale),
        "text": say(text, locale=locale),
        "when": when,
    }
    return _page(request, person, "family/told.html", context)


def _page(request: Request, person: PersonId, template: str, context: dict[str, object]) -> HTMLResponse:
    """A page by the clock, and in the language, of whoever reads it."""
    with _reading(request) as work:
        zone = people.zone_of_person(work, person)
    locale = _locale(request, person)
    return HTMLResponse(render(template, _around(site_of(request)) | context, locale=locale, zone=zone))


def _locale(request: Request, person: PersonId | None) -> str:
    """That of ``person``; whoever has a link that opens nothing may be anybody, so that their device alone decides."""
    with _reading(request) as work:
        own = own_languages(work, person) if person is not None else ()
        return language_of(request, languages_offered(work), own)


def _unusable(request: Request) -> HTMLResponse:
    """The one neutral answer to every link that opens nothing."""
    says_nothing(request)
    locale = _locale(request, None)
    told = {
        "title": say("This link does not work now", locale=locale),
        "text": say("Please call us. We will help you.", locale=locale),
    }
    return HTMLResponse(render("family/closed.html", _around(site_of(request)) | told, locale=locale))


def _around(site: Site) -> dict[str, object]:
    return {"agency": site.agency_name, "help": site.help}
