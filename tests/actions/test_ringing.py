"""Somebody has not come: whom the visit supervisor rings, when, on which number, and what is written down (R69)."""

from datetime import timedelta

import pytest
from sqlmodel import select

from contact_service.consent.consent import ConsentState, Purpose
from contact_service.errors import NotAllowed, NotFound
from contact_service.follow_ups.follow_up import FollowUpKind, ForRole
from contact_service.follow_ups.queries import open_about
from contact_service.ids import PersonId
from contact_service.people.actions import channels
from contact_service.people.channel import Channel, ChannelKind, NewChannel, SafeRule, SafeUse
from contact_service.people.queries.channels import channels_of
from contact_service.policy.decision import Refused
from contact_service.policy.ringing import CallDue, CallResult, CallTo
from contact_service.visits.actions import ending
from contact_service.visits.actions.ringing import write_down_call
from contact_service.visits.queries.ringing import calls_due_in, late_calls_of, number_due, numbers_to_ring
from contact_service.visits.ringing import Rung
from contact_service.visits.tables import LateCallRow
from contact_service.visits.visit import EndReason, Visit
from contact_service.work import Work
from tests.cast import House

MINUTE = timedelta(minutes=1)


def carer_ready(house: House, *, minute: int = -2) -> Visit:
    """Lena is there, and Ines with Mia waits since so many minutes after the start; nobody else is there."""
    visit = house.waiting()
    house.consents(house.cast.dana, house.cast.ines)
    house.joins(visit, visit.watcher, "aa" * 8)
    house.clock.at = visit.starts_at + minute * MINUTE
    house.joins(visit, house.child_in(visit), "cc" * 8)
    return visit


def due(house: House, visit: Visit, minute: int, seconds: int = 0) -> CallDue | None:
    house.clock.at = visit.starts_at + minute * MINUTE + timedelta(seconds=seconds)
    with house.reading(house.cast.lena) as work:
        return next(iter(calls_due_in(work, house.visit(visit.id))), None)


def number(house: House, visit: Visit) -> str:
    with house.reading(house.cast.lena) as work:
        asked = next(iter(calls_due_in(work, house.visit(visit.id))), None)
        assert asked is not None
        found = number_due(work, house.visit(visit.id), asked)
    assert found is not None
    return found.value


def phones_of(work: Work, person: PersonId) -> list[Channel]:
    return [one for one in channels_of(work, person) if one.kind is ChannelKind.PHONE]


def rings(
    house: House, visit: Visit, who: PersonId | None, result: CallResult | None, *, channel: str | None = None
) -> Visit | Refused:
    participant = house.device_in(visit, who).id if who else None
    with house.work(house.cast.lena) as work:
        first = phones_of(work, who)[0].id if who else None
        return write_down_call(
            work, visit.id, Rung(participant=participant, number=channel or first, result=result)
        )


def rule(house: House, person: PersonId, safe: SafeRule) -> None:
    """What is known of the one number of somebody."""
    with house.work(house.cast.karim) as work:
        (phone,) = phones_of(work, person)
        channels.change_rule(work, person, phone.id, safe, confirmed=True)


def test_the_adult_is_rung_three_minutes_after_the_start_where_the_childs_side_is_ready(house: House) -> None:
    visit = carer_ready(house)
    assert due(house, visit, 2, 59) is None
    asked = due(house, visit, 3)
    assert asked is not None
    assert (asked.to, asked.about, asked.since) == (CallTo.ADULT, house.mother_in(visit).id, visit.starts_at)
    assert number(house, visit) == "01632 960101"


def test_the_clock_starts_when_the_other_side_was_ready(house: House) -> None:
    visit = carer_ready(house, minute=4)
    assert due(house, visit, 6, 59) is None
    asked = due(house, visit, 7)
    assert asked is not None
    assert asked.since == visit.starts_at + 4 * MINUTE


