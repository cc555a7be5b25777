"""The demo's own pages: where to start, and the messages its mail server caught.

They exist only in the demo, and answer only this machine.
"""

import ipaddress
import re

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse

from contact_service import actor
from contact_service.errors import NotFound
from contact_service.pages.rendering import render
from contact_service.pages.site import DemoDesk, Site, site_of
from contact_service.pages.together import listed
from contact_service.people.queries import members as people
from contact_service.visits.queries.finding import visits_in
from contact_service.visits.visit import BOOKED, IN_THE_ROOM, ParticipantRole, Visit
from contact_service.work import Work, read

router = APIRouter(prefix="/demo")
_LINK = re.compile(r"https?://\S+")
_SIGN_INS = (
    ("karim@demo.example", "worker", "books visits"),
    ("priya@demo.example", "approver", "approves visits"),
    ("lena@demo.example", "visit supervisor", "watches the visit"),
    ("noor@demo.example", "auditor", "reads the history"),
    ("ola@demo.example", "administrator", "publishes the policy that Priya writes"),
)


@router.get("")
def start(request: Request) -> HTMLResponse:
    """Sign-ins, links, and what to do first."""
    site, desk = _demo(request)
    with read(site.installation, actor.SCHEDULE) as work:
        visits = visits_in(work, BOOKED | IN_THE_ROOM)
        visit = _visit(work, visits[0]) if visits else None
    context = {
        "agency": site.agency_name,
        "visit": visit,
        "password": desk.password,
        "sign_ins": [{"email": e, "role": role, "does": does} for e, role, does in _SIGN_INS],
        "links": [
            {"who": message.to, "url": link}
            for message in desk.messages()
            for link in _LINK.findall(message.text)
            if "/v#" in link
        ],
    }
    return HTMLResponse(render("demo/start.html", context, zone=site.zone))


@router.get("/messages")
def messages(request: Request) -> HTMLResponse:
    """Every message that left, newest first."""
    site, desk = _demo(request)
    rows = [
        {"to": m.to, "subject": m.subject, "at": m.at, "text": m.text, "links": _LINK.findall(m.text)}
        for m in reversed(desk.messages())
    ]
    context = {"agency": site.agency_name, "messages": rows}
    return HTMLResponse(render("demo/messages.html", context, zone=site.zone))


def _demo(request: Request) -> tuple[Site, DemoDesk]:
    site = site_of(request)
    host = request.client.host if request.client else ""
    if site.demo is None or not _is_loopback(host):
        raise NotFound
    return site, site.demo


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _visit(work: Work, visit: Visit) -> dict[str, object]:
    adults = [
        people.details_of(work, p.person).known_as
        for p in visit.families()
        if p.person and p.role is ParticipantRole.FAMILY_MEMBER
    ]
    return {
        "child": listed(people.details_of(work, one.child).known_as for one in visit.children),
        "with": " and ".join(adults),
        "starts_at": visit.starts_at,
    }
