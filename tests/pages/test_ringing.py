"""The room asks its visit supervisor for one call at a time, and the record shows what came of them."""

from datetime import timedelta

import pytest

from contact_service.consent.consent import ConsentState, Purpose
from contact_service.people.actions import channels
from contact_service.people.channel import ChannelKind, NewChannel, SafeRule, SafeUse
from contact_service.readings.queries import readings_of
from contact_service.visits.actions import ending
from contact_service.visits.visit import EndReason, Visit
from tests.actions.test_ringing import rule
from tests.cast import House
from tests.pages.conftest import SignIn

DANAS, JONASES = "01632 960101", "01632 960177"


def waited(house: House, minutes: int, **changes: object) -> Visit:
    """Ines waits with Mia since before the start, Lena is there, and it is so many minutes later."""
    visit = house.waiting(**changes)
    house.consents(house.cast.dana, house.cast.ines)
    house.joins(visit, visit.watcher, "aa" * 8)
    house.joins(visit, house.child_in(visit), "cc" * 8)
    house.clock.at = visit.starts_at + timedelta(minutes=minutes)
    return visit


def test_the_room_asks_for_the_call_and_tells_the_number_only_where_it_is_asked_for(
    house: House, signed_in: SignIn
) -> None:
    visit = waited(house, 3)
    lena = signed_in("lena")
    shown = lena.client.get(f"/w/visit/{visit.id}/room/state")
    assert shown.json()["calls"][0]["title"] == "Ring Dana Marlowe (mother) now"
    assert shown.json()["calls"][0]["why"] == "They are not here yet. Mia has been ready since 16:00."
    assert DANAS not in shown.text
    call = lena.client.get(f"/w/visit/{visit.id}/room/call").json()["call"]
    assert (call["number"], call["participant"]) == (DANAS, house.mother_in(visit).id)
    assert "If somebody else answers, say nothing about the visit." in call["mind"]
    assert [one["value"] for one in call["results"]] == [
        "reached_coming",
        "reached_not_coming",
        "no_answer",
        "wrong_number",
    ]
    with house.reading(house.cast.noor) as work:
        parts = [e.fields.get("facts", {}).get("part") for e in readings_of(work, house.cast.case)]
    assert f"number.{call['participant']}.{call['number_id']}" in parts, "that a number was shown is evidence"


def test_while_one_rings_the_other_who_is_late_is_named_and_their_number_shown_on_a_press(
    house: House, signed_in: SignIn
) -> None:
    with house.work(house.cast.karim) as work:
        phone = NewChannel(kind=ChannelKind.PHONE, value=JONASES)
        channels.add_channel(work, house.cast.jonas, phone)
    visit = waited(house, 3, people=(house.cast.dana, house.cast.jonas))
    lena, room = signed_in("lena"), f"/w/visit/{visit.id}/room"
    state = lena.client.get(f"{room}/state")
    asked = {call["title"].split()[1]: call["key"] for call in state.json()["calls"]}
    assert sorted(asked) == ["Dana", "Jonas"]
    assert JONASES not in state.text
    for name, number in (("Jonas", JONASES), ("Dana", DANAS)):
        shown = lena.client.get(f"{room}/call", params={"key": asked[name]})
        assert shown.json()["call"]["number"] == number
        assert shown.text.count("01632") == 1, "one number at a time"
    call = lena.client.get(f"{room}/call", params={"key": asked["Jonas"]}).json()["call"]
    said = {"participant": call["participant"], "number": call["number_id"], "result": "no_answer"}
    kept = lena.send(f"{room}/call", said, x_csrf=lena.csrf()).json()["calls"]
    assert [one["key"] for one in kept] == [asked["Dana"]]
    assert lena.client.get(f"{room}/call", params={"key": asked["Jonas"]}).json() == {"call": None}


def test_where_no_number_is_shown_none_is_said_to_have_been_read(house: House, signed_in: SignIn) -> None:
    visit = waited(house, 2)
    assert signed_in("lena").client.get(f"/w/visit/{visit.id}/room/call").json()["call"] is None
    with house.reading(house.cast.noor) as work:
        parts = [e.fields.get("facts", {}).get("part") for e in readings_of(work, house.cast.case)]
    assert not [part for part in parts if str(part).startswith("number")]


@pytest.mark.parametrize("meanwhile", ["hours over", "said no"])
def test_a_call_that_was_begun_is_written_down_whatever_became_of_the_number_meanwhile(
    house: House, signed_in: SignIn, meanwhile: str
) -> None:
    visit = waited(house, 3)
    lena, here = signed_in("lena"), f"/w/visit/{visit.id}/room/call"
    call = lena.client.get(here).json()["call"]
    house.clock.forward(timedelta(minutes=2))
    if meanwhile == "said no":
        house.answers(house.cast.dana, Purpose.TAKE_PART, ConsentState.DECLINED)
    else:
        rule(house, house.cast.dana, SafeRule(use=SafeUse.NEVER))
    said = {"participant": call["participant"], "number": call["number_id"], "result": "no_answer"}
    assert lena.send(here, said, x_csrf=lena.csrf()).status_code == 200
    assert "late.call_made" in house.history()


def test_a_call_is_written_down_and_then_the_duty_desk_is_due(house: House, signed_in: SignIn) -> None:
    visit = waited(house, 3)
    lena, here = signed_in("lena"), f"/w/visit/{visit.id}/room/call"
    call = lena.client.get(here).json()["call"]
    said = {"participant": call["participant"], "number": call["number_id"], "result": "no_answer"}
    kept = lena.send(here, said, x_csrf=lena.csrf())
    assert (kept.status_code, kept.json()["calls"]) == (200, [])
    house.clock.at = visit.starts_at + timedelta(minutes=10)
    asked = lena.client.get(here).json()["call"]
    assert asked["title"] == "Ring the duty person now: Priya Nair"
    assert (asked["number"], asked["participant"]) == ("01632 960000", None)
    assert lena.send(here, {"result": "reached"}, x_csrf=lena.csrf()).json()["calls"] == []
    with house.work(house.cast.lena) as work:
        ending.end(work, visit.id, EndReason.ADULT_LEFT)
    for page in (
        lena.get(f"/w/visit/{visit.id}/record").text,
        signed_in("karim").get(f"/w/visit/{visit.id}").text,
        signed_in("karim").get(f"/w/child/{house.cast.mia}/owed/{visit.id}").text,
    ):
        assert "Dana Marlowe (mother)" in page
        assert "No answer" in page
        assert "the duty person" in page
        assert DANAS not in page


def test_a_wrong_result_is_refused_in_words(house: House, signed_in: SignIn) -> None:
    visit = waited(house, 3)
    lena = signed_in("lena")
    answer = lena.send(f"/w/visit/{visit.id}/room/call", {"result": "reached_coming"}, x_csrf=lena.csrf())
    assert (answer.status_code, answer.json()["reasons"]) == (409, ["Say what came of the call."])


def test_nobody_else_is_told_whom_to_ring(house: House, signed_in: SignIn) -> None:
    visit = waited(house, 3)
    for who in ("karim", "priya", "noor", "ola"):
        one = signed_in(who)
        shown = one.client.get(f"/w/visit/{visit.id}/room/call")
        assert shown.status_code in (403, 404), who
        assert DANAS not in shown.text
        kept = one.send(f"/w/visit/{visit.id}/room/call", {"result": "reached"}, x_csrf=one.csrf())
        assert kept.status_code in (403, 404), who
    assert "late.call_made" not in house.history()
