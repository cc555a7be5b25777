"""One live visit for children of several cases: decided for each, one room, a record in each case (feature A2)."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from contact_service import actor
from contact_service.approvals.actions import meeting
from contact_service.consent import actions as consent
from contact_service.consent.consent import ConsentKind, ConsentState, Method, Purpose
from contact_service.demo.brother import Brother
from contact_service.errors import BadInput, IllegalMove, NotAllowed, NotFound
from contact_service.follow_ups.queries import open_follow_ups
from contact_service.ids import AccountId, PersonId
from contact_service.invitations.actions import inviting, stopping
from contact_service.jobs import doors
from contact_service.people.actions.members import Tie, bring_in, change_details
from contact_service.people.person import Relation
from contact_service.people.queries import members as people
from contact_service.plans.actions import add_quiet_hours
from contact_service.plans.hours import QuietHours, QuietKind, Weekday, Window
from contact_service.plans.terms import SupervisionLevel
from contact_service.policy.decision import Permitted, Refused
from contact_service.protocol.link import EventKind
from contact_service.protocol.rooms import Role as RoomRole, Stage as RoomStage
from contact_service.restrictions.actions import NewRestriction
from contact_service.restrictions.restriction import RestrictionKind, RestrictionSource
from contact_service.visits.actions import agreeing, attending, ending, recording, running
from contact_service.visits.queries.deciding import who_stays_out
from contact_service.visits.queries.explaining import why_not
from contact_service.visits.queries.finding import visit_for, visits_in, visits_of_child
from contact_service.visits.queries.writing import notes_of, record_of
from contact_service.visits.reasons import CancelReason
from contact_service.visits.record import Sections
from contact_service.visits.visit import COUNTED, Outcome, Stage, Visit, VisitState
from contact_service.visits.wish import ChildWished
from contact_service.work import read
from tests.actions.test_doubts import publish
from tests.actions.test_emergency import accept, went_well
from tests.cast import SEEN, House

pytestmark = pytest.mark.slow  # each opens a second case first; the quick gate has them in a history

SIBLINGS_ALONE = """\
title: Siblings
approvals:
  automatic:
    - {name: siblings, relations: [sibling, half_sibling], levels: [supported], most_minutes: 45, completed_before: 1}
