"""A carer, and the child with them, take part in a shared visit from a place that must clear contact.

The place is asked about the other child by those who work with theirs. Nobody who works with the other learns of it.
"""

import pytest

from contact_service.actor import COMMAND_LINE, Role
from contact_service.approvals.actions.meeting import end_approval_to_meet
from contact_service.audit.events import EventType
from contact_service.audit.queries import OpenedEntry
from contact_service.clearances import actions
from contact_service.clearances.clearance import Answer
from contact_service.clearances.queries import children_met, clearances_within_reach
from contact_service.demo.brother import Brother
from contact_service.errors import BadInput, NotFound
from contact_service.follow_ups.follow_up import FollowUpKind
from contact_service.follow_ups.queries import open_follow_ups
from contact_service.identity.actions import add_account
from contact_service.ids import AccountId, PersonId, PoolId
from contact_service.invitations.actions import inviting
from contact_service.invitations.queries import may_replace_link
from contact_service.people.actions.members import put_on_caseload
from contact_service.policy.decision import Decision, Refused
from contact_service.policy.of_another import hidden
from contact_service.pools import actions as pools
from contact_service.visits.actions import clearing, pooling, running
from contact_service.visits.queries.doubting import doubts, reasons_told
from contact_service.visits.queries.finding import visit_for
from contact_service.visits.visit import Visit, VisitState
from contact_service.visits.who_meets import who_meets
from contact_service.visits.wish import ChildWished
from tests.cast import NOON, PASSWORD, SEEN, House

pytestmark = pytest.mark.rule("R68")


@pytest.fixture
def mona(house: House) -> AccountId:
    """A worker who knows the case of Mia alone."""
    with house.as_actor(COMMAND_LINE) as work:
        account = add_account(
            work, email="mona@demo.example", name="Mona Lund", roles=(Role.WORKER,), password=PASSWORD
        )
    with house.work(house.cast.karim) as work:
        put_on_caseload(work, house.cast.case, account)
    return account


@pytest.fixture
def unit(house: House, brother: Brother, sade: AccountId) -> PoolId:
    """Tomas brings Finn from a youth unit; it has said nothing yet."""
    with house.work(sade) as work:
        made = pools.add_pool(work, "Hill House", 2, zone="Europe/London")
        clearing.set_desk(work, made, "desk@hill-house.example")
        pooling.link(work, brother.tomas, made, NOON.date(), None)
    return made


@pytest.fixture
def ask(house: House, sade: AccountId, unit: PoolId) -> "Ask":
    return Ask(house, sade, unit)


class Ask:
    """Finn's worker asks whether somebody may meet Mia from there, and writes down what is said."""

    def __init__(self, house: House, account: AccountId, unit: PoolId) -> None:
        self.house, self.account, self.unit = house, account, unit

    def __call__(self, person: PersonId) -> str:
        with self.house.work(self.account) as work:
            return actions.ask(work, person, self.house.cast.mia, self.unit)

    def says(self, person: PersonId, asked: str, answer: Answer) -> None:
        with self.house.work(self.account) as work:
            clearing.answer(work, person, asked, answer, reference="HH 7")

    def yes(self, *people: PersonId) -> list[str]:
        asked = [self(person) for person in people]
        for person, one in zip(people, asked, strict=True):
            self.says(person, one, Answer.GRANTED)
        return asked


def book(house: House, brother: Brother) -> Visit | Refused:
    with house.work(house.cast.karim) as work:
        return inviting.request_visit(work, house.wish(sharing=brother.shares))


def codes(decision: Decision | Visit | None) -> list[tuple[str, str]]:
    found = decision.reasons if isinstance(decision, Refused) else ()
    return [(one.rule, one.code) for one in found]


def words(decision: Decision | Visit) -> str:
    return " ".join(one.words for one in decision.reasons) if isinstance(decision, Refused) else ""


def last(house: House, event: EventType, case: str) -> tuple[str, list[str], str]:
    """Why, by which rules, and everything else that the newest of these entries of a case says."""
    entry: OpenedEntry = [one for one in house.entries(case) if one.type == event][-1]
    decision = entry.fields["decision"]
    return entry.fields["reason"], decision["rules"], repr(entry.fields)


