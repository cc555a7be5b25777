"""A visit and a wish as seen from each of the children who share it."""

from datetime import timedelta
from typing import Any

import pytest

from contact_service.ids import AccountId, CaseId, PersonId, PlanId, VisitId
from contact_service.plans.terms import SupervisionLevel
from contact_service.visits.visit import (
    Outcome,
    Participant,
    ParticipantRole,
    Stage,
    Visit,
    VisitChild,
    VisitState,
)
from contact_service.visits.wish import ChildWished, Wish
from tests.rules.facts import NOON

MIA, FINN, JONAS = PersonId("mia"), PersonId("finn"), PersonId("jonas")
INES, TOMAS, DANA, LENA = PersonId("ines"), PersonId("tomas"), PersonId("dana"), AccountId("lena")


def child(person: PersonId, case: str, carer: PersonId, **more: Any) -> VisitChild:  # noqa: ANN401
    plan = PlanId(f"plan of {person}")
    values: dict[str, Any] = {"plan_version": 1, "outcome": None} | more
    return VisitChild(child=person, case=CaseId(case), plan=plan, caregiver=carer, **values)


MIAS = child(MIA, "one", INES, plan_version=3, outcome=Outcome.COMPLETED)
FINNS = child(FINN, "two", TOMAS)
JONASS = child(JONAS, "one", INES)


def there(person: PersonId | None, role: ParticipantRole) -> Participant:
    return Participant(
        id=f"device of {person}",
        role=role,
        stage=Stage.INVITED,
        stage_before=None,
        person=person,
        account=None if person else LENA,
        leg=None,
        waiting_since=None,
        put_out_at=None,
        link=None,
        identity_method="",
        muted=False,
        checked="",
        company=None,
        asked_break=False,
        goodbye_at=None,
    )


def meeting(*children: VisitChild) -> Visit:
    carers = dict.fromkeys(one.caregiver for one in children)
    return Visit(
        id=VisitId("visit"),
        children=children,
        state=VisitState.LIVE,
        starts_at=NOON,
        ends_at=NOON + timedelta(minutes=30),
        zone="Europe/London",
        level=SupervisionLevel.SUPERVISED,
        policy_version=1,
        requested_by=AccountId("karim"),
        requested_at=NOON,
        approved_by=None,
        automatic="",
        emergency=None,
        time_open=False,
        supervisor=LENA,
        duty=LENA,
        room="room",
        reason="",
        was_ready=True,
        live_at=None,
        ended_at=None,
        held_by=None,
        hold_reason="",
        cleared=None,
        booked_revision=0,
        revision=1,
        participants=(
            there(DANA, ParticipantRole.FAMILY_MEMBER),
            *(there(carer, ParticipantRole.CAREGIVER) for carer in carers),
            there(None, ParticipantRole.VISIT_SUPERVISOR),
        ),
    )


SHARED = meeting(MIAS, FINNS, JONASS)


def test_what_it_says_is_said_of_the_child_it_is_seen_from() -> None:
    seen = SHARED.seen_from(FINN)
    assert (SHARED.child, SHARED.case, SHARED.plan) == (MIA, "one", "plan of mia")
    assert (SHARED.plan_version, SHARED.outcome) == (3, Outcome.COMPLETED)
    assert (seen.child, seen.case, seen.plan, seen.plan_version, seen.outcome) == (
        FINN,
        "two",
        "plan of finn",
        1,
        None,
    )
    assert [one.child for one in seen.children] == [FINN, MIA, JONAS]
    assert seen.participants == SHARED.participants


def test_each_child_and_each_case_sees_it_once_in_their_order() -> None:
    assert [seen.child for seen in SHARED.by_child()] == [MIA, FINN, JONAS]
    assert [(seen.case, seen.child) for seen in SHARED.by_case()] == [("one", MIA), ("two", FINN)]
    alone = meeting(FINNS)
    assert alone.by_child() == alone.by_case() == (alone,)


def test_a_carer_brings_their_own_children_and_is_shown_as_them() -> None:
    assert SHARED.brought_by(INES) == (MIA, JONAS)
    assert SHARED.brought_by(TOMAS) == (FINN,)
    assert SHARED.brought_by(DANA) == SHARED.brought_by(None) == ()
    assert SHARED.facing(TOMAS).child == FINN
    assert SHARED.facing(INES).child == MIA
    assert SHARED.seen_from(FINN).facing(INES).child == MIA
    assert SHARED.facing(DANA) == SHARED.facing(None) == SHARED
    shown = {p.person: SHARED.shown_as(p) for p in SHARED.participants}
    assert shown == {DANA: (DANA,), INES: (MIA, JONAS), TOMAS: (FINN,), None: ()}


def test_a_device_without_carer_brings_nobody() -> None:
    nobodys = meeting(child(MIA, "one", INES), VisitChild(**(vars(FINNS) | {"caregiver": None})))
    assert nobodys.brought_by(None) == ()
    assert nobodys.seen_from(FINN).circle == {MIA, FINN, DANA}


def test_a_childs_circle_leaves_out_who_cares_for_the_others() -> None:
    assert SHARED.people == {MIA, FINN, JONAS, INES, TOMAS, DANA}
    assert SHARED.circle == {MIA, FINN, JONAS, INES, DANA}
    assert SHARED.seen_from(FINN).circle == {MIA, FINN, JONAS, TOMAS, DANA}


WISH = Wish(
    child=MIA,
    people=(DANA,),
    caregiver=INES,
    wall_start=NOON,
    length=timedelta(minutes=30),
    level=SupervisionLevel.SUPERVISED,
    supervisor=None,
    duty=None,
    sharing=(ChildWished(child=FINN, caregiver=TOMAS), ChildWished(child=JONAS, caregiver=None)),
)


@pytest.mark.parametrize(
    ("place", "who", "carer", "meets"),
    [
        (0, MIA, INES, [DANA, FINN, JONAS]),
        (1, FINN, TOMAS, [DANA, MIA, JONAS]),
        (2, JONAS, None, [DANA, MIA, FINN]),
    ],
)
def test_a_wish_is_asked_about_from_every_childs_side(
    place: int, who: PersonId, carer: PersonId | None, meets: list[PersonId]
) -> None:
    seen = WISH.by_child()[place]
    assert (seen.child, seen.caregiver, list(seen.meeting)) == (who, carer, meets)
    assert seen.everybody == WISH.everybody == {MIA, FINN, JONAS, INES, TOMAS, DANA}
    assert seen.people == WISH.people