"""
FACTS = Sections(what_happened="They drew together.")


def shared(brother: Brother, **changes: Any) -> dict[str, Any]:  # noqa: ANN401
    """Mia, Finn and their mother tomorrow at four, each child at home with their own carer."""
    return {"sharing": brother.shares} | changes


@pytest.fixture
def live(house: House, brother: Brother) -> Visit:
    """Everybody is in the room: mother, Mia with Ines, Finn with Tomas."""
    return house.shared(brother)


def types(house: House, case: str) -> list[str]:
    return [entry.type for entry in house.entries(case)]


# ---- people of several cases


def test_somebody_of_another_case_is_brought_in_and_stays_with_their_own_worker(
    house: House, brother: Brother, sade: AccountId
) -> None:
    with house.reading(house.cast.karim) as work:
        assert people.case_of(work, brother.finn) == brother.case
        assert people.case_of(work, house.cast.mia) == house.cast.case
        there = people.member(work, brother.finn, child=house.cast.mia)
        assert (there.relation, there.relation_word) == (Relation.HALF_SIBLING, "brother")
        own = people.details_of(work, house.cast.mia)
    with house.work(sade) as work, pytest.raises(NotFound):
        change_details(work, house.cast.mia, own)  # Mia is family in Finn's case, and no more


def test_nobody_out_of_reach_is_brought_in(house: House, brother: Brother, sade: AccountId) -> None:
    before = house.snapshot()
    tie = Tie(child=brother.finn, person=house.cast.emil, relation=Relation.OTHER, word="her father")
    with house.work(sade) as work, pytest.raises(NotFound):
        bring_in(work, tie)
    with house.work(house.cast.karim) as work, pytest.raises(BadInput):
        bring_in(work, Tie(child=brother.finn, person=brother.finn, relation=Relation.SELF, word="me"))
    assert house.snapshot() == before


# ---- deciding


@pytest.mark.rule("R54")
def test_one_visit_is_booked_approved_and_written_down_in_each_case(house: House, brother: Brother) -> None:
    earlier = len(house.entries(brother.case)), len(house.history())
    visit = house.approved(**shared(brother))
    assert [one.child for one in visit.children] == [house.cast.mia, brother.finn]
    assert [one.case for one in visit.children] == [house.cast.case, brother.case]
    assert types(house, brother.case)[earlier[0] :] == house.since(earlier[1])
    own, other = house.entries(brother.case)[-1].fields, house.last_entry()
    roles = ["caregiver", "child", "family_member", "sharing_child"]
    assert sorted(s["role"] for s in _subjects(own)) == sorted(s["role"] for s in _subjects(other)) == roles
    assert {s["ref"] for s in _subjects(own)}.isdisjoint({s["ref"] for s in _subjects(other)})
    assert (own["plan_version"], other["plan_version"]) == (1, 2)
    invited = {m.person for m in house.messages(visit) if m.person}
    assert invited == {house.cast.dana, house.cast.ines, brother.tomas}  # one link each


def _subjects(fields: dict[str, Any]) -> list[dict[str, str]]:
    subjects = fields["subjects"]
    assert isinstance(subjects, list)
    return subjects


@pytest.mark.rule("R54")
def test_what_speaks_against_one_child_refuses_the_visit_for_all(house: House, brother: Brother) -> None:
    """Emil is Mia's father: he is in her plan, and nobody in Finn's."""
    with house.work(house.cast.karim) as work:
        tie = Tie(child=brother.finn, person=house.cast.emil, relation=Relation.OTHER, word="her father")
        bring_in(work, tie)
    entries = len(house.entries(brother.case))
    with house.work(house.cast.karim) as work:
        wish = house.wish(**shared(brother, people=(house.cast.emil,)))
        refused = inviting.request_visit(work, wish)
    assert isinstance(refused, Refused)
    assert [reason.words for reason in refused.reasons] == [
        "Emil is not in Finn’s contact plan. Record a new plan first."
    ]
    assert types(house, brother.case)[entries:] == ["booking.refused"]
    assert house.history()[-1] == "booking.refused"


@pytest.mark.rule("R54")
@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"caregiver": "tomas"}, "people"),  # not of Mia's case
        ({"people": ("emil",)}, "people"),  # not of Finn's case
        ({"people": ("dana", "finn")}, "sharing"),  # meets himself
        ({"sharing": ("finn", "finn")}, "sharing"),
        ({"sharing": ("dana",)}, "sharing"),
        ({"sharing": ("tomas",)}, "people"),
    ],
)
def test_a_wish_that_cannot_be_meant_is_refused_whole(
    house: House, brother: Brother, changes: dict[str, Any], field: str
) -> None:
    known = {"finn": brother.finn, "tomas": brother.tomas, "dana": house.cast.dana, "emil": house.cast.emil}
    typed: dict[str, Any] = {}
    for name, value in changes.items():
        typed[name] = tuple(known[one] for one in value) if isinstance(value, tuple) else known[value]
    if "sharing" in typed:
        typed["sharing"] = tuple(ChildWished(child=c, caregiver=brother.tomas) for c in typed["sharing"])
    before = house.snapshot()
    with house.work(house.cast.karim) as work, pytest.raises(BadInput) as raised:
        inviting.request_visit(work, house.wish(**shared(brother, **typed)))
    assert raised.value.field == field
    assert house.snapshot() == before


@pytest.mark.rule("R54")
def test_only_a_worker_of_every_child_asks_for_it(house: House, brother: Brother, sade: AccountId) -> None:
    """Sade may not book for Mia, and sees what was booked from Finn's side."""
    before = house.snapshot()
    with house.work(sade) as work, pytest.raises(NotFound):
        inviting.request_visit(work, house.wish(**shared(brother)))
    assert house.snapshot() == before
    visit = house.requested(**shared(brother))
    with house.reading(sade) as work:
        seen = visit_for(work, visit.id)
        assert (seen.child, seen.case, seen.plan_version) == (brother.finn, brother.case, 1)
        assert [v.child for v in visits_in(work, COUNTED)] == [brother.finn]
        with pytest.raises(NotFound):
            record_of(work, visit.id, child=house.cast.mia)