def test_the_carer_and_the_child_with_them_are_both_asked_about_and_then_the_visit_is_booked(
    house: House, brother: Brother, ask: Ask
) -> None:
    assert codes(book(house, brother)) == [("R68", "clearance_missing")] * 2
    ask.yes(brother.tomas)
    refused = book(house, brother)
    assert codes(refused) == [("R68", "clearance_missing")]
    assert "Hill House has not been asked whether Finn may meet Mia" in words(refused)
    ask.yes(brother.finn)
    assert isinstance(book(house, brother), Visit)


def test_a_yes_to_the_child_alone_lets_the_carer_bring_them_no_more_than_none(
    house: House, brother: Brother, ask: Ask
) -> None:
    ask.yes(brother.finn)
    refused = book(house, brother)
    assert codes(refused) == [("R68", "clearance_missing")]
    assert "whether Tomas may meet Mia" in words(refused)


def test_the_childs_own_visit_without_the_other_needs_no_yes(
    house: House, brother: Brother, unit: PoolId
) -> None:
    wish = house.wish(child=brother.finn, caregiver=brother.tomas)
    with house.work(house.cast.karim) as work:
        assert isinstance(inviting.request_visit(work, wish), Visit)
    assert unit


def test_only_those_ask_who_work_with_whoever_takes_part_from_there(
    house: House, brother: Brother, unit: PoolId, mona: AccountId, sade: AccountId
) -> None:
    before = house.snapshot()
    for person in (brother.finn, brother.tomas):
        with pytest.raises(BadInput), house.work(mona) as work:
            actions.ask(work, person, house.cast.mia, unit)
    assert house.snapshot() == before
    with house.reading(mona) as work:
        assert children_met(work, brother.finn) == children_met(work, brother.tomas) == ()
    with house.reading(sade) as work:
        assert children_met(work, brother.tomas) == (brother.finn, house.cast.mia)
        assert children_met(work, brother.finn) == (house.cast.mia,)


def test_of_a_child_with_whom_theirs_shares_nothing_and_for_whom_others_answer_nobody_asks(
    house: House, brother: Brother, unit: PoolId, sade: AccountId
) -> None:
    before = house.snapshot()
    for person, child in (
        (brother.tomas, house.cast.jonas),  # Finn's plan does not name him
        (brother.finn, house.cast.jonas),
        (house.cast.dana, house.cast.mia),  # whom Mia's own workers know
        (brother.finn, brother.finn),
        (brother.finn, PersonId("0" * 32)),
    ):
        with pytest.raises(BadInput), house.work(sade) as work:
            actions.ask(work, person, child, unit)
    assert house.snapshot() == before


@pytest.mark.parametrize("whose", ["mia", "finn"])
def test_once_either_child_is_not_approved_to_meet_the_other_nobody_asks_but_a_no_is_still_written_down(
    house: House, brother: Brother, ask: Ask, whose: str
) -> None:
    [asked] = ask.yes(brother.tomas)
    pair = (house.cast.mia, brother.finn)
    with house.work(house.cast.priya) as work:
        assert end_approval_to_meet(work, *(pair if whose == "mia" else pair[::-1]))
    for person in (brother.tomas, brother.finn):
        with pytest.raises(BadInput):
            ask(person)
    ask.says(brother.tomas, asked, Answer.REFUSED)


def test_a_worker_of_the_other_child_neither_reads_nor_answers_what_was_asked(
    house: House, brother: Brother, ask: Ask, mona: AccountId, sade: AccountId
) -> None:
    asked = {person: ask(person) for person in (brother.tomas, brother.finn)}
    for person, one in asked.items():
        with house.reading(mona) as work:
            assert clearances_within_reach(work, person) == ()
        with pytest.raises(NotFound), house.work(mona) as work:
            clearing.answer(work, person, one, Answer.GRANTED, reference="HH 7")
        with house.reading(sade) as work:
            assert [known.id for known in clearances_within_reach(work, person)] == [one]


