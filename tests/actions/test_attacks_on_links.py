"""A2 to A8 of the attacks on links: forwarded, raced for, guessed, replayed, stolen, and opened by a wrong clock.

``RACES=200`` runs so many races of two devices, ``GUESSES=1000000`` tries so many random links (with ``--timeout=0``).
The figures of long runs stand in ``tests/README.md``.
"""

import logging
import os
import secrets
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier

import pytest
from sqlalchemy import text

from contact_service import actor
from contact_service.invitations.actions import opening
from contact_service.invitations.actions.opening import Device, NotUsable, Opened, TooEarly
from contact_service.invitations.token import looks_like_secret, ticket_text
from contact_service.policy.decision import Permitted, Refused
from contact_service.visits.visit import Visit
from tests.cast import House, Phone

RACES = int(os.environ.get("RACES", "8"))
GUESSES = int(os.environ.get("GUESSES", "300"))
IN_ONE_WORK = 100
FIRST, SECOND = Phone(), Phone()
logger = logging.getLogger(__name__)
Result = Opened | TooEarly | NotUsable


def tap(house: House, secret: str, phone: Phone, cookies: dict[str, str] | None = None) -> Result:
    with house.as_actor(actor.NOBODY) as work:
        return opening.redeem(work, secret, Device(key=phone.key, cookies=cookies or {}, address="192.0.2.1"))


@pytest.fixture
def visit(house: House) -> Visit:
    return house.waiting()


def test_a2_a_forwarded_link_leaves_the_first_device_in_and_tells_whoever_watches(
    house: House, visit: Visit
) -> None:
    secret = house.secret(visit, house.cast.dana)
    tap(house, secret, FIRST)
    assert tap(house, secret, SECOND) == NotUsable()
    assert house.invitation(visit, house.cast.dana).device_key == FIRST.key
    assert house.last_entry()["reason"] == "second_device"
    with house.installation.engine.connect() as connection:
        tried = connection.execute(
            text("SELECT count(*) FROM invitation WHERE tried_elsewhere_at IS NOT NULL")
        )
        assert tried.scalar_one() == 1, "the visit supervisor's page says so"


def unbind(house: House) -> None:
    """Put every link back to where it was sent, for another race."""
    with house.installation.engine.begin() as connection:
        back = "cookie_hash = NULL, device_key = NULL, opened_at = NULL, tried_elsewhere_at = NULL"
        connection.execute(text(f"UPDATE invitation SET state = 'sent', {back}"))  # noqa: S608


def test_a3_of_two_devices_at_the_same_moment_exactly_one_is_bound(house: House, visit: Visit) -> None:
    secret, wins = house.secret(visit, house.cast.dana), {FIRST.key: 0, SECOND.key: 0}
    for race in range(RACES):
        unbind(house)
        start, phones = Barrier(2), (FIRST, SECOND) if race % 2 else (SECOND, FIRST)

        def run(phone: Phone, start: Barrier = start) -> Result:
            start.wait(10)
            return tap(house, secret, phone)

        with ThreadPoolExecutor(2) as threads:
            results = list(threads.map(run, phones))
        won = [p for p, r in zip(phones, results, strict=True) if isinstance(r, Opened)]
        assert len(won) == 1, race
        assert NotUsable() in results
        assert house.invitation(visit, house.cast.dana).device_key == won[0].key
        wins[won[0].key] += 1
    opened, refused = (house.history().count(one) for one in ("invitation.opened", "door.refused"))
    assert (opened, refused) == (RACES, RACES)
    logger.info("%d races: %s", RACES, list(wins.values()))