def test_the_child_is_waited_for_only_once_the_adult_is_known(house: House) -> None:
    visit = house.waiting()
    house.consents(house.cast.dana, house.cast.ines)
    house.joins(visit, visit.watcher, "aa" * 8)
    house.joins(visit, house.mother_in(visit), "bb" * 8)
    assert due(house, visit, 12) is None, "Dana waits, and nobody has looked who it is"
    house.comes_in(visit, house.cast.dana)
    assert due(house, visit, 16, 59) is None
    asked = due(house, visit, 17)
    assert asked is not None
    assert (asked.to, asked.about) == (CallTo.CARER, house.child_in(visit).id)
    assert number(house, visit) == "01632 960104"


def test_nobody_is_rung_who_is_there_was_there_or_came_at_last(house: House) -> None:
    visit = house.live()
    assert due(house, visit, 30) is None
    with house.work(house.cast.lena) as work:
        ending.end(work, visit.id, EndReason.COMPLETED)
    assert due(house, visit, 31) is None


def test_whoever_came_is_rung_no_more(house: House) -> None:
    visit = carer_ready(house)
    assert due(house, visit, 4) is not None
    house.joins(visit, house.mother_in(visit), "bb" * 8)
    assert due(house, visit, 12) is None


def test_whoever_has_said_no_or_is_barred_is_not_rung(house: House) -> None:
    visit = carer_ready(house)
    assert due(house, visit, 4) is not None
    house.answers(house.cast.dana, Purpose.TAKE_PART, ConsentState.DECLINED)
    assert due(house, visit, 5) is None
    refused = rings(house, visit, house.cast.dana, CallResult.NO_ANSWER)
    assert isinstance(refused, Refused)
    assert [reason.code for reason in refused.reasons] == ["not_in_visit"]


def test_the_duty_desk_is_next_and_each_call_is_evidence_without_a_number(house: House) -> None:
    visit = carer_ready(house)
    assert due(house, visit, 4) is not None
    assert isinstance(rings(house, visit, house.cast.dana, CallResult.NO_ANSWER), Visit)
    entry = house.last_entry()
    assert (entry["type"], entry["reason"]) == ("late.call_made", "no_answer")
    facts = entry["facts"]
    assert isinstance(facts, dict)
    assert (facts["rung"], facts["waited_seconds"]) == ("adult", 240)
    assert [one["role"] for one in entry["subjects"]] == ["family_member"]  # type: ignore[attr-defined]
    assert "960101" not in repr(house.entries())
    assert due(house, visit, 9, 59) is None
    asked = due(house, visit, 10)
    assert asked is not None
    assert (asked.to, asked.instead) == (CallTo.DUTY, False)
    rings(house, visit, None, CallResult.REACHED)
    assert due(house, visit, 14) is None
    with house.reading(house.cast.karim) as work:
        made = late_calls_of(work, visit.id)
    assert [(one.to, one.result) for one in made] == [
        (CallTo.ADULT, CallResult.NO_ANSWER),
        (CallTo.DUTY, CallResult.REACHED),
    ]


def test_where_nobody_comes_the_duty_desk_is_rung_and_nobody_is_called_late(house: House) -> None:
    visit = house.waiting()
    house.joins(visit, visit.watcher, "aa" * 8)
    assert due(house, visit, 9) is None
    asked = due(house, visit, 10)
    assert asked is not None
    assert (asked.to, asked.about) == (CallTo.DUTY, None)


@pytest.mark.parametrize(
    "safe",
    [SafeRule(use=SafeUse.NEVER), SafeRule(use=SafeUse.BETWEEN, earliest=8 * 60, latest=12 * 60)],
    ids=["never", "mornings"],
)
def test_a_number_that_is_not_safe_now_is_not_shown_and_the_duty_desk_is_rung(
    house: House, safe: SafeRule
) -> None:
    visit = carer_ready(house)
    rule(house, house.cast.dana, safe)
    asked = due(house, visit, 3)
    assert asked is not None
    assert (asked.to, asked.instead, asked.number) == (CallTo.DUTY, True, None)
    before = house.history()
    refused = rings(house, visit, house.cast.dana, CallResult.NO_ANSWER)
    assert isinstance(refused, Refused)
    assert [reason.code for reason in refused.reasons] == ["not_safe"]
    assert house.since(len(before)) == ["visit.refused"]