def test_what_is_asked_and_said_stands_in_the_log_of_their_own_child_alone(
    house: House, brother: Brother, ask: Ask
) -> None:
    before = len(house.entries())
    book(house, brother)
    for person, one in zip((brother.tomas, brother.finn), ask.yes(brother.tomas, brother.finn), strict=True):
        ask.says(person, one, Answer.REFUSED)
    theirs = [one.type for one in house.entries(brother.case) if one.type.startswith("clearance.")]
    assert theirs == [
        "clearance.asked",
        "clearance.asked",
        *["clearance.granted"] * 2,
        *["clearance.refused"] * 2,
    ]
    told = repr([one.fields for one in house.entries()[before:]])
    assert [one for one in ("R68", "clear", ask.unit, "Hill House") if one in told] == []
    assert last(house, EventType.BOOKING_REFUSED, house.cast.case)[:2] == ("refused", ["R54"])
    assert last(house, EventType.BOOKING_REFUSED, brother.case)[:2] == ("refused", ["R68"])


def test_whoever_has_a_yes_is_let_in_and_a_no_holds_the_visit_for_a_reason_that_one_log_knows(
    house: House, brother: Brother, ask: Ask
) -> None:
    _, asked = ask.yes(brother.tomas, brother.finn)
    visit = house.shared(brother)
    assert visit.state is VisitState.LIVE
    ask.says(brother.finn, asked, Answer.REFUSED)
    held = house.visit(visit.id)
    assert (held.state, held.hold_reason) == (VisitState.HELD, "not_cleared")
    assert last(house, EventType.VISIT_HELD, brother.case)[:2] == ("not_cleared", ["R68"])
    reason, rules, everything = last(house, EventType.VISIT_HELD, house.cast.case)
    assert (reason, rules) == ("another_child_unsettled", ["R54"])
    assert "R68" not in everything
    with house.work(house.cast.lena) as work:
        assert ("R68", "not_cleared") in codes(running.resume(work, visit.id))
    assert last(house, EventType.VISIT_REFUSED, house.cast.case)[1].count("R68") == 0
    assert "R68" in last(house, EventType.VISIT_REFUSED, brother.case)[1]


@pytest.mark.parametrize("which", ["tomas", "finn"])
def test_after_a_no_their_device_comes_to_no_waiting_room(
    house: House, brother: Brother, ask: Ask, which: str
) -> None:
    people = (brother.tomas, brother.finn)
    asked = dict(zip(people, ask.yes(*people), strict=True))
    visit = house.waiting(sharing=brother.shares)
    phone = house.opens(visit, brother.tomas)
    house.consents(brother.tomas)
    person: PersonId = getattr(brother, which)
    ask.says(person, asked[person], Answer.REFUSED)
    assert ("R68", "not_cleared") in codes(house.knocks(visit, brother.tomas, phone))
    assert "R68" in last(house, EventType.JOIN_REFUSED, brother.case)[1]
    _, rules, everything = last(house, EventType.JOIN_REFUSED, house.cast.case)
    assert ("R54" in rules, "R68" in everything, "clear" in everything) == (True, False, False)


def test_after_a_no_neither_they_are_let_in_nor_anybody_to_them(
    house: House, brother: Brother, ask: Ask
) -> None:
    _, asked = ask.yes(brother.tomas, brother.finn)
    visit = house.waiting(sharing=brother.shares)
    house.consents(house.cast.dana, house.cast.ines, brother.tomas)
    house.joins(visit, visit.watcher, "aa" * 8)
    for person in (house.cast.dana, brother.tomas):
        house.comes_in(visit, person)
    carer = house.device_in(visit, house.cast.ines)
    house.joins(visit, carer, carer.id[:16])
    ask.says(brother.finn, asked, Answer.REFUSED)
    with house.work(house.cast.lena) as work:
        assert codes(running.admit(work, visit.id, carer.id, SEEN)) == [("R68", "room_not_cleared")]
    _, rules, everything = last(house, EventType.ADMISSION_REFUSED, house.cast.case)
    assert (rules, "clear" in everything) == (["R54"], False)
    assert last(house, EventType.ADMISSION_REFUSED, brother.case)[1] == ["R68"]


def test_whoever_waits_with_the_child_is_not_let_in_after_a_no(
    house: House, brother: Brother, ask: Ask
) -> None:
    _, asked = ask.yes(brother.tomas, brother.finn)
    visit = house.waiting(sharing=brother.shares)
    house.consents(house.cast.dana, brother.tomas)
    house.joins(visit, visit.watcher, "aa" * 8)
    house.comes_in(visit, house.cast.dana)
    carer = house.device_in(visit, brother.tomas)
    house.joins(visit, carer, carer.id[:16])
    ask.says(brother.finn, asked, Answer.REFUSED)
    with house.work(house.cast.lena) as work:
        assert codes(running.admit(work, visit.id, carer.id, SEEN)) == [("R68", "not_cleared")]


