"""One person, one link, one device; everything else is turned away and, where it concerns a visit, written down."""

from concurrent.futures import ThreadPoolExecutor, wait
from datetime import timedelta

import pytest

from contact_service import actor
from contact_service.audit.events import AGENCY_CASE
from contact_service.ids import PersonId
from contact_service.invitations import queries as invitations
from contact_service.invitations.actions import inviting, opening
from contact_service.invitations.actions.opening import Device, NotUsable, Opened, TooEarly
from contact_service.invitations.token import ticket_text
from contact_service.policy.decision import Decision, Permitted, Refused
from contact_service.visits.reasons import CancelReason
from contact_service.visits.visit import Stage, Visit
from contact_service.work import read
from tests.cast import House, Phone

PHONE, STRANGER = Phone(), Phone()


def redeem(
    house: House, secret: str, phone: Phone = PHONE, cookies: dict[str, str] | None = None
) -> Opened | TooEarly | NotUsable:
    with house.as_actor(actor.NOBODY) as work:
        return opening.redeem(work, secret, Device(key=phone.key, cookies=cookies or {}, address="192.0.2.1"))


@pytest.fixture
def visit(house: House) -> Visit:
    return house.waiting()


def opened(house: House, visit: Visit, phone: Phone = PHONE) -> Opened:
    result = redeem(house, house.secret(visit, house.cast.dana), phone)
    assert isinstance(result, Opened)
    return result


def test_the_first_device_is_bound_and_the_participant_has_opened(house: House, visit: Visit) -> None:
    result = opened(house, visit)
    assert result.cookie
    assert house.mother_in(house.visit(visit.id)).stage is Stage.OPENED
    assert house.last_entry()["type"] == "invitation.opened"
    with read(house.installation, actor.NOBODY) as work:
        found = invitations.invitation_of_cookie(work, result.invitation.id, result.cookie)
    assert (found.person, found.device_key) == (house.cast.dana, PHONE.key)


def test_the_same_device_opens_again_and_keeps_its_cookie(house: House, visit: Visit) -> None:
    first = opened(house, visit)
    assert first.cookie
    again = redeem(house, house.secret(visit, house.cast.dana), STRANGER, {first.invitation.id: first.cookie})
    assert isinstance(again, Opened)
    assert again.cookie is None
    assert house.invitation(visit, house.cast.dana).device_key == PHONE.key


def test_a_second_device_is_turned_away_the_first_stays_and_it_is_written_down(
    house: House, visit: Visit
) -> None:
    opened(house, visit)
    entries = len(house.history())
    assert isinstance(redeem(house, house.secret(visit, house.cast.dana), STRANGER), NotUsable)
    assert house.since(entries) == ["door.refused"]
    assert house.last_entry()["reason"] == "second_device"
    assert house.invitation(visit, house.cast.dana).device_key == PHONE.key


@pytest.mark.rule("R16")
def test_a_link_before_its_time_binds_nothing_and_says_when(house: House) -> None:
    visit = house.approved()
    house.clock.at = visit.starts_at - timedelta(minutes=15, seconds=1)
    before = house.snapshot()
    result = redeem(house, house.secret(visit, house.cast.dana))
    assert result == TooEarly(opens_at=visit.starts_at - timedelta(minutes=15), zone="Europe/London")
    assert house.snapshot() == before
    house.clock.forward(timedelta(seconds=1))
    assert isinstance(redeem(house, house.secret(visit, house.cast.dana)), Opened)


@pytest.mark.rule("R16")
def test_a_link_is_dead_fifteen_minutes_after_the_planned_end(house: House, visit: Visit) -> None:
    house.clock.at = visit.ends_at + timedelta(minutes=15)
    assert isinstance(redeem(house, house.secret(visit, house.cast.dana)), NotUsable)
    assert house.last_entry()["type"] == "door.refused"


@pytest.mark.rule("R15")
def test_a_revoked_link_opens_nothing_neither_anew_nor_again(house: House, visit: Visit) -> None:
    secret, ines = house.secret(visit, house.cast.dana), house.secret(visit, house.cast.ines)
    first = opened(house, visit)
    assert first.cookie
    with house.work(house.cast.karim) as work:
        inviting.cancel(work, visit.id, CancelReason.CHILD_ILL)
    assert isinstance(redeem(house, secret, PHONE, {first.invitation.id: first.cookie}), NotUsable)
    assert isinstance(redeem(house, ines), NotUsable)


@pytest.mark.parametrize("secret", ["", "short", "A" * 43, "é" * 43, "x" * 10_000, "\0" * 43])
def test_an_unknown_secret_is_turned_away_and_counted(house: House, visit: Visit, secret: str) -> None:
    entries = len(house.entries(AGENCY_CASE))
    assert isinstance(redeem(house, secret), NotUsable)
    assert [e.type for e in house.entries(AGENCY_CASE)[entries:]] == ["door.refused"]
    assert house.visit(visit.id) == visit


def test_a_flood_of_guesses_is_a_few_lines_and_never_refuses_a_good_link(house: House, visit: Visit) -> None:
    entries = len(house.entries(AGENCY_CASE))
    for _ in range(15):
        redeem(house, "A" * 43)
    reasons = [e.fields["reason"] for e in house.entries(AGENCY_CASE)[entries:]]
    assert reasons == ["unknown_link"] * 10 + ["guessing"]
    assert opened(house, visit).cookie