@pytest.mark.rule("R54")
def test_why_not_answers_for_every_child(house: House, brother: Brother) -> None:
    """Finn is in bed at four; at the nearest time that both have it can be."""
    afternoon = QuietHours(
        kind=QuietKind.BEDTIME, window=Window(days=tuple(Weekday), earliest=15 * 60, latest=24 * 60)
    )
    with house.work(house.cast.karim) as work:
        add_quiet_hours(work, brother.finn, afternoon)
    with house.reading(house.cast.karim) as work:
        wish = house.wish(**shared(brother))
        answer = why_not(work, wish)
        assert isinstance(answer.decision, Refused)
        assert [reason.words for reason in answer.decision.reasons] == [
            "It is Finn’s bedtime. Choose an earlier time."
        ]
        assert answer.change is not None
        assert answer.change.starts_at is not None
        moved = replace(wish, wall_start=answer.change.starts_at.replace(tzinfo=None))
        assert isinstance(why_not(work, moved).decision, Permitted)
        too_long = replace(wish, length=timedelta(minutes=46))
        assert why_not(work, too_long).change is None


@pytest.mark.rule("R2")
def test_what_stands_between_two_carers_stands_between_their_children(house: House, brother: Brother) -> None:
    with house.work(house.cast.karim) as work:
        bring_in(
            work, Tie(child=house.cast.mia, person=brother.tomas, relation=Relation.OTHER, word="a carer")
        )
        new = NewRestriction(
            kind=RestrictionKind.NO_CONTACT,
            person=brother.tomas,
            other=house.cast.ines,
            source=RestrictionSource.AGENCY_DECISION,
        )
        stopping.restrict(work, house.cast.case, new)
    with house.work(house.cast.karim) as work:
        refused = inviting.request_visit(work, house.wish(**shared(brother)))
    assert isinstance(refused, Refused)
    assert {reason.rule for reason in refused.reasons} == {"R2"}


@pytest.mark.rule("R39")
def test_it_counts_against_the_plan_of_each_child(house: House, brother: Brother) -> None:
    visit = house.requested(**shared(brother))
    with house.reading(house.cast.karim) as work:
        for child in (house.cast.mia, brother.finn):
            assert [v.id for v in visits_of_child(work, child, COUNTED)] == [visit.id]
            assert visits_of_child(work, child, COUNTED)[0].child == child
        asked = why_not(work, house.wish(**shared(brother)), besides=visit.id)
        assert isinstance(asked.decision, Permitted)


@pytest.mark.rule("R50")
def test_a_person_always_decides_on_it(house: House, brother: Brother) -> None:
    """The policy needs nobody's yes for brothers and sisters: it does where they do not share the visit."""
    publish(house, SIBLINGS_ALONE)
    accept(house)
    level = {"level": SupervisionLevel.SUPPORTED}
    later = datetime(2030, 5, 15, 18)  # noqa: DTZ001  wall time
    ways = ({"people": (house.cast.jonas,)}, shared(brother, people=(), wall_start=later))
    for way, then in zip(ways, (VisitState.APPROVED, VisitState.REQUESTED), strict=True):
        went_well(house, house.requested(**way, **level))
        assert house.visit(house.requested(**way, **level).id).state is then


def test_a_change_may_leave_a_child_out_and_take_one_in(house: House, brother: Brother) -> None:
    visit = house.approved(**shared(brother))
    with house.work(house.cast.karim) as work:
        alone = inviting.change(work, visit.id, house.wish())
    assert isinstance(alone, Visit)
    assert [one.child for one in alone.children] == [house.cast.mia]
    assert brother.tomas not in alone.people
    with house.work(house.cast.karim) as work:
        both = inviting.change(work, visit.id, house.wish(**shared(brother)))
    assert isinstance(both, Visit)
    assert [one.child for one in both.children] == [house.cast.mia, brother.finn]
    assert both.state is VisitState.REQUESTED


