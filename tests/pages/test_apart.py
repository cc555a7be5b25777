"""Two people who must never learn of each other: a scan of every byte that either side is given."""

import json

import pytest
from starlette.types import ASGIApp

from contact_service.ids import PersonId
from contact_service.invitations.actions import inviting, stopping
from contact_service.jobs.letters import Post, send_letters
from contact_service.people.queries import members as people
from contact_service.people.queries.channels import channels_of
from contact_service.policy.decision import Refused
from contact_service.protocol.link import EventKind
from contact_service.restrictions.actions import NewRestriction
from contact_service.restrictions.restriction import RestrictionKind, RestrictionSource
from contact_service.visits.visit import Visit
from tests.cast import House, Phone
from tests.jobs.conftest import Office, office as office_of_jobs
from tests.pages.conftest import Browser, browser, open_link, tell_alone

office = office_of_jobs
PAGES = (
    "/",
    "/consent/1",
    "/consent/2",
    "/consent/3",
    "/consent/4",
    "/answers",
    "/check",
    "/start",
    "/company",
    "/room",
)
AFTER = ("/state", "/withdraw", "/thanks", "/nothing")


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
    for page in (*PAGES, *AFTER):
        answer = one.get(base + page)
        seen += answer.content + json.dumps(dict(answer.headers)).encode()
    return seen


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
