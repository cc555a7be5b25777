"""Whoever watches suits the visit: no conflict of interest (R59), as the plan asks (R60), wherever it counts."""

import random
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from contact_service.actor import Role
from contact_service.agency_policy import actions as agency_policy
from contact_service.agency_policy.queries import policy_in_force
from contact_service.agency_policy.reading import write_policy
from contact_service.agency_policy.version import PolicyAct
from contact_service.approvals.actions import merging, planning
from contact_service.approvals.actions.publishing import publish_policy
from contact_service.errors import BadInput, NotAllowed, NotFound
from contact_service.follow_ups.follow_up import FollowUpKind
from contact_service.follow_ups.queries import open_follow_ups
from contact_service.identity import actions as identity
from contact_service.ids import AccountId, PersonId
from contact_service.invitations.actions import inviting
from contact_service.people.actions import forgetting
from contact_service.people.queries import members as people
from contact_service.plans.queries import plan_for
from contact_service.plans.terms import NO_DEMANDS, Demands, GenderReason
from contact_service.policy.booking import may_book
from contact_service.policy.decision import Refused
from contact_service.protocol.rooms import Role as RoomRole, RoomState, Stage as RoomStage
from contact_service.scheduling.grid import Grid
from contact_service.suitability import queries as suitability
from contact_service.suitability.actions import NewConflict, end_conflict
from contact_service.suitability.fit import ConflictKind, Gender, StaffFit
from contact_service.visits.actions import running, staffing, suiting
from contact_service.visits.actions.doubting import clear_doubt
from contact_service.visits.queries.doubting import is_in_doubt, reasons_against
from contact_service.visits.queries.offered import Times
from contact_service.visits.queries.offering import times_for
from contact_service.visits.reasons import DeclineReason
from contact_service.visits.suiting import Asked, suits
from contact_service.visits.visit import Visit, VisitState
from contact_service.working_hours.hours import AbsenceKind
from tests.actions.test_people import add, propose
from tests.cast import PASSWORD, House
from tests.rules.facts import booking, mother, watcher
from tests.rules.wording import codes

WOMAN = Demands(gender=Gender.WOMAN, why=GenderReason.HARMED_BEFORE)
SIGNS = Demands(trainings=("sign language",))
LONDON = ZoneInfo("Europe/London")


def declared(
    house: House,
    person: PersonId | None = None,
    *,
    of: AccountId | None = None,
    words: str = "",
) -> str:
    """Karim says that Lena (or ``of``) must not watch visits of ``person``, or of Mia's whole case."""
    with house.work(house.cast.karim) as work:
        new = NewConflict(
            account=of or house.cast.lena,
            case=people.case_of(work, house.cast.mia),
            person=person,
            kind=ConflictKind.KIN,
            words=words,
        )
        return suiting.declare_conflict(work, new)


def another_supervisor(house: House, name: str = "Sam") -> AccountId:
    with house.work(house.cast.ola) as work:
        return identity.add_account(
            work,
            email=f"{name.lower()}@demo.example",
            name=name,
            roles=(Role.VISIT_SUPERVISOR,),
            password=PASSWORD,
        )


def names_trainings(house: House, *names: str) -> None:
    """The agency's policy has a list of trainings, and everybody has read it."""
    with house.work(house.cast.priya) as work:
        document = policy_in_force(work).document.model_copy(update={"trainings": names})
        version = agency_policy.propose_policy(work, write_policy(document))
    with house.work(house.cast.ola) as work:
        publish_policy(work, version)
    for account, act in ((house.cast.karim, PolicyAct.BOOK), (house.cast.priya, PolicyAct.APPROVE)):
        with house.work(account) as work:
            agency_policy.accept_policy(work, act, version=version)


def asks(house: House, demands: Demands) -> None:
    """Mia's plan asks this of whoever watches visits with Dana."""
    with house.work(house.cast.karim) as work:
        plan = plan_for(work, house.cast.mia)
        assert plan is not None
        terms = [
            replace(t, demands=demands if t.person == house.cast.dana else NO_DEMANDS) for t in plan.people
        ]
        new = planning.propose_plan(work, house.cast.mia, with_people=terms, review_on=plan.review_on)
    assert not isinstance(new, Refused), new
    with house.work(house.cast.priya) as work:
        assert not isinstance(planning.approve_plan(work, new), Refused)