def test_it_stays_with_the_child_it_was_asked_for(house: House, brother: Brother) -> None:
    visit = house.requested(**shared(brother))
    from_finn = house.wish(**shared(brother)).by_child()[1]
    with house.work(house.cast.karim) as work, pytest.raises(BadInput, match="stays with its child"):
        inviting.change(work, visit.id, from_finn)


def test_a_later_fact_about_either_child_puts_it_in_doubt_in_their_case(
    house: House, brother: Brother
) -> None:
    visit = house.approved(**shared(brother))
    with house.work(house.cast.karim) as work:
        meeting.end_approval_to_meet(work, brother.finn, house.cast.dana)
    with house.reading(house.cast.priya) as work:
        found = [one for one in open_follow_ups(work) if one.visit == visit.id]
    assert [(one.case, one.person) for one in found] == [(brother.case, brother.finn)]


def test_a_worker_of_one_child_takes_nobody_elses_place(
    house: House, brother: Brother, sade: AccountId
) -> None:
    """Sade may call it off, and the worker of the other child is asked to see to them; she changes nothing for Mia."""
    visit = house.approved(**shared(brother))
    with house.work(sade) as work, pytest.raises(NotAllowed):
        inviting.change(work, visit.id, house.wish(**shared(brother)).by_child()[1])
    with house.work(sade) as work:
        inviting.suspend(work, visit.id)
    with house.work(sade) as work, pytest.raises(NotAllowed):
        ending.ask_again(work, visit.id)
    with house.work(house.cast.karim) as work:
        ending.ask_again(work, visit.id)
    with house.work(sade) as work:
        inviting.cancel(work, visit.id, CancelReason.CHILD_ILL)
    with house.reading(house.cast.karim) as work:
        asked = [(one.case, one.person) for one in open_follow_ups(work) if one.visit == visit.id]
    assert asked == [(house.cast.case, house.cast.mia)] * 2


# ---- the room


def test_everybody_is_in_one_room_and_each_child_comes_with_their_own_carer(
    house: House, brother: Brother, live: Visit
) -> None:
    room = house.rooms().rooms[0]
    inside = sorted(p.role for p in room.people if p.stage is RoomStage.ADMITTED)
    assert inside == [RoomRole.CHILD, RoomRole.CHILD, RoomRole.FAMILY, RoomRole.SUPERVISOR]
    assert live.shown_as(house.device_in(live, house.cast.ines)) == (house.cast.mia,)
    assert live.shown_as(house.device_in(live, brother.tomas)) == (brother.finn,)
    assert live.shown_as(house.device_in(live, house.cast.dana)) == (house.cast.dana,)
    for case in (house.cast.case, brother.case):
        assert types(house, case).count("admission.granted") == 3
        assert types(house, case).count("visit.started") == 1


def test_another_childs_carer_stands_in_no_evidence_but_their_own(
    house: House, brother: Brother, live: Visit
) -> None:
    with read(house.installation, actor.SCHEDULE) as work:
        ref = {
            case: set(people.refs_of(work, [person], case=case).values())
            for case, person in ((brother.case, house.cast.ines), (house.cast.case, brother.tomas))
        }
        everywhere = {
            person: set(people.refs_of(work, [person], case=own).values())
            for own, person in ((house.cast.case, house.cast.ines), (brother.case, brother.tomas))
        }
    for case, person in ((brother.case, house.cast.ines), (house.cast.case, brother.tomas)):
        said = {s["ref"] for entry in house.entries(case) for s in entry.fields.get("subjects", [])}
        assert said.isdisjoint(ref[case] | everywhere[person]), case
    assert live.state is VisitState.LIVE