def test_guesses_from_many_threads_all_get_the_same_answer(house: House, visit: Visit) -> None:
    assert visit.room
    with ThreadPoolExecutor(4) as threads:
        results = list(threads.map(lambda _: redeem(house, "A" * 43), range(8)))
    assert results == [NotUsable()] * 8


def test_a_device_without_a_proper_key_is_turned_away(house: House, visit: Visit) -> None:
    with house.as_actor(actor.NOBODY) as work:
        device = Device(key="AAAA", cookies={}, address="192.0.2.1")
        result = opening.redeem(work, house.secret(visit, house.cast.dana), device)
    assert isinstance(result, NotUsable)


def test_of_two_devices_that_race_exactly_one_is_bound(house: House, visit: Visit) -> None:
    secret = house.secret(visit, house.cast.dana)
    phones = [Phone() for _ in range(4)]
    with ThreadPoolExecutor(4) as threads:
        results = list(threads.map(lambda phone: redeem(house, secret, phone), phones))
    [winner] = [phone for phone, result in zip(phones, results, strict=True) if isinstance(result, Opened)]
    assert house.invitation(visit, house.cast.dana).device_key == winner.key
    assert house.history().count("invitation.opened") == 1
    assert house.history().count("door.refused") == 3


def knock(house: House, visit: Visit, nonce: str, signature: str) -> Decision:
    with house.as_family(house.cast.dana) as work:
        return opening.knock(work, house.invitation(visit, house.cast.dana), nonce=nonce, signature=signature)


def nonce(house: House, visit: Visit, person: PersonId | None = None) -> str:
    with house.as_actor(actor.NOBODY) as work:
        return opening.new_nonce(work, house.invitation(visit, person or house.cast.dana))


def signed(house: House, visit: Visit, number: str, phone: Phone = PHONE) -> str:
    return phone.sign(ticket_text(house.invitation(visit, house.cast.dana).id, number))


def test_the_bound_device_knocks_once_with_each_number(house: House, visit: Visit) -> None:
    opened(house, visit)
    house.consents(house.cast.dana)
    number = nonce(house, visit)
    assert isinstance(knock(house, visit, number, signed(house, visit, number)), Permitted)
    assert isinstance(knock(house, visit, number, signed(house, visit, number)), Refused)
    assert house.history()[-2:] == ["admission.requested", "join.refused"]


def test_a_number_is_good_for_a_minute(house: House, visit: Visit) -> None:
    opened(house, visit)
    house.consents(house.cast.dana)
    number = nonce(house, visit)
    house.clock.forward(timedelta(minutes=1))
    assert isinstance(knock(house, visit, number, signed(house, visit, number)), Refused)


def test_a_copied_cookie_without_the_device_is_worth_nothing(house: House, visit: Visit) -> None:
    opened(house, visit)
    house.consents(house.cast.dana)
    number = nonce(house, visit)
    assert isinstance(knock(house, visit, number, signed(house, visit, number, STRANGER)), Refused)
    assert isinstance(knock(house, visit, number, signed(house, visit, number)), Refused), "used up"


def test_another_persons_number_is_worth_nothing(house: House, visit: Visit) -> None:
    opened(house, visit)
    house.consents(house.cast.dana)
    number = nonce(house, visit, house.cast.ines)
    assert isinstance(knock(house, visit, number, signed(house, visit, number)), Refused)


@pytest.mark.rule("R18")
@pytest.mark.rule("R19")
def test_a_refused_knock_gives_every_reason_and_is_recorded(house: House, visit: Visit) -> None:
    from tests.actions.test_booking import withdraw_for_child  # noqa: PLC0415

    opened(house, visit)
    withdraw_for_child(house)
    number = nonce(house, visit)
    decision = knock(house, visit, number, signed(house, visit, number))
    assert isinstance(decision, Refused)
    assert [reason.code for reason in decision.reasons] == ["consent_missing", "child_consent_missing"]
    assert house.last_entry()["type"] == "join.refused"


def test_the_holder_of_a_link_that_a_change_killed_is_refused_and_it_is_recorded(house: House) -> None:
    visit = house.approved()
    with house.as_actor(actor.NOBODY) as work:
        number = opening.new_nonce(work, house.invitation(visit, house.cast.dana))
    old = house.invitation(visit, house.cast.dana)
    with house.work(house.cast.karim) as work:
        inviting.change(work, visit.id, house.wish(length=timedelta(minutes=20)))
    entries = len(house.history())
    with house.as_family(house.cast.dana) as work:
        assert isinstance(opening.knock(work, old, nonce=number, signature=""), Refused)
    assert house.since(entries) == ["join.refused"]


def test_a_link_that_is_revoked_while_it_is_opened_stays_dead(house: House, visit: Visit) -> None:
    secret = house.secret(visit, house.cast.dana)
    with ThreadPoolExecutor(1) as threads:
        with house.work(house.cast.karim) as work:
            inviting.suspend(work, visit.id)
            work.session.flush()
            opening_it = threads.submit(redeem, house, secret)
            wait([opening_it], 0.3)  # it has read the link as it was, and waits for this transaction
        assert isinstance(opening_it.result(10), NotUsable)
    assert not house.invitation(visit, house.cast.dana).live
    assert house.history()[-1] == "door.refused"