def said(house: House, **changes: object) -> list[tuple[str, str]]:
    """What the rules say of a visit that Karim asks for; nothing where it is booked."""
    with house.work(house.cast.karim) as work:
        result = inviting.request_visit(work, house.wish(**changes))
    return [(r.rule, r.code) for r in result.reasons] if isinstance(result, Refused) else []


def offered(house: House, **changes: object) -> Times:
    with house.reading(house.cast.karim) as work:
        return times_for(work, house.wish(**{"supervisor": None} | changes))


def watching(times: Times) -> set[AccountId]:
    return {one for offer in times.offers for one in offer.supervisors}


def rules_against(house: House, visit: Visit) -> list[str]:
    with house.reading(house.cast.priya) as work:
        return [reason.rule for reason in reasons_against(work, visit)]


CONFLICT = [("R59", "conflict_of_interest")]


@pytest.mark.rule("R59")
@pytest.mark.parametrize("about", ["dana", "ines", "mia", None])
def test_a_visit_with_a_supervisor_who_has_a_conflict_is_refused(house: House, about: str | None) -> None:
    """With whomever of the visit it is, the carer too, and with the whole case; a visit of others is none of it."""
    declared(house, getattr(house.cast, about) if about else None)
    assert said(house) == CONFLICT
    assert said(house, supervisor=another_supervisor(house)) == []


@pytest.mark.rule("R59")
def test_a_conflict_with_somebody_who_does_not_come_is_none_with_the_visit(house: House) -> None:
    declared(house, house.cast.viktor)
    assert said(house) == []


@pytest.mark.rule("R59")
@pytest.mark.slow
def test_whoever_has_a_conflict_is_not_among_those_who_are_offered(house: House) -> None:
    sam = another_supervisor(house)
    assert watching(offered(house)) == {house.cast.lena, sam}
    declared(house, house.cast.dana)
    assert watching(offered(house)) == {sam}
    alone = offered(house, supervisor=house.cast.lena)
    assert alone.offers == ()
    assert {why for one in alone.without for why in one.why} >= {("supervisor", "")}


@pytest.mark.rule("R59")
def test_declared_later_it_puts_the_booked_visit_in_doubt_and_closes_the_room(house: House) -> None:
    visit = house.waiting()
    later = house.approved(wall_start=datetime(2030, 5, 20, 16, 0))  # noqa: DTZ001  wall time
    with house.work(house.cast.lena) as work:
        assert not isinstance(running.come_to_watch(work, visit.id), Refused)
    declared(house, house.cast.dana)
    with house.reading(house.cast.priya) as work:
        assert is_in_doubt(work, later)
    assert rules_against(house, later) == ["R59"]
    with house.work(house.cast.lena) as work:
        refused = running.come_to_watch(work, visit.id)
    assert isinstance(refused, Refused)
    assert refused.rules == ("R59",)


@pytest.mark.rule("R59")
def test_a_running_visit_is_held_and_its_supervisor_sees_and_hears_nobody(house: House) -> None:
    visit = house.live()
    before = house.rooms()
    declared(house, house.cast.dana)
    held = house.visit(visit.id)
    assert (held.state, held.hold_reason) == (VisitState.HELD, "conflict_of_interest")
    after = house.rooms()
    assert after.version > before.version
    [room] = after.rooms
    assert room.state is RoomState.HELD
    [watcher_there] = [one for one in room.people if one.role is RoomRole.SUPERVISOR]
    assert (watcher_there.leg, watcher_there.stage) == (None, RoomStage.WAITING)
    assert all(one.leg for one in room.people if one is not watcher_there)
    for account in (house.cast.karim, house.cast.priya):
        with house.reading(account) as work:
            [asked] = open_follow_ups(work)
            assert (asked.kind, asked.visit, asked.due_at) == (
                FollowUpKind.VISIT_UNWATCHED,
                visit.id,
                house.clock.at,
            )
    with house.work(house.cast.lena) as work:
        refused = running.resume(work, visit.id)
    assert isinstance(refused, Refused)
    assert "R59" in refused.rules