def test_a_no_puts_the_booked_visit_in_doubt_and_only_their_own_workers_read_why(
    house: House, brother: Brother, ask: Ask, mona: AccountId, sade: AccountId
) -> None:
    _, asked = ask.yes(brother.tomas, brother.finn)
    visit = house.approved(sharing=brother.shares)
    before = len(house.entries())
    ask.says(brother.finn, asked, Answer.REFUSED)
    told = {}
    for account in (mona, sade):
        with house.reading(account) as work:
            told[account] = reasons_told(work, visit_for(work, visit.id))
            kinds = [one.kind for one in open_follow_ups(work)]
            assert (FollowUpKind.CLEARANCE_REFUSED in kinds) == (account == sade)
    assert codes(Refused(passed=(), reasons=told[mona])) == [("R54", "another_child_unsettled")]
    assert "Hill House has said that Finn may not meet Mia from there" in told[sade][0].words
    with house.reading(house.cast.priya) as work:
        [doubt] = doubts(work)
    assert [one.rule for one in doubt.reasons] == ["R68"]
    assert [one.type for one in house.entries()[before:]] == []


def test_whoever_is_on_duty_for_the_visit_but_works_with_the_other_child_alone_reads_no_more(
    house: House, brother: Brother, ask: Ask, mona: AccountId
) -> None:
    _, asked = ask.yes(brother.tomas, brother.finn)
    visit = house.approved(sharing=brother.shares, duty=mona)
    ask.says(brother.finn, asked, Answer.REFUSED)
    with house.reading(mona) as work:
        [told] = reasons_told(work, visit_for(work, visit.id))
    assert (told.rule, told.code) == ("R54", "another_child_unsettled")


def test_what_was_asked_for_is_not_approved_after_a_no(house: House, brother: Brother, ask: Ask) -> None:
    asked, _ = ask.yes(brother.tomas, brother.finn)
    visit = house.requested(sharing=brother.shares)
    ask.says(brother.tomas, asked, Answer.REFUSED)
    with house.work(house.cast.priya) as work:
        assert codes(inviting.approve(work, visit.id)) == [("R13", "clearance_refused")]
    _, rules, everything = last(house, EventType.APPROVAL_REFUSED, house.cast.case)
    assert (rules, "clear" in everything) == (["R54"], False)


def test_children_whom_one_carer_brings_are_together_and_both_would_meet_the_others() -> None:
    mia, finn, gus, ines, tomas, dana = map(PersonId, ("mia", "finn", "gus", "ines", "tomas", "dana"))
    children = [ChildWished(child=mia, caregiver=ines)]
    children += [ChildWished(child=one, caregiver=tomas) for one in (finn, gus)]
    found = {(one.person, one.child, one.there, one.side) for one in who_meets(children, [dana])}
    assert found == {
        *((dana, one, dana, one) for one in (mia, finn, gus)),
        *((one, mia, tomas, side) for side in (finn, gus) for one in (tomas, side)),
        *((one, met, ines, mia) for met in (finn, gus) for one in (ines, mia)),
    }


def test_where_the_place_is_closed_then_the_other_childs_worker_does_not_read_which_it_is(
    house: House, brother: Brother, ask: Ask, mona: AccountId
) -> None:
    ask.yes(brother.tomas, brother.finn)
    visit = house.approved(sharing=brother.shares)
    day = visit.starts_at.date()
    with house.work(house.cast.priya) as work:
        pooling.add_closure(work, ask.unit, (day, day))
    with house.reading(mona) as work:
        told = reasons_told(work, visit_for(work, visit.id))
    assert [(one.rule, one.code) for one in told] == [("R54", "another_child_unsettled")]
    with house.reading(house.cast.karim) as work:
        assert "Hill House" in reasons_told(work, visit_for(work, visit.id))[0].words


