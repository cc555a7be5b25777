"""Who is at the door: a staff session, or a device bound to a link.  Each opens the Work that its route uses.

Every dependency that opens a Work has scope "function", so that a failed commit is a 500 and never a shown success.
Unsafe requests prove that they come from our own page: their token, and the browser's word on the origin.
"""

import hmac
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Header, Path, Request

from contact_service import actor
from contact_service.actor import Actor
from contact_service.agency_policy.queries import own_languages
from contact_service.errors import LinkReplaced, NotAllowed, NotFound
from contact_service.identity import queries as identity
from contact_service.identity.account import Account
from contact_service.ids import InvitationId
from contact_service.invitations import queries as invitations
from contact_service.invitations.invitation import Invitation, InvitationState
from contact_service.pages.family_language import language_of, languages_offered, switch
from contact_service.pages.rendering import say
from contact_service.pages.site import Site, site_of
from contact_service.pages.words import READING_PURPOSES
from contact_service.readings.actions import write_down_what_was_opened
from contact_service.readings.purpose import ReadingPurpose
from contact_service.readings.reading import part_of
from contact_service.request_limits.known import note_known
from contact_service.staff_door import (
    ID,
    STAFF_COOKIE,
    acting,
    is_own_page,
    read_as_evidence,
    refusals_recorded,
    session_of,
)
from contact_service.visits.queries.finding import visit_by_id
from contact_service.visits.visit import Participant, Visit
from contact_service.work import Work, begin, read

# What somebody reaches who should have signed in with a passkey and did not.
WITHOUT_PASSKEY = ("/w/account", "/w/prove", "/w/sign-out")
# What an auditor reaches who has not said yet what they read for, besides.
WITHOUT_PURPOSE = "/w/purpose"
AnId = Annotated[str, Path(pattern=ID)]


@dataclass(frozen=True, kw_only=True)
class Desk:
    """A signed-in member of staff with an open Work."""

    site: Site
    work: Work
    account: Account
    csrf: str

    def context(self, **more: object) -> dict[str, object]:
        """What every staff page needs, and ``more``."""
        said = self.account.purpose
        staff = {
            "name": self.account.name,
            "roles": [role.value for role in self.account.roles],
            "purpose": say(READING_PURPOSES[ReadingPurpose(said.code)]) if said else "",
        }
        return {"csrf": self.csrf, "agency": self.site.agency_name, "staff": staff, "notice": None} | more


def link_cookie(invitation: str) -> str:
    """The name of the cookie of one invitation; one browser may hold several."""
    return f"__Host-v-{invitation}"


def _session(site: Site, request: Request) -> identity.StaffSession:
    adding = request.url.path.startswith(WITHOUT_PASSKEY)
    cookie, stating = request.cookies.get(STAFF_COOKIE, ""), request.url.path == WITHOUT_PURPOSE
    found = session_of(site.installation, cookie, adding=adding, stating=stating)
    note_known(request.scope, found.account.id)
    return found


def _refusals_recorded(request: Request, who: Actor) -> AbstractContextManager[None]:
    return refusals_recorded(
        site_of(request).installation,
        who,
        asked_for=getattr(request.scope.get("endpoint"), "__name__", "unknown"),
        visit=request.path_params.get("visit", ""),
    )


def _staff_reading(request: Request) -> Iterator[Desk]:
    site = site_of(request)
    session = _session(site, request)
    who = session.account.actor()
    with (
        _refusals_recorded(request, who),
        read_as_evidence(site.installation, who, part=_part(request)) as work,
    ):
        yield Desk(site=site, work=work, account=session.account, csrf=session.csrf)


def _part(request: Request) -> str:
    return part_of(getattr(request.scope.get("route"), "path", ""))


async def form_token(request: Request) -> str:
    """The token of a posted form, empty when there is none."""
    value = (await request.form()).get("csrf", "")
    return value if isinstance(value, str) else ""


@contextmanager
def staff_writing(request: Request, token: str) -> Iterator[Desk]:
    """A desk that may change things, for a session whose ``token`` the page carried; refusals are recorded."""
    site = site_of(request)
    session = _session(site, request)
    who = session.account.actor()
    with _refusals_recorded(request, who):
        demand_own_page(request, token, session.csrf)
        with acting(site.installation, who) as work:
            yield Desk(site=site, work=work, account=session.account, csrf=session.csrf)
            write_down_what_was_opened(work, part=_part(request))


@contextmanager
def staff_returning(request: Request) -> Iterator[Desk]:
    """A desk for somebody who comes back from elsewhere, from a page that carried no token of their session.

    What they bring is to show by itself that this session asked for it; ask ``demand_same_origin`` before.
    """
    site = site_of(request)
    session = _session(site, request)
    who = session.account.actor()
    with _refusals_recorded(request, who), acting(site.installation, who) as work:
        yield Desk(site=site, work=work, account=session.account, csrf=session.csrf)