@pytest.mark.rule("R25")
def test_each_child_is_let_in_after_the_adult_and_only_with_their_own_consent(
    house: House, brother: Brother
) -> None:
    visit = house.waiting(**shared(brother))
    house.consents(house.cast.dana, house.cast.ines, brother.tomas)
    house.joins(visit, visit.watcher, "aa" * 8)
    finn = house.device_in(visit, brother.tomas)
    house.joins(visit, finn, finn.id[:16])
    with house.work(house.cast.lena) as work:
        early = running.admit(work, visit.id, finn.id, SEEN)
    assert isinstance(early, Refused)
    assert {reason.code for reason in early.reasons} == {"child_last"}
    _say(house, brother.finn, ConsentState.WITHDRAWN)
    house.comes_in(visit, house.cast.dana)  # Mia's consent stands: their mother may meet her
    house.comes_in(visit, house.cast.ines)
    house.joins(visit, finn, finn.id[:16])
    with house.work(house.cast.lena) as work:
        late = running.admit(work, visit.id, finn.id, SEEN)
    assert isinstance(late, Refused)
    assert {reason.code for reason in late.reasons} == {"child_consent_missing"}
    assert house.state(visit) is VisitState.LIVE


def _say(house: House, child: PersonId, state: ConsentState) -> None:
    """Whoever decides for the child says so; rooms follow."""
    with house.work(house.cast.karim) as work:
        new = consent.NewAnswer(
            person=child,
            purpose=Purpose.TAKE_PART,
            state=state,
            version=1,
            method=Method.BY_DECISION_HOLDER,
        )
        agreeing.take_answer(work, new)


def test_a_child_who_stops_is_out_and_the_visit_goes_on_for_the_other(
    house: House, brother: Brother, live: Visit
) -> None:
    mia = house.device_in(live, house.cast.ines)
    house.relay(live, EventKind.WITHDRAWN, 1, participant=mia.id)
    after = house.visit(live.id)
    assert after.state is VisitState.LIVE
    assert house.device_in(after, house.cast.ines).stage is Stage.LEFT
    assert house.device_in(after, brother.tomas).stage is Stage.ADMITTED
    assert after.seen_from(house.cast.mia).outcome is Outcome.CONSENT_WITHDRAWN
    assert after.seen_from(brother.finn).outcome is None
    finn = house.device_in(live, brother.tomas)
    house.relay(live, EventKind.WITHDRAWN, 2, participant=finn.id)
    over = house.visit(live.id)
    assert over.state is VisitState.ENDED
    assert {one.outcome for one in over.children} == {Outcome.CONSENT_WITHDRAWN}


def test_a_consent_taken_back_for_one_child_takes_that_child_out_alone(
    house: House, brother: Brother, live: Visit
) -> None:
    _say(house, brother.finn, ConsentState.WITHDRAWN)
    after = house.visit(live.id)
    assert after.state is VisitState.LIVE
    assert house.device_in(after, brother.tomas).stage is Stage.LEFT
    assert house.device_in(after, house.cast.ines).stage is Stage.ADMITTED
    _say(house, house.cast.mia, ConsentState.WITHDRAWN)
    assert house.state(live) is VisitState.ENDED


def test_a_child_who_comes_back_has_not_left(house: House, brother: Brother, live: Visit) -> None:
    _say(house, brother.finn, ConsentState.WITHDRAWN)
    _say(house, brother.finn, ConsentState.GIVEN)
    house.comes_in(live, brother.tomas)
    assert house.visit(live.id).seen_from(brother.finn).outcome is None


@pytest.mark.rule("R43")
def test_a_no_of_the_last_child_who_is_left_ends_it(house: House, brother: Brother, live: Visit) -> None:
    for child, carer, over in (
        (brother.finn, brother.tomas, False),
        (house.cast.mia, house.cast.ines, True),
    ):
        with house.as_family(carer) as work:
            new = consent.NewAnswer(
                person=child,
                purpose=Purpose.TAKE_PART,
                kind=ConsentKind.ASSENT,
                state=ConsentState.DECLINED,
                version=1,
                method=Method.ON_THE_PAGE,
                visit=live.id,
            )
            agreeing.take_answer(work, new)
        assert (house.state(live) is VisitState.ENDED) == over


