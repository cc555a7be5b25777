"""Consent is taken back at any time, and the visit follows."""

import pytest

from contact_service.consent import actions as consent, queries as consents
from contact_service.consent.consent import ConsentState, Method, Purpose, Text
from contact_service.errors import Conflict
from contact_service.ids import PersonId
from contact_service.policy.decision import Refused
from contact_service.protocol.link import EventKind
from contact_service.visits.actions import running
from contact_service.visits.visit import Outcome, Stage, VisitState
from tests.cast import SEEN, House


def stands(house: House, person: PersonId) -> set[ConsentState]:
    with house.reading(house.cast.karim) as work:
        return set(consents.standing_of(work, person, tuple(Purpose)).values())


def test_an_adult_who_takes_it_back_is_out_at_once_and_the_visit_goes_on(house: House) -> None:
    visit = house.live()
    mother = house.mother_in(visit)
    entries = len(house.history())
    house.relay(visit, EventKind.WITHDRAWN, 1, participant=mother.id)
    now = house.mother_in(house.visit(visit.id))
    assert (now.stage, now.leg) == (Stage.LEFT, None)
    assert house.state(visit) is VisitState.LIVE
    assert stands(house, house.cast.dana) == {ConsentState.WITHDRAWN}
    assert house.since(entries) == ["consent.withdrawn"] * len(Purpose) + ["visit.left"]


@pytest.mark.rule("R25")
def test_who_took_it_back_is_not_let_in_again(house: House) -> None:
    visit = house.live()
    mother = house.mother_in(visit)
    house.relay(visit, EventKind.WITHDRAWN, 1, participant=mother.id)
    house.joins(visit, mother, "dd" * 16)
    with house.work(house.cast.lena) as work:
        result = running.admit(work, visit.id, mother.id, SEEN)
    assert isinstance(result, Refused)
    assert [reason.code for reason in result.reasons] == ["consent_missing"]


def test_the_childs_withdrawal_ends_the_visit(house: House) -> None:
    visit = house.live()
    house.relay(visit, EventKind.WITHDRAWN, 1, participant=house.child_in(visit).id)
    ended = house.visit(visit.id)
    assert (ended.state, ended.outcome) == (VisitState.ENDED, Outcome.CONSENT_WITHDRAWN)
    with house.reading(house.cast.karim) as work:
        assert consents.assent_of(work, house.cast.mia, visit.id) is ConsentState.WITHDRAWN
    assert stands(house, house.cast.mia) == {ConsentState.GIVEN, ConsentState.NEEDED}
    assert not house.rooms().rooms


def test_who_withdraws_in_a_silence_is_out_when_the_device_comes_back(house: House) -> None:
    visit = house.live()
    mother = house.mother_in(visit)
    house.relay(visit, EventKind.DISCONNECTED, 1, participant=mother.id, leg=mother.leg)
    house.relay(visit, EventKind.WITHDRAWN, 2, participant=mother.id)
    house.relay(visit, EventKind.CONNECTED, 3, participant=mother.id, leg=mother.leg)
    assert house.mother_in(house.visit(visit.id)).stage is Stage.LEFT


def test_a_withdrawal_counts_whatever_words_were_shown(house: House) -> None:
    house.consents(house.cast.dana)
    with house.work(house.cast.karim) as work:
        newer = Text(purpose=Purpose.TAKE_PART, version=2, language="en", words="New words.")
        consent.publish_text(work, newer)
    assert ConsentState.STALE in stands(house, house.cast.dana)
    with house.as_family(house.cast.dana) as work:
        assert consent.withdraw_all(work, house.cast.dana, visit=None)
    assert stands(house, house.cast.dana) == {ConsentState.WITHDRAWN}
    with house.as_family(house.cast.dana) as work:
        assert not consent.withdraw_all(work, house.cast.dana, visit=None)


def test_a_yes_to_old_words_is_no_yes(house: House) -> None:
    with house.work(house.cast.karim) as work:
        newer = Text(purpose=Purpose.TAKE_PART, version=2, language="en", words="New words.")
        consent.publish_text(work, newer)
    before = house.snapshot()
    old = consent.NewAnswer(
        person=house.cast.dana,
        purpose=Purpose.TAKE_PART,
        state=ConsentState.GIVEN,
        version=1,
        method=Method.ON_THE_PAGE,
    )
    with pytest.raises(Conflict), house.as_family(house.cast.dana) as work:
        consent.answer(work, old)
    assert house.snapshot() == before
