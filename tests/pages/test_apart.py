"""Two people who must never learn of each other: a scan of every byte that either side is given."""

import json
import re
from datetime import datetime, timedelta

import httpx
import pytest
from fastapi.routing import APIRoute
from sqlalchemy import text as text_of_sql
from starlette.types import ASGIApp

from contact_service import actor
from contact_service.ids import InvitationId, PersonId
from contact_service.invitations.actions import inviting, stopping
from contact_service.invitations.token import ticket_text
from contact_service.jobs.composing import Post
from contact_service.jobs.letters import send_letters
from contact_service.notifications.message import MessageKind
from contact_service.pages import every
from contact_service.people.queries import members as people
from contact_service.people.queries.channels import channels_of
from contact_service.policy.decision import Refused
from contact_service.proposals.queries import choice_secret
from contact_service.protocol.link import EventKind
from contact_service.restrictions.actions import NewRestriction
from contact_service.restrictions.restriction import RestrictionKind, RestrictionSource, StopReason
from contact_service.visits.reasons import CancelReason
from contact_service.visits.visit import Visit
from contact_service.work import read
from tests.cast import House, Phone
from tests.jobs.conftest import Office, office as office_of_jobs
from tests.pages.conftest import AFTER, PAGES, Browser, browser, open_link, tell_alone
from tests.proposals.helpers import opened

office = office_of_jobs
NEXT_WEEK = tuple(datetime(2030, 5, day, 16) for day in (22, 23))  # noqa: DTZ001  on the wall


def apart(house: House) -> None:
    with house.work(house.cast.karim) as work:
        kept = stopping.restrict(
            work,
            house.cast.case,
            NewRestriction(
                kind=RestrictionKind.APART,
                person=house.cast.dana,
                other=house.cast.emil,
                source=RestrictionSource.AGENCY_DECISION,
            ),
        )
    assert not isinstance(kept, Refused)


def canaries(house: House, person: PersonId, visit: Visit) -> set[bytes]:
    """Everything that would tell of somebody: names, addresses, identifiers of theirs and of their visit."""
    with house.reading(house.cast.karim) as work:
        member = people.member(work, person)
        reached = {channel.value for channel in channels_of(work, person)}
    theirs = next(p for p in visit.families() if p.person == person)
    invitation = house.invitation(visit, member.person)
    words = {member.details.name, *member.details.name.split(), member.known_as, *reached}
    return {
        w.encode() for w in words | {member.ref, person, theirs.id, visit.id, visit.room, invitation.id} if w
    }


def read_all(one: Browser, base: str) -> bytes:
    """Every page and answer of one side, headers included."""
    seen = b""
    for page in (*PAGES, *AFTER, "/nothing"):
        seen += _whole(one.get(base + page))
    return seen


FAMILY_MESSAGES = {
    MessageKind.INVITATION,
    MessageKind.REMINDER,
    MessageKind.CHOOSE_A_TIME,
    MessageKind.CONSENT_COPY,
    MessageKind.NOT_TAKING_PLACE,
    MessageKind.STOP_NOTICE,
}
STAFF_MESSAGES = {
    MessageKind.REQUEST_WAITING,
    MessageKind.REQUEST_DECIDED,
    MessageKind.VISIT_STOPPED,
    MessageKind.HANDED_OVER,
    MessageKind.NOT_REACHED,
    MessageKind.TIME_FREED,
    MessageKind.SIGN_IN_ADDED,
    MessageKind.SIGN_IN_REMOVED,
    MessageKind.SIGN_IN_RESET,
    MessageKind.SIGN_IN_TRIED,
    MessageKind.PASSWORD_CHANGED,
    MessageKind.PASSWORD_RESET,
    MessageKind.RECOVERY_CODE_USED,
    MessageKind.LINKS_GUESSED,
    MessageKind.MANY_RECORDS_READ,
    MessageKind.CODE_STOPPED,
    MessageKind.EMERGENCY_ACCESS,
}


def test_the_scan_reads_every_page_that_a_link_opens() -> None:
    pages = {
        route.path.removeprefix("/v/{invitation}").replace("{number}", "1")
        for module in every.PAGES
        for route in module.router.routes
        if isinstance(route, APIRoute) and "GET" in (route.methods or ()) and "{invitation}" in route.path
    }
    assert pages <= {*PAGES, *AFTER}
    assert set(MessageKind) == FAMILY_MESSAGES | STAFF_MESSAGES


def answers_and_asks(one: Browser, base: str, phone: Phone) -> bytes:
    """Yes to every card, the device checked, and a ticket for the relay: each answer of the service."""
    seen = b""
    for number in range(1, 5):
        card = one.get(f"{base}/consent/{number}").text
        hidden = dict(re.findall(r'name="(csrf|purpose|version)" value="([^"]*)"', card))
        seen += _whole(one.post(f"{base}/consent/{number}", hidden | {"answer": "yes"}))
    csrf = {"x_csrf": one.csrf(f"{base}/withdraw")}
    seen += _whole(one.send(f"{base}/check", {"camera": "ok", "microphone": "ok"}, **csrf))
    given = one.send(f"{base}/nonce", {}, **csrf)
    text = ticket_text(InvitationId(base.rpartition("/")[2]), given.json()["nonce"])
    said = {"nonce": given.json()["nonce"], "signature": phone.sign(text)}
    ticket = one.send(f"{base}/ticket", said, **csrf)
    assert "ticket" in ticket.json(), ticket.text
    return seen + _whole(given) + _whole(ticket)