@pytest.mark.rule("R59")
def test_a_visit_that_is_not_live_yet_is_closed_to_its_supervisor_too(house: House) -> None:
    visit = house.waiting()
    house.joins(visit, visit.watcher, "aa" * 8)
    declared(house, house.cast.dana)
    [room] = house.rooms().rooms
    assert not any(one.leg for one in room.people)
    with house.reading(house.cast.karim) as work:
        assert [one.visit for one in open_follow_ups(work)] == [visit.id]


@pytest.mark.rule("R59")
def test_a_conflict_with_others_leaves_a_running_visit_as_it_is(house: House) -> None:
    visit = house.live()
    before = house.rooms()
    declared(house, house.cast.viktor)
    assert house.state(visit) is VisitState.LIVE
    assert house.rooms().rooms == before.rooms


@pytest.mark.rule("R59")
def test_nobody_approves_a_visit_with_whose_people_they_have_a_conflict(house: House) -> None:
    visit = house.requested(duty=house.cast.karim)
    declared(house, of=house.cast.priya)
    with house.work(house.cast.priya) as work:
        refused = inviting.approve(work, visit.id)
    assert isinstance(refused, Refused)
    assert refused.rules == ("R59",)


@pytest.mark.rule("R59")
def test_nobody_declines_a_visit_with_whose_people_they_have_a_conflict(house: House) -> None:
    visit = house.requested(duty=house.cast.karim)
    declared(house, of=house.cast.priya)
    with house.work(house.cast.priya) as work:
        refused = inviting.decline(work, visit.id, DeclineReason.NO_STAFF)
    assert isinstance(refused, Refused)
    assert (refused.rules, house.state(visit)) == (("R59",), VisitState.REQUESTED)
    assert house.history()[-1] == "approval.refused"


@pytest.mark.rule("R59")
@pytest.mark.parametrize(
    ("who", "words"),
    [
        ("lena", "It cannot take place with Lena Voss. Choose another visit supervisor, or call it off."),
        ("karim", "It cannot take place with Karim Aziz. Name another duty person, or call it off."),
        ("priya", "You cannot decide on this visit. Ask another approver."),
    ],
)
def test_no_approver_can_say_that_a_visit_stands_with_somebody_in_conflict(
    house: House, who: str, words: str
) -> None:
    """Nor can one who has a conflict themselves; once it is taken back, it can be said."""
    visit = house.approved(duty=house.cast.karim, wall_start=datetime(2030, 5, 20, 16, 0))  # noqa: DTZ001
    with house.work(house.cast.ola) as work:
        day = visit.starts_at.date()
        staffing.add_absence(work, house.cast.lena, (day, day), AbsenceKind.LEAVE, zone=LONDON.key)
    conflict = declared(house, house.cast.dana, of=getattr(house.cast, who))
    assert ("R59" in rules_against(house, visit)) is (who != "priya")
    for reason in ("visit_stands", "put_right"):
        with house.work(house.cast.priya) as work:
            refused = clear_doubt(work, visit.id, reason, "The court asks.")
        assert isinstance(refused, Refused)
        assert [one.words for one in refused.reasons] == [words]
        assert house.history()[-1] == "approval.refused"
    with house.reading(house.cast.priya) as work:
        assert is_in_doubt(work, visit)
    if who == "priya":
        return
    with house.work(house.cast.priya) as work:
        end_conflict(work, visit.case, conflict)
    with house.work(house.cast.priya) as work:
        assert clear_doubt(work, visit.id, "visit_stands", "The court asks.") is None


@pytest.mark.rule("R59")
def test_a_visit_with_a_duty_person_who_has_a_conflict_is_refused_and_a_booked_one_in_doubt(
    house: House,
) -> None:
    visit = house.approved(wall_start=datetime(2030, 5, 20, 16, 0))  # noqa: DTZ001  wall time
    declared(house, house.cast.dana, of=house.cast.priya)
    assert rules_against(house, visit) == ["R59"]
    with house.reading(house.cast.priya) as work:
        assert is_in_doubt(work, visit)
    assert said(house) == [("R59", "conflict_of_duty_person")]
    assert said(house, duty=house.cast.karim) == []