def test_a4_random_links_open_nothing(house: House, visit: Visit) -> None:
    """Each is looked up and counted as one that comes in; so many in a transaction, or a long run would take days."""
    before, hits, began = house.visit(visit.id), 0, time.perf_counter()
    for tried in range(0, GUESSES, IN_ONE_WORK):
        house.clock.forward(timedelta(milliseconds=40))
        with house.as_actor(actor.NOBODY) as work:
            for n in range(min(IN_ONE_WORK, GUESSES - tried)):
                secret = secrets.token_urlsafe(32)
                assert looks_like_secret(secret)
                address = f"198.51.{(tried + n) % 256}.{tried // 256 % 256}"
                result = opening.redeem(work, secret, Device(key=FIRST.key, cookies={}, address=address))
                hits += not isinstance(result, NotUsable)
    logger.info("%d random links: %d hits, %.0f s", GUESSES, hits, time.perf_counter() - began)
    assert hits == 0
    assert house.visit(visit.id) == before
    assert not house.invitation(visit, house.cast.dana).device_key
    assert isinstance(tap(house, house.secret(visit, house.cast.dana), FIRST), Opened)


@pytest.mark.parametrize("place", range(0, 43, 6))
def test_a4_a_link_with_one_wrong_character_opens_nothing(house: House, visit: Visit, place: int) -> None:
    secret = house.secret(visit, house.cast.dana)
    wrong = "B" if secret[place] != "B" else "C"
    assert tap(house, secret[:place] + wrong + secret[place + 1 :], FIRST) == NotUsable()


def test_a5_a_redeemed_link_is_replayed_for_nothing_and_it_is_written_down(
    house: House, visit: Visit
) -> None:
    secret = house.secret(visit, house.cast.dana)
    first = tap(house, secret, FIRST)
    assert isinstance(first, Opened)
    entries = len(house.history())
    held: list[dict[str, str]] = [{}, {first.invitation.id: "x"}, {first.invitation.id: ""}]
    for cookies in (*held, {"other": first.cookie or ""}):
        assert tap(house, secret, SECOND, cookies) == NotUsable()
    assert house.since(entries) == ["door.refused"] * 4


def test_a6_a_stolen_cookie_gets_no_ticket_on_another_machine(house: House, visit: Visit) -> None:
    house.consents(house.cast.dana)
    first = tap(house, house.secret(visit, house.cast.dana), FIRST)
    assert isinstance(first, Opened)
    link = first.invitation
    for phone, outcome in ((SECOND, Refused), (FIRST, Permitted)):
        with house.as_family(house.cast.dana) as work:
            nonce = opening.new_nonce(work, link)
        with house.as_family(house.cast.dana) as work:
            signature = phone.sign(ticket_text(link.id, nonce))
            assert isinstance(opening.knock(work, link, nonce=nonce, signature=signature), outcome)


EARLY_OR_LATE = [
    (timedelta(minutes=-15, microseconds=-1), TooEarly),
    (timedelta(minutes=-15), Opened),
    (timedelta(minutes=45, microseconds=-1), Opened),
    (timedelta(minutes=45), NotUsable),
    (timedelta(days=1), NotUsable),
    (timedelta(days=365), NotUsable),
]


@pytest.mark.parametrize(("from_start", "answer"), EARLY_OR_LATE)
def test_a7_only_our_clock_says_whether_a_link_is_early_or_late(
    house: House, visit: Visit, from_start: timedelta, answer: type[Result]
) -> None:
    house.clock.at = visit.starts_at + from_start
    assert isinstance(tap(house, house.secret(visit, house.cast.dana), FIRST), answer)


@pytest.mark.parametrize("wall", [datetime(2030, 10, 27, 1, 30), datetime(2030, 3, 31, 2, 30)])  # noqa: DTZ001
def test_a7_the_hour_that_comes_twice_opens_no_link_an_hour_early(house: House, wall: datetime) -> None:
    """Where the clocks change that night, the window is of the stored instant and not of the hour that is shown."""
    house.clock.at = wall.replace(tzinfo=UTC) - timedelta(days=1)
    visit = house.approved(wall_start=wall.replace(hour=12))
    house.clock.at = visit.starts_at - timedelta(hours=1)
    assert isinstance(tap(house, house.secret(visit, house.cast.dana), FIRST), TooEarly)