@pytest.mark.parametrize("pair", [("dana", "finn"), ("dana", "mia"), ("tomas", "mia"), ("ines", "finn")])
def test_an_order_about_any_two_of_them_ends_it_at_once(
    house: House, brother: Brother, live: Visit, pair: tuple[str, str]
) -> None:
    known = {"finn": brother.finn, "tomas": brother.tomas} | {
        name: getattr(house.cast, name) for name in ("dana", "mia", "ines")
    }
    one, other = (known[name] for name in pair)
    case = brother.case if "finn" in pair or "tomas" in pair else house.cast.case
    with house.work(house.cast.karim) as work:
        for child, person in ((brother.finn, house.cast.ines), (house.cast.mia, brother.tomas)):
            bring_in(work, Tie(child=child, person=person, relation=Relation.OTHER, word="a carer"))
        new = NewRestriction(
            kind=RestrictionKind.NO_CONTACT, person=one, other=other, source=RestrictionSource.COURT_ORDER
        )
        stopping.restrict(work, case, new)
    over = house.visit(live.id)
    assert over.state is VisitState.ENDED
    assert {child.outcome for child in over.children} == {Outcome.ORDER_STOPPED}
    assert not house.rooms().rooms
    with house.reading(house.cast.priya) as work:
        stopped = [one for one in open_follow_ups(work) if one.visit == live.id]
    assert {one.case for one in stopped} == {house.cast.case, brother.case}


def test_a_lost_or_removed_device_of_one_child_leaves_the_other(
    house: House, brother: Brother, live: Visit
) -> None:
    finn = house.device_in(live, brother.tomas)
    with house.as_actor(actor.relay("relay-1")) as work:
        attending.removed(work, live.id, finn)
    assert house.state(live) is VisitState.LIVE
    house.relay(live, EventKind.WITHDRAWN, 1, participant=house.device_in(live, house.cast.ines).id)
    assert house.state(live) is VisitState.ENDED  # nobody is left whose visit it is


def test_a_carer_with_two_children_brings_both_on_one_device(house: House, brother: Brother) -> None:
    """Mia and Finn live with Ines now: one link, one device, and a no for Finn is no no for Mia."""
    with house.work(house.cast.karim) as work:
        bring_in(
            work,
            Tie(child=brother.finn, person=house.cast.ines, relation=Relation.CAREGIVER, word="foster carer"),
        )
    both = (ChildWished(child=brother.finn, caregiver=house.cast.ines),)
    visit = house.waiting(sharing=both)
    assert len([p for p in visit.families() if p.person == house.cast.ines]) == 1
    assert visit.shown_as(house.device_in(visit, house.cast.ines)) == (house.cast.mia, brother.finn)
    house.consents(house.cast.dana, house.cast.ines)
    house.joins(visit, visit.watcher, "aa" * 8)
    house.comes_in(visit, house.cast.dana)
    house.comes_in(visit, house.cast.ines)
    _say(house, brother.finn, ConsentState.WITHDRAWN)
    out = house.visit(visit.id)
    assert (out.state, house.device_in(out, house.cast.ines).stage) == (VisitState.LIVE, Stage.LEFT)
    with house.reading(house.cast.lena) as work:
        assert who_stays_out(work, out, house.device_in(out, house.cast.ines)) == (brother.finn,)
    house.comes_in(visit, house.cast.ines)  # the supervisor has looked: Finn is not in the room
    house.answers(house.cast.dana, Purpose.NOTES_KEPT, ConsentState.GIVEN)
    again = house.visit(visit.id)
    assert house.device_in(again, house.cast.ines).stage is Stage.ADMITTED
    outcomes = {one.child: one.outcome for one in again.children}
    assert outcomes == {house.cast.mia: None, brother.finn: Outcome.CONSENT_WITHDRAWN}
    _say(house, house.cast.mia, ConsentState.WITHDRAWN)
    assert house.state(visit) is VisitState.ENDED


def test_the_door_opens_while_a_consent_for_one_child_stands(house: House, brother: Brother) -> None:
    visit = house.approved(**shared(brother))
    house.deliver(visit)
    _say(house, brother.finn, ConsentState.WITHDRAWN)
    doors.make_ready(house.installation)
    assert house.state(visit) is VisitState.READY