def test_a_number_for_calls_alone_is_rung(house: House) -> None:
    visit = carer_ready(house)
    rule(house, house.cast.dana, SafeRule(use=SafeUse.CALL_ONLY))
    assert due(house, visit, 3) is not None
    assert number(house, visit) == "01632 960101"


def test_a_number_that_somebody_shares_who_must_never_know_is_not_rung(house: House) -> None:
    visit = carer_ready(house)
    with house.work(house.cast.karim) as work:
        new = NewChannel(kind=ChannelKind.PHONE, value="+44 1632 960101")
        channels.add_channel(work, house.cast.viktor, new)
    asked = due(house, visit, 3)
    assert asked is not None
    assert asked.instead, "Viktor would answer"


def test_the_next_number_follows_the_one_that_nobody_answered(house: House) -> None:
    visit = carer_ready(house)
    with house.work(house.cast.karim) as work:
        new = NewChannel(kind=ChannelKind.PHONE, value="01632 960199", confirmed=True)
        channels.add_channel(work, house.cast.dana, new)
    assert due(house, visit, 3) is not None
    assert number(house, visit) == "01632 960199", "somebody has confirmed that it is hers"
    with house.reading(house.cast.lena) as work:
        asked = next(iter(calls_due_in(work, house.visit(visit.id))), None)
    assert asked is not None
    assert asked.number is not None
    rings(house, visit, house.cast.dana, CallResult.WRONG_NUMBER, channel=asked.number)
    assert number(house, visit) == "01632 960101"


def test_a_wrong_number_is_confirmed_no_more_nor_rung_again_and_the_worker_is_asked(house: House) -> None:
    visit = carer_ready(house)
    rule(house, house.cast.dana, SafeRule())
    assert due(house, visit, 3) is not None
    assert isinstance(rings(house, visit, house.cast.dana, CallResult.WRONG_NUMBER), Visit)
    with house.reading(house.cast.karim) as work:
        [phone] = phones_of(work, house.cast.dana)
        assert not phone.can_be_written_to, "a text with a link would go to a stranger"
        assert numbers_to_ring(work, house.visit(visit.id), house.cast.dana) == []
        [asked] = open_about(work, visit.id, FollowUpKind.WRONG_NUMBER)
        assert (asked.person, asked.for_role) == (house.cast.dana, ForRole.WORKER)
    rule(house, house.cast.dana, SafeRule())
    with house.reading(house.cast.karim) as work:
        assert numbers_to_ring(work, house.visit(visit.id), house.cast.dana) != [], "confirmed anew"


def test_a_call_is_kept_also_where_they_came_while_it_rang_but_not_before_the_visit(house: House) -> None:
    visit = carer_ready(house)
    early = rings(house, visit, house.cast.dana, CallResult.NO_ANSWER)
    assert isinstance(early, Refused)
    assert [reason.code for reason in early.reasons] == ["too_early"]
    house.clock.at = visit.starts_at + 4 * MINUTE
    house.joins(visit, house.mother_in(visit), "bb" * 8)
    assert isinstance(rings(house, visit, house.cast.dana, CallResult.COMING), Visit)
    facts = house.last_entry()["facts"]
    assert isinstance(facts, dict)
    assert "waited_seconds" not in facts


def test_only_whoever_watches_is_shown_a_number_and_writes_calls_down(house: House) -> None:
    visit = carer_ready(house)
    asked = due(house, visit, 3)
    assert asked is not None
    for who in (house.cast.karim, house.cast.priya, house.cast.noor, house.cast.ola):
        with pytest.raises(NotAllowed), house.reading(who) as work:
            number_due(work, house.visit(visit.id), asked)
    rung = Rung(participant=asked.about, number=asked.number, result=CallResult.NO_ANSWER)
    for who in (house.cast.karim, house.cast.priya):
        with house.work(who) as work:
            refused = write_down_call(work, visit.id, rung)
        assert isinstance(refused, Refused)
        assert "R21" in refused.rules
    with pytest.raises(NotFound), house.work(house.cast.lena) as work:
        write_down_call(work, visit.id, Rung(participant="0" * 32, number="phone", result=CallResult.COMING))
    with house.reading(house.cast.lena) as work:
        assert list(work.session.exec(select(LateCallRow))) == []