@pytest.mark.rule("R59")
@pytest.mark.parametrize("runs", [False, True])
def test_a_conflict_that_a_merge_moves_onto_somebody_counts_for_their_visits(
    house: House, *, runs: bool
) -> None:
    visit = house.live() if runs else house.approved()
    double = add(house, "D. Marlowe")
    declared(house, double)
    merge = propose(house, house.cast.dana, double)
    with house.reading(house.cast.priya) as work:
        assert not is_in_doubt(work, visit)
    with house.work(house.cast.priya) as work:
        merging.agree_to_merge(work, merge)
    with house.reading(house.cast.priya) as work:
        assert is_in_doubt(work, visit) is not runs
    assert house.state(visit) is (VisitState.HELD if runs else VisitState.APPROVED)


def test_words_about_somebody_who_is_forgotten_are_gone_and_the_conflict_still_counts(house: House) -> None:
    conflict = declared(house, house.cast.dana, words="They are cousins.")
    other = declared(house, house.cast.ines, words="They are neighbours.")
    with house.work(house.cast.karim) as work:
        forgetting.forget(work, house.cast.dana)
    with house.reading(house.cast.priya) as work:
        assert suitability.reason_of(work, conflict) == ""
        assert suitability.reason_of(work, other) == "They are neighbours."
        assert len(suitability.conflicts_of(work, house.cast.lena)) == 2


def test_only_those_who_manage_staff_learn_why(house: House) -> None:
    conflict = declared(house, words="They are cousins.")
    with house.reading(house.cast.priya) as work:
        assert suitability.reason_of(work, conflict) == "They are cousins."
        assert [c.kind for c in suitability.conflicts_of(work, house.cast.lena)] == [ConflictKind.KIN]
    with house.reading(house.cast.karim) as work:
        with pytest.raises(NotAllowed):
            suitability.reason_of(work, conflict)
        with pytest.raises(NotAllowed):
            suitability.conflicts_of(work, house.cast.lena)
    assert "cousins" not in str(said(house))


def test_a_conflict_is_taken_back_by_somebody_else_who_manages_staff(house: House) -> None:
    conflict = declared(house)
    with house.reading(house.cast.karim) as work:
        case = people.case_of(work, house.cast.mia)
    with house.work(house.cast.karim) as work, pytest.raises(NotAllowed):
        end_conflict(work, case, conflict)
    with house.work(house.cast.priya) as work:
        end_conflict(work, case, conflict)
    with house.work(house.cast.priya) as work, pytest.raises(NotFound):
        end_conflict(work, case, conflict)
    assert said(house) == []


def test_what_makes_no_sense_is_told_and_changes_nothing(house: House) -> None:
    declared(house)
    with house.work(house.cast.karim) as work:
        case = people.case_of(work, house.cast.mia)
        new = NewConflict(account=house.cast.lena, case=case, person=None, kind=ConflictKind.OTHER)
        with pytest.raises(BadInput, match="why"):
            suiting.declare_conflict(work, new)
        with pytest.raises(BadInput, match="already"):
            suiting.declare_conflict(work, replace(new, kind=ConflictKind.KIN))
        with pytest.raises(BadInput, match="at most"):
            suiting.declare_conflict(work, replace(new, words="a" * 501))
        with pytest.raises(BadInput, match="of this case"):
            suiting.declare_conflict(work, replace(new, words="x", person=PersonId("0" * 32)))


@pytest.mark.rule("R60")
def test_a_woman_is_asked_for_and_whoever_says_nothing_is_none(house: House) -> None:
    booked = house.approved(wall_start=datetime(2030, 5, 20, 16, 0))  # noqa: DTZ001  wall time
    asks(house, WOMAN)
    assert rules_against(house, booked) == ["R60"]
    assert said(house) == [("R60", "woman")]
    with house.work(house.cast.lena) as work:
        suiting.state_gender(work, house.cast.lena, Gender.WOMAN)
    assert said(house) == []
    assert rules_against(house, booked) == []
    with house.work(house.cast.lena) as work:
        suiting.state_gender(work, house.cast.lena, None)
    assert rules_against(house, booked) == ["R60"]