# ---- the records


def test_each_case_gets_a_record_of_its_own(
    house: House, brother: Brother, live: Visit, sade: AccountId
) -> None:
    with house.work(house.cast.lena) as work:
        recording.add_note(work, live.id, "Both laughed.")
    house.relay(live, EventKind.ENDED, 1, reason="completed")
    earlier = len(house.entries(brother.case)), len(house.history())
    with house.work(house.cast.lena) as work:
        recording.submit(work, live.id, FACTS, Outcome.COMPLETED, child=house.cast.mia)
    assert house.state(live) is VisitState.ENDED  # Finn's is due
    assert house.since(earlier[1]) == ["visit.recorded"]
    assert types(house, brother.case)[earlier[0] :] == []
    with house.work(house.cast.lena) as work:
        done = recording.submit(
            work, live.id, Sections(what_happened="Finn sang."), Outcome.ENDED_EARLY_CHILD, child=brother.finn
        )
    assert done.state is VisitState.RECORDED
    assert types(house, brother.case)[earlier[0] :] == ["visit.recorded"]
    assert house.since(earlier[1]) == ["visit.recorded"]
    with house.reading(sade) as work:
        written = record_of(work, live.id)
        assert written is not None
        assert written.sections.what_happened == "Finn sang."
        assert [note.text for note in notes_of(work, live.id)] == ["Both laughed."]
        assert visit_for(work, live.id).outcome is Outcome.ENDED_EARLY_CHILD
    _sign_both_off(house, brother, live)


def _sign_both_off(house: House, brother: Brother, visit: Visit) -> None:
    for child, state in (
        (brother.finn, VisitState.RECORDED),
        (house.cast.mia, VisitState.SIGNED_OFF),
    ):
        with house.work(house.cast.priya) as work:
            assert recording.sign_off(work, visit.id, child=child).state is state
        with house.work(house.cast.priya) as work, pytest.raises(IllegalMove):
            recording.sign_off(work, visit.id, child=child)
    for case in (house.cast.case, brother.case):
        assert types(house, case).count("record.signed_off") == 1


def test_a_record_names_its_child_and_is_written_once(house: House, live: Visit) -> None:
    house.relay(live, EventKind.ENDED, 1, reason="completed")
    with house.work(house.cast.lena) as work, pytest.raises(NotFound):
        recording.submit(work, live.id, FACTS, Outcome.COMPLETED)
    with house.work(house.cast.lena) as work, pytest.raises(NotFound):
        recording.submit(work, live.id, FACTS, Outcome.COMPLETED, child=house.cast.jonas)
    with house.work(house.cast.lena) as work:
        recording.submit(work, live.id, FACTS, Outcome.COMPLETED, child=house.cast.mia)
    with house.work(house.cast.lena) as work, pytest.raises(IllegalMove):
        recording.submit(work, live.id, FACTS, Outcome.COMPLETED, child=house.cast.mia)
    with house.work(house.cast.priya) as work, pytest.raises(IllegalMove):
        recording.sign_off(work, live.id, child=house.cast.mia)  # Finn's is not written


def test_everything_else_about_a_visit_of_one_child_is_as_it_was(house: House) -> None:
    visit = house.live()
    house.clock.forward(timedelta(minutes=20))
    house.relay(visit, EventKind.ENDED, 1, reason="completed")
    with house.work(house.cast.lena) as work:
        assert recording.submit(work, visit.id, FACTS, Outcome.COMPLETED).state is VisitState.RECORDED
    with house.work(house.cast.priya) as work:
        assert recording.sign_off(work, visit.id).state is VisitState.SIGNED_OFF


def test_the_level_of_each_plan_counts(house: House, brother: Brother) -> None:
    with house.work(house.cast.karim) as work:
        wish = house.wish(**shared(brother, level=SupervisionLevel.MONITORED))
        refused = inviting.request_visit(work, wish)
    assert isinstance(refused, Refused)
    assert [reason.words.partition(" ")[0] for reason in refused.reasons] == ["Mia’s", "Finn’s"]
