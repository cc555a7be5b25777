"""Both sides of a lost visit are heard, and a worker decides what is theirs to decide (features E6, J8)."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from contact_service import actor
from contact_service.actor import Actor, Authentication, Role
from contact_service.demo.brother import Brother
from contact_service.errors import BadInput, Conflict, NotAllowed, NotFound, PersonNeeded
from contact_service.follow_ups import actions as follow_ups
from contact_service.follow_ups.follow_up import FollowUp, FollowUpKind
from contact_service.follow_ups.queries import open_follow_ups
from contact_service.ids import PersonId, Ref, VisitId
from contact_service.jobs.doors import close_doors
from contact_service.visits.actions.owing import Whose, decide_owed, keep_reason
from contact_service.visits.loss import Cause, DecidedBecause, SideReason, may_be_explained_until, reasons_for
from contact_service.visits.owed import Meeting
from contact_service.visits.queries.explained import owed_decisions, sides_said
from contact_service.visits.queries.owing import ledger_of
from contact_service.visits.visit import Visit, VisitState
from contact_service.work import Work
from tests.cast import House


def missed(house: House, *there: PersonId, **wish: object) -> Visit:
    """A visit whose door has closed: Lena was there, and whoever of them came, and nobody was let in."""
    visit = house.waiting(**wish)
    house.joins(visit, visit.watcher, "aa" * 8)
    for person in there:
        house.joins(visit, house.device_in(visit, person), f"{person[:14]}bb")
    house.clock.at = visit.ends_at + timedelta(minutes=16)
    close_doors(house.installation)
    assert house.state(visit) is VisitState.MISSED
    return visit


def of(house: House, visit: Visit, person: PersonId | None = None) -> Whose:
    return Whose(visit=visit.id, child=house.cast.mia, person=person or house.cast.dana)


def meeting(house: House, visit: Visit, person: PersonId | None = None) -> Meeting:
    with house.reading(house.cast.karim) as work:
        met = ledger_of(work, house.cast.mia).met[person or house.cast.dana]
    return next(one for one in met if one.visit == visit.id)


def says(house: House, visit: Visit, person: PersonId, reason: SideReason, text: str = "") -> None:
    with house.work(house.cast.karim) as work:
        keep_reason(work, of(house, visit, person), reason, text)


def decides(
    house: House, visit: Visit, *, owed: bool, because: DecidedBecause | None = None, text: str = ""
) -> None:
    cause = meeting(house, visit).cause
    assert cause is not None
    with house.work(house.cast.karim) as work:
        reason = because or reasons_for(cause, owed=owed)[0]
        decide_owed(work, of(house, visit), owed=owed, reason=reason, text=text)


def asked(house: House, kind: FollowUpKind) -> list[FollowUp]:
    with house.reading(house.cast.karim) as work:
        return [one for one in open_follow_ups(work) if one.kind is kind]


# ---- hearing both sides


def test_a_missed_visit_makes_a_task_with_an_owner_and_a_date(house: House) -> None:
    visit = missed(house)
    [task] = asked(house, FollowUpKind.VISIT_MISSED)
    assert (task.visit, task.person, task.for_role.value) == (visit.id, house.cast.mia, "worker")
    assert task.due_at == house.clock.at + timedelta(days=1)
    with house.work(house.cast.karim) as work, pytest.raises(BadInput, match="on the visit itself"):
        follow_ups.mark_done(work, task.id, "reasons_kept")


def test_the_task_is_done_when_both_sides_were_heard(house: House) -> None:
    visit = missed(house)
    says(house, visit, house.cast.dana, SideReason.ILL, "A fever since the morning.")
    assert asked(house, FollowUpKind.VISIT_MISSED)
    house.clock.forward(timedelta(hours=1))
    says(house, visit, house.cast.mia, SideReason.WAS_READY)
    assert asked(house, FollowUpKind.VISIT_MISSED) == []
    with house.reading(house.cast.karim) as work:
        said = sides_said(work, visit.id, house.cast.mia)
    assert [(one.person, one.reason, one.text) for one in said] == [
        (house.cast.dana, SideReason.ILL, "A fever since the morning."),
        (house.cast.mia, SideReason.WAS_READY, ""),
    ]
    assert house.history()[-3:] == ["visit.reason_kept", "visit.reason_kept", "follow_up.done"]
    assert "fever" not in str(house.entries())


def test_in_a_shared_visit_each_child_has_a_task_and_reasons_of_its_own(
    house: House, brother: Brother
) -> None:
    visit = missed(house, sharing=brother.shares)
    assert {one.person for one in asked(house, FollowUpKind.VISIT_MISSED)} == {house.cast.mia, brother.finn}
    for person in (house.cast.dana, brother.finn, house.cast.mia):
        says(house, visit, person, SideReason.NOT_REACHED)
    assert [one.person for one in asked(house, FollowUpKind.VISIT_MISSED)] == [brother.finn]
    with house.reading(house.cast.karim) as work:
        assert sides_said(work, visit.id, brother.finn) == []


SAID: list[tuple[str, SideReason | None, SideReason | None, Cause]] = [
    ("", None, None, Cause.UNKNOWN),
    ("", SideReason.NOT_REACHED, SideReason.NOT_REACHED, Cause.UNKNOWN),
    ("", SideReason.WAS_READY, SideReason.FORGOT, Cause.NO_SHOW),
    ("", SideReason.WAS_READY, SideReason.WAS_READY, Cause.AGENCY),
    ("", SideReason.TRAVEL, SideReason.FORGOT, Cause.CAREGIVER),
    ("", SideReason.ILL, SideReason.FORGOT, Cause.CHILD_ILL),
    ("", SideReason.DID_NOT_WANT, SideReason.WAS_READY, Cause.CHILD_SAID_NO),
    ("", SideReason.WAS_READY, SideReason.LOCKDOWN, Cause.LOCKDOWN),
    ("", SideReason.WAS_READY, SideReason.NOT_TOLD, Cause.AGENCY),
    ("", SideReason.WAS_READY, SideReason.DEVICE_OR_LINK, Cause.TECHNICAL),
    ("child", None, None, Cause.NO_SHOW),
    ("child", SideReason.WAS_READY, SideReason.DEVICE_OR_LINK, Cause.TECHNICAL),
    ("child", None, SideReason.FORGOT, Cause.NO_SHOW),
    ("person", SideReason.WAS_READY, SideReason.FORGOT, Cause.CAREGIVER),
    ("both", SideReason.WAS_READY, SideReason.FORGOT, Cause.STAFF),
]


def test_what_was_said_explains_what_the_connections_leave_open_and_no_more(house: House) -> None:
    there = {"": [], "child": [house.cast.ines], "person": [house.cast.dana]}
    there["both"] = [*there["child"], *there["person"]]
    for number, (came, child, person, cause) in enumerate(SAID):
        start = house.wish().wall_start + timedelta(days=2 * number)
        visit = missed(house, *there[came], wall_start=start)
        for side, reason in ((house.cast.mia, child), (house.cast.dana, person)):
            if reason is not None:
                says(house, visit, side, reason)
        assert meeting(house, visit).cause is cause, (came, child, person)


def test_words_that_make_it_a_punishment_are_returned(house: House) -> None:
    visit = missed(house, house.cast.ines)
    for text, told in (("Because of her bad behaviour.", "never a reward"), ("x" * 4001, "at most")):
        with pytest.raises(BadInput, match=told):
            says(house, visit, house.cast.dana, SideReason.OTHER, text)
        with pytest.raises(BadInput, match=told):
            decides(house, visit, owed=True, text=text)


# ---- deciding


def test_an_absence_may_be_explained_for_five_working_days(house: House) -> None:
    visit = missed(house, house.cast.ines)  # a Wednesday
    until = may_be_explained_until(meeting(house, visit).on, 5)
    for _ in range(8):
        with pytest.raises(BadInput, match=r"22 May 2030"):
            decides(house, visit, owed=False)
        house.clock.forward(timedelta(days=1))
    decides(house, visit, owed=False, text="No word from her.")
    assert (until.isoformat(), meeting(house, visit).still_owed) == ("2030-05-22", False)


def test_it_is_decided_with_a_reason_that_stands_in_the_evidence(house: House) -> None:
    visit = missed(house, house.cast.ines)
    decides(house, visit, owed=True, because=DecidedBecause.COULD_NOT_HELP_IT)
    last = house.entries()[-1]
    assert last.type == "owed_contact.decided"
    assert last.fields["reason"] == "could_not_help_it"
    assert {"owed": "yes", "cause": "no_show"}.items() <= dict(last.fields["facts"]).items()
    assert meeting(house, visit).still_owed is True


def test_the_newest_decision_counts_and_no_line_is_lost(house: House) -> None:
    visit = missed(house, house.cast.ines)
    house.clock.forward(timedelta(days=14))
    for owed in (False, True, False):
        decides(house, visit, owed=owed)
    assert meeting(house, visit).still_owed is False
    with house.reading(house.cast.karim) as work:
        assert [one.owed for one in owed_decisions(work, visit.id, house.cast.mia)] == [False, True, False]


def test_what_is_always_owed_nobody_decides(house: House) -> None:
    visit = missed(house, house.cast.dana)
    with pytest.raises(BadInput, match="always owed"), house.work(house.cast.karim) as work:
        decide_owed(work, of(house, visit), owed=False, reason=DecidedBecause.NO_REASON_GIVEN)


def test_a_decision_counts_no_more_when_it_turns_out_that_it_was_nobodys_fault(house: House) -> None:
    visit = missed(house, house.cast.ines)
    house.clock.forward(timedelta(days=14))
    decides(house, visit, owed=False)
    assert meeting(house, visit).is_let_go
    says(house, visit, house.cast.mia, SideReason.WAS_READY)
    says(house, visit, house.cast.dana, SideReason.DEVICE_OR_LINK)
    assert not meeting(house, visit).is_let_go


def test_a_childs_no_is_decided_by_what_the_child_wants(house: House) -> None:
    visit = missed(house)
    says(house, visit, house.cast.mia, SideReason.DID_NOT_WANT)
    with pytest.raises(BadInput, match="Choose a reason"):
        decides(house, visit, owed=False, because=DecidedBecause.NO_REASON_GIVEN)
    decides(house, visit, owed=False, because=DecidedBecause.CHILD_DOES_NOT_WANT)
    decides(house, visit, owed=True, because=DecidedBecause.CHILD_WANTS_ANOTHER)
    assert meeting(house, visit).still_owed is True


Act = Callable[[Work, Whose], None]
KEEP: Act = lambda work, whose: keep_reason(work, whose, SideReason.ILL)  # noqa: E731
DECIDE: Act = lambda work, whose: decide_owed(  # noqa: E731
    work, whose, owed=True, reason=DecidedBecause.WANTS_ANOTHER
)


@pytest.mark.parametrize("act", [KEEP, DECIDE], ids=["keep", "decide"])
def test_only_who_works_with_the_child_does_it_and_about_people_of_the_visit(
    house: House, brother: Brother, act: Act
) -> None:
    visit = missed(house, house.cast.ines)
    before = house.snapshot()
    for account in (house.cast.priya, house.cast.lena, house.cast.noor, house.cast.ola):
        with pytest.raises(NotAllowed), house.work(account) as work:
            act(work, of(house, visit))
    mia = house.cast.mia
    strange = [
        Whose(visit=visit.id, child=mia, person=house.cast.rosa),
        Whose(visit=visit.id, child=mia, person=house.cast.ines),
        Whose(visit=visit.id, child=brother.finn, person=house.cast.dana),
        Whose(visit=VisitId("f" * 32), child=mia, person=house.cast.dana),
        Whose(visit=visit.id, child=PersonId("f" * 32), person=house.cast.dana),
    ]
    for whose in strange:
        with pytest.raises(NotFound), house.work(house.cast.karim) as work:
            act(work, whose)
    elsewhere = Actor(ref=Ref("w"), roles=(Role.WORKER,), authentication=Authentication.PASSWORD)
    with pytest.raises(NotFound), house.as_actor(elsewhere) as work:
        act(work, of(house, visit))
    assert house.snapshot() == before


def test_a_visit_that_was_given_or_is_ahead_is_not_explained_away(house: House) -> None:
    ahead = house.approved()
    for act in (KEEP, DECIDE):
        with pytest.raises(Conflict), house.work(house.cast.karim) as work:
            act(work, of(house, ahead))


def test_a_machine_does_not_decide(house: House) -> None:
    visit = missed(house, house.cast.ines)
    roles = (Role.WORKER, Role.SERVICE_ACCOUNT, Role.WHOLE_AGENCY)
    machine = Actor(ref=Ref("m"), roles=roles, authentication=Authentication.TOKEN)
    with pytest.raises(PersonNeeded), house.as_actor(machine) as work:
        DECIDE(work, of(house, visit))
    with house.as_actor(actor.SCHEDULE) as work, pytest.raises(NotAllowed):
        DECIDE(work, of(house, visit))