def test_nobody_says_of_a_colleague_whether_they_are_a_woman(house: House) -> None:
    with house.work(house.cast.ola) as work, pytest.raises(NotAllowed):
        suiting.state_gender(work, house.cast.lena, Gender.WOMAN)
    with house.work(house.cast.lena) as work, pytest.raises(NotAllowed):
        suiting.set_trainings(work, house.cast.lena, {})


@pytest.mark.rule("R60")
def test_a_training_counts_until_its_last_day(house: House) -> None:
    names_trainings(house, "sign language")
    asks(house, SIGNS)
    with house.work(house.cast.ola) as work:
        with pytest.raises(BadInput):
            suiting.set_trainings(work, house.cast.lena, {"juggling": date(2031, 1, 1)})
        suiting.set_trainings(work, house.cast.lena, {"sign language": date(2030, 5, 15)})
    facts = {day: codes_on(house, datetime(2030, 5, day, 16, 0)) for day in (15, 16)}  # noqa: DTZ001
    assert facts == {15: [], 16: [("R60", "training")]}
    days = {one.starts_at.astimezone(LONDON).date() for one in offered(house).offers}
    assert days == {date(2030, 5, 15)}


def codes_on(house: House, wall: datetime) -> list[tuple[str, str]]:
    return [one for one in said(house, wall_start=wall) if one[0] == "R60"]


@pytest.mark.rule("R60")
@pytest.mark.slow
def test_where_no_woman_is_free_it_is_said_and_who_would_be_from_when(house: House) -> None:
    """Sam is free and no woman; Wanda is, and has a visit at the only hour that the others have."""
    asks(house, WOMAN)
    wanda = another_supervisor(house, "Wanda")
    with house.work(wanda) as work:
        suiting.state_gender(work, wanda, Gender.WOMAN)
    times = offered(house)
    assert watching(times) == {wanda}
    with house.work(wanda) as work:
        suiting.state_gender(work, wanda, Gender.MAN)
    nobody = offered(house)
    assert nobody.offers == ()
    assert {one.why for one in nobody.without if ("supervisor", "") in one.why} == {
        (("supervisor", ""), ("woman", ""))
    }
    assert all(one.opens == () for one in nobody.without)


def test_the_search_and_the_rule_agree_on_every_day() -> None:
    """400 random people and plans: a day on which the rule says yes is among the slots, and no other is."""
    chance = random.Random(60)  # noqa: S311  the same people in every run
    grid = Grid(begins=datetime(2030, 10, 20, tzinfo=UTC), slots=14 * 96)  # the clock changes on the 27th
    trainings = ("sign language", "domestic abuse", "first aid")
    seen = set()
    for _ in range(400):
        fit = StaffFit(
            account=AccountId("a"),
            gender=chance.choice([None, *Gender]),
            trainings={
                name: date(2030, 10, 18) + timedelta(days=chance.randrange(20))
                for name in chance.sample(trainings, chance.randrange(4))
            },
        )
        gender = chance.choice([None, None, *Gender])
        demands = Demands(
            trainings=tuple(chance.sample(trainings, chance.randrange(3))),
            gender=gender,
            why=GenderReason.CHILD_ASKED if gender else None,
        )
        zone = chance.choice(["Europe/London", "America/New_York", "Pacific/Auckland"])
        mask = suits(fit, [Asked(zone=zone, demands=demands)], grid)
        for slot in chance.sample(range(grid.slots), 20):
            day = grid.instant(slot).astimezone(ZoneInfo(zone)).date()
            facts = booking(
                people=(mother(demands=demands),),
                watcher=watcher(gender=fit.gender, trainings=fit.trained_on(day)),
            )
            refused = isinstance(may_book(facts), Refused)
            assert refused != bool(mask >> slot & 1), (fit, demands, day)
            seen.add(refused)
    assert seen == {True, False}
    assert codes(may_book(booking())) == []