def test_who_watches_over_children_of_one_case_reads_which_place_it_is(house: House, unit: PoolId) -> None:
    """The staff of a visit read what is said of it; nobody of another case is there to be kept from them."""
    with house.work(house.cast.karim) as work:
        pooling.link(work, house.cast.dana, unit, NOON.date(), None)
        asked = actions.ask(work, house.cast.dana, house.cast.mia, unit)
        clearing.answer(work, house.cast.dana, asked, Answer.GRANTED, reference="HH 7")
    visit = house.approved()
    with house.work(house.cast.karim) as work:
        clearing.answer(work, house.cast.dana, asked, Answer.REFUSED, reference="HH 8")
    with house.reading(house.cast.lena) as work:
        [told] = reasons_told(work, visit_for(work, visit.id))
    assert (told.rule, "Hill House" in told.words) == ("R68", True)


def test_in_the_log_of_the_other_child_stands_no_word_of_the_place_that_was_closed(
    house: House, brother: Brother, ask: Ask
) -> None:
    ask.yes(brother.tomas, brother.finn)
    day = house.wish().wall_start.date()
    with house.work(house.cast.priya) as work:
        pooling.add_closure(work, ask.unit, (day, day))
    assert codes(book(house, brother)) == [("R61", "pool_closed")]
    _, rules, everything = last(house, EventType.BOOKING_REFUSED, house.cast.case)
    assert (rules, "pool" in everything, "R61" in everything) == (["R54"], False, False)
    assert last(house, EventType.BOOKING_REFUSED, brother.case)[1] == ["R61"]


def test_of_carers_in_one_place_each_side_reads_of_its_own_alone(
    house: House, brother: Brother, ask: Ask, mona: AccountId, sade: AccountId
) -> None:
    ask.yes(brother.tomas, brother.finn)
    visit = house.approved(sharing=brother.shares)
    with house.work(house.cast.karim) as work:
        pooling.link(work, house.cast.ines, ask.unit, NOON.date(), None)
    with house.work(house.cast.priya) as work:
        pooling.add_closure(work, ask.unit, (visit.starts_at.date(), visit.starts_at.date()))
    for account, own, other in ((mona, "Ines", "Tomas"), (sade, "Tomas", "Ines")):
        with house.reading(account) as work:
            told = [one.words for one in reasons_told(work, visit_for(work, visit.id)) if one.rule == "R61"]
        assert (len(told), own in told[0], other in told[0]) == (1, True, False)


def test_whoever_may_not_approve_reads_no_reason_of_the_other_side(
    house: House, brother: Brother, ask: Ask, mona: AccountId, sade: AccountId
) -> None:
    asked, _ = ask.yes(brother.tomas, brother.finn)
    visit = house.requested(sharing=brother.shares)
    ask.says(brother.tomas, asked, Answer.REFUSED)
    for account, knows in ((mona, False), (sade, True)):
        with house.work(account) as work:
            refused = inviting.approve(work, visit.id)
        assert ("Hill House" in words(refused), ("R13", "clearance_refused") in codes(refused)) == (
            knows,
            knows,
        )
        assert any(rule == "R12" for rule, _ in codes(refused))


def test_staff_of_a_visit_who_work_with_one_child_see_it_from_that_childs_side(
    house: House, brother: Brother, ask: Ask, sade: AccountId
) -> None:
    ask.yes(brother.tomas, brother.finn)
    visit = house.approved(sharing=brother.shares, duty=sade)
    with house.reading(sade) as work:
        seen = visit_for(work, visit.id)
    assert (seen.child, seen.case) == (brother.finn, brother.case)
    with house.reading(house.cast.lena) as work:
        assert visit_for(work, visit.id).child == house.cast.mia


def test_only_whoever_knows_the_place_replaces_a_link_that_goes_there(
    house: House, brother: Brother, ask: Ask, mona: AccountId, sade: AccountId
) -> None:
    ask.yes(brother.tomas, brother.finn)
    visit = house.approved(sharing=brother.shares, duty=mona)
    for account, may in ((mona, False), (sade, True), (house.cast.lena, True), (house.cast.karim, True)):
        with house.reading(account) as work:
            found = visit_for(work, visit.id)
            assert may_replace_link(work, found, brother.tomas) == may, account
            assert may_replace_link(work, found, house.cast.ines) == (account != sade), account


@pytest.mark.parametrize("code", ["clearance_missing", "pool_closed", "pool_taken"])
def test_what_was_kept_of_a_side_is_hidden_by_its_code(code: str) -> None:
    assert hidden(f"R61/{code}") == "R54/another_child_unsettled"
    assert hidden("R55/taken") == "R55/taken"