def _staff_question(request: Request, token: Annotated[str, Depends(form_token)]) -> Iterator[Desk]:
    site = site_of(request)
    session = _session(site, request)
    who = session.account.actor()
    with _refusals_recorded(request, who):
        demand_own_page(request, token, session.csrf)
        with read_as_evidence(site.installation, who, part=_part(request)) as work:
            yield Desk(site=site, work=work, account=session.account, csrf=session.csrf)


def _staff_form(request: Request, token: Annotated[str, Depends(form_token)]) -> Iterator[Desk]:
    with staff_writing(request, token) as desk:
        yield desk


def _staff_json(request: Request, x_csrf: Annotated[str, Header()] = "") -> Iterator[Desk]:
    with staff_writing(request, x_csrf) as desk:
        yield desk


StaffReading = Annotated[Desk, Depends(_staff_reading, scope="function")]
# A posted form that only asks: what was typed stays out of addresses, and nobody waits for a lock.
StaffQuestion = Annotated[Desk, Depends(_staff_question, scope="function")]
StaffForm = Annotated[Desk, Depends(_staff_form, scope="function")]
StaffJson = Annotated[Desk, Depends(_staff_json, scope="function")]


@dataclass(frozen=True, kw_only=True)
class Guest:
    """A device bound to a link, with an open Work.  ``visit`` is seen from the child that the device is brought for.

    Its pages are in ``locale``, which is one of the languages ``offered``.
    """

    site: Site
    work: Work
    invitation: Invitation
    visit: Visit
    participant: Participant | None
    request: Request
    offered: tuple[str, ...]
    locale: str

    @property
    def base(self) -> str:
        """Where this visit's family pages are."""
        return f"/v/{self.invitation.id}"

    def context(self, **more: object) -> dict[str, object]:
        """What every family page needs, and ``more``."""
        site = self.site
        common = {
            "csrf": self.invitation.csrf,
            "agency": site.agency_name,
            "base": self.base,
            "help": site.help,
            "tongues": switch(self.request, self.offered, self.locale),
        }
        return common | more

    def say(self, text: str, /, **values: object) -> str:
        """``text`` in the language of this guest's pages."""
        return say(text, locale=self.locale, **values)


def _holder(site: Site, request: Request, invitation: str) -> tuple[Actor, Invitation]:
    cookie = request.cookies.get(link_cookie(invitation), "")
    with read(site.installation, actor.NOBODY) as work:
        found = invitations.invitation_of_cookie(work, InvitationId(invitation), cookie)
        if found.state is InvitationState.REPLACED:
            raise LinkReplaced
        note_known(request.scope, found.id)
        return invitations.actor_of(work, found.person), found


@contextmanager
def _guest(request: Request, invitation: str, *, token: str | None) -> Iterator[Guest]:
    """A guest who reads (``token`` None), or one who may change things and showed this token."""
    site = site_of(request)
    who, found = _holder(site, request, invitation)
    with _refusals_recorded(request, who), ExitStack() as stack:
        if token is not None:
            demand_own_page(request, token, found.csrf)
        opening = read(site.installation, who) if token is None else begin(site.installation, who)
        work = stack.enter_context(opening)
        visit = visit_by_id(work, found.visit)
        if visit is None:
            raise NotFound
        offered = languages_offered(work)
        # A room asks every two seconds where it stands, and is told no words.
        own = [] if request.url.path.endswith("/state") else own_languages(work, found.person)
        request.state.locale = language_of(request, offered, own)
        yield Guest(
            site=site,
            work=work,
            invitation=found,
            visit=visit.facing(found.person),
            participant=visit.participant(found.participant),
            request=request,
            offered=offered,
            locale=request.state.locale,
        )


def _guest_reading(request: Request, invitation: AnId) -> Iterator[Guest]:
    with _guest(request, invitation, token=None) as guest:
        yield guest


def _guest_form(
    request: Request, invitation: AnId, token: Annotated[str, Depends(form_token)]
) -> Iterator[Guest]:
    with _guest(request, invitation, token=token) as guest:
        yield guest


def _guest_json(request: Request, invitation: AnId, x_csrf: Annotated[str, Header()] = "") -> Iterator[Guest]:
    with _guest(request, invitation, token=x_csrf) as guest:
        yield guest


GuestReading = Annotated[Guest, Depends(_guest_reading, scope="function")]
GuestForm = Annotated[Guest, Depends(_guest_form, scope="function")]
GuestJson = Annotated[Guest, Depends(_guest_json, scope="function")]


def demand_own_page(request: Request, token: str, expected: str) -> None:
    """Raise ``NotAllowed`` unless the request comes from our own page and carries the session's token."""
    demand_same_origin(request)
    if not expected or not hmac.compare_digest(token.encode(), expected.encode()):
        raise NotAllowed("This page is out of date. Load it again, then try once more.")


def demand_same_origin(request: Request) -> None:
    """Raise ``NotAllowed`` when the browser says that another site sent the request."""
    fetched, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
    if not is_own_page(fetched=fetched, origin=origin, public_url=site_of(request).public_url):
        raise NotAllowed("This request came from another site. Open the page here, then try again.")