def chooses_and_answers(one: Browser, house: House, choice: Visit, booked: Visit, me: PersonId) -> bytes:
    """A choice seen, a time taken, and an answer to an invitation before its time: each page."""
    with read(house.installation, actor.SCHEDULE) as work:
        link = {"secret": choice_secret(work, choice.id, me)}
    invited = {"secret": house.secret(booked, me)}
    posted = [
        one.post("/v/choice", link),
        one.post("/v/choice/take", link | {"place": "1"}),
        one.post("/v/answer", invited),
        one.post("/v/answer/say", invited | {"answer": "cannot", "why": "ill"}),
        one.post("/v/answer/say", invited | {"answer": "coming"}),
    ]
    assert [answer.status_code for answer in posted] == [200] * len(posted)
    return b"".join(map(_whole, posted))


def stop_at_once(house: House, me: PersonId) -> None:
    urgent = NewRestriction(
        kind=RestrictionKind.SUSPENDED,
        person=me,
        other=house.cast.mia,
        source=RestrictionSource.AGENCY_DECISION,
        reason=StopReason.SAFETY,
    )
    with house.work(house.cast.karim) as work:
        assert not isinstance(stopping.restrict(work, house.cast.case, urgent), Refused)


def _whole(answer: httpx.Response) -> bytes:
    return answer.content + json.dumps(dict(answer.headers)).encode()


@pytest.mark.parametrize("reader", ["dana", "emil"])
def test_no_message_and_no_answer_tells_either_side_of_the_other(
    app: ASGIApp, house: House, office: tuple[Office, Post], reader: str
) -> None:
    """Every kind of message that a family is sent, and every answer on the way to the room."""
    apart(house)
    keeper, post = office
    me = getattr(house.cast, reader)
    other = house.cast.emil if reader == "dana" else house.cast.dana
    mine = house.approved(people=(me,))
    theirs = house.approved(people=(other,), wall_start=house.wish().wall_start.replace(hour=17))
    later = house.approved(people=(me,), wall_start=house.wish().wall_start.replace(day=17))
    choice = opened(house, people=(me,), asked=(me,), times=NEXT_WEEK)
    send_letters(house.installation, post)
    forbidden, own = canaries(house, other, theirs), canaries(house, me, mine)
    chosen = chooses_and_answers(browser(app), house, choice, later, me)
    with house.work(house.cast.karim) as work:
        inviting.cancel(work, later.id, CancelReason.CHILD_ILL)
    house.clock.at = mine.starts_at - timedelta(hours=2)
    send_letters(house.installation, post)
    house.opened(mine)
    one, phone = browser(app), Phone()
    base = open_link(one, house.secret(mine, me), phone).json()["go"].rstrip("/")
    seen = chosen + answers_and_asks(one, base, phone)
    stop_at_once(house, me)
    send_letters(house.installation, post)
    letters = [text for text in keeper.texts() if f"To: {reader}@".encode() in text]
    with house.installation.engine.connect() as connection:
        asked = text_of_sql("SELECT kind FROM outbox WHERE state = 'sent' AND person_id = :me")
        kinds = {MessageKind(row[0]) for row in connection.execute(asked, {"me": me})}
    assert kinds == FAMILY_MESSAGES
    seen += b"".join(letters) + read_all(one, base)
    assert [found for found in sorted(forbidden) if found in seen] == []
    assert sum(found in seen for found in own) >= 3, "the scan would see what is there"


@pytest.mark.parametrize("reader", ["dana", "emil"])
def test_no_byte_that_one_side_is_given_tells_of_the_other(
    app: ASGIApp, house: House, office: tuple[Office, Post], reader: str
) -> None:
    apart(house)
    keeper, post = office
    visits = {
        "dana": house.approved(people=(house.cast.dana,)),
        "emil": house.approved(
            people=(house.cast.emil,), wall_start=house.wish().wall_start.replace(hour=17)
        ),
    }
    send_letters(house.installation, post)
    other = "emil" if reader == "dana" else "dana"
    mine, theirs = visits[reader], visits[other]
    forbidden = canaries(house, getattr(house.cast, other), theirs)
    letters = b"".join(one for one in keeper.texts() if f"To: {reader}@".encode() in one)
    assert letters
    opened = house.opened(mine)
    one = browser(app)
    answer = open_link(one, house.secret(mine, getattr(house.cast, reader)), Phone())
    base = answer.json()["go"].rstrip("/")
    seen = letters + answer.content + read_all(one, base)
    tell_alone(one, base)
    seen += read_all(one, base)
    house.relay(opened, EventKind.ENDED, 1, reason="safety")
    seen += read_all(one, base)
    assert [found for found in sorted(forbidden) if found in seen] == []
    own = canaries(house, getattr(house.cast, reader), mine)
    assert sum(found in seen for found in own) >= 4, "the scan would see what is there"


def test_the_two_are_never_booked_together_and_the_reason_names_nobody_to_them(house: House) -> None:
    apart(house)
    with house.work(house.cast.karim) as work:
        refused = inviting.request_visit(work, house.wish(people=(house.cast.dana, house.cast.emil)))
    assert isinstance(refused, Refused)
    assert set(refused.rules) == {"R3"}
