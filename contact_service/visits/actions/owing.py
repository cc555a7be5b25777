"""Keep what each side says about a lost visit; decide whether it is still owed, where that is a worker's to decide.

Nothing that was kept is changed: what is said or decided again is one more line, and the newest counts.
"""

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from sqlmodel import func, select

from contact_service.actor import Role
from contact_service.agency_policy import queries as agency_policy
from contact_service.audit.events import AuditEvent, EventType, Subject
from contact_service.errors import BadInput, Conflict, NotAllowed, NotFound
from contact_service.follow_ups import actions as follow_ups, queries as asked
from contact_service.follow_ups.follow_up import FollowUpKind
from contact_service.ids import PersonId, VisitId
from contact_service.keys import actions as keys
from contact_service.people.queries import members as people
from contact_service.policy.punishing import punishing_words
from contact_service.visits.actions.moving import lock_any
from contact_service.visits.loss import (
    Cause,
    DecidedBecause,
    MakeUpRule,
    SideReason,
    Standing,
    may_be_explained_until,
    reasons_for,
)
from contact_service.visits.owed import Meeting
from contact_service.visits.queries.explained import (
    DECISION_FIELD,
    REASON_FIELD,
    lost_visit,
    sides_of,
    sides_said,
)
from contact_service.visits.queries.owing import ledger_of
from contact_service.visits.record import LONGEST_SECTION
from contact_service.visits.tables import OwedDecisionRow, SideReasonRow
from contact_service.visits.visit import Visit
from contact_service.work import Work


@dataclass(frozen=True, kw_only=True)
class Whose:
    """Of which visit, from the side of which child, and about whom; the child itself for the child's side."""

    visit: VisitId
    child: PersonId
    person: PersonId


def keep_reason(work: Work, whose: Whose, reason: SideReason, text: str = "") -> None:
    """Keep why a visit was lost, as one side says it; ``text`` is sealed under the child's key.

    When every side has been heard, the task that asked for it is done.  Raises ``NotAllowed`` for whoever is no worker,
    ``NotFound`` for people who are not in the visit, ``Conflict`` when it was not lost, and ``BadInput`` for words
    that make contact a punishment (R49).
    """
    if not work.actor.has(Role.WORKER):
        raise NotAllowed("Only the child’s worker writes down why a visit did not take place.")
    visit = _locked(work, whose)
    lost = _lost(work, whose)
    if not lost:
        raise Conflict("This visit was not lost. Load the page again.")
    work.session.add(
        SideReasonRow(
            id=work.new_id(),
            visit_id=whose.visit,
            child_id=whose.child,
            person_id=whose.person,
            number=_next(work, SideReasonRow, whose),
            reason=reason.value,
            sealed=_sealed(work, whose.child, text, REASON_FIELD),
            recorded_by=work.actor.ref,
            recorded_at=work.now,
        )
    )
    work.session.flush()
    _record(work, whose, EventType.VISIT_REASON_KEPT, reason.value, (("characters", len(text.strip())),))
    _close_if_all_heard(work, visit, whose)


def decide_owed(work: Work, whose: Whose, *, owed: bool, reason: DecidedBecause, text: str = "") -> None:
    """Say whether a lost visit is still owed, and why; said again, the newest counts.

    Raises ``NotAllowed`` for whoever is no worker and ``PersonNeeded`` for a machine; ``Conflict`` when nobody has to
    decide; ``BadInput`` for a visit that is always owed, for an absence that may still be explained, and as above.
    """
    if not work.actor.has(Role.WORKER):
        raise NotAllowed("Only the child’s worker decides whether a lost visit is still owed.")
    work.actor.demand_person()
    _locked(work, whose)
    meeting = next(iter(_lost(work, whose)), None)
    if meeting is None or whose.person == whose.child:
        raise Conflict("This visit was not lost. Load the page again.")
    _demand_decidable(work, whose, meeting, owed=owed)
    assert meeting.cause is not None
    if reason not in reasons_for(meeting.cause, owed=owed):
        raise BadInput("Choose a reason.", "reason")
    work.session.add(
        OwedDecisionRow(
            id=work.new_id(),
            visit_id=whose.visit,
            child_id=whose.child,
            person_id=whose.person,
            number=_next(work, OwedDecisionRow, whose),
            owed=owed,
            reason=reason.value,
            sealed=_sealed(work, whose.child, text, DECISION_FIELD),
            decided_by=work.actor.ref,
            decided_at=work.now,
        )
    )
    work.session.flush()
    facts = (("owed", "yes" if owed else "no"), ("cause", meeting.cause.value))
    _record(work, whose, EventType.OWED_CONTACT_DECIDED, reason.value, facts)
    _close_decision(work, whose)


def _locked(work: Work, whose: Whose) -> Visit:
    lost_visit(work, whose.visit, whose.child)
    _, visit = lock_any(work, whose.visit)
    if whose.person not in sides_of(work, visit):
        raise NotFound
    return visit


def _lost(work: Work, whose: Whose) -> list[Meeting]:
    """The visit as it was lost with this person; of the child's own side, as it was lost with anybody."""
    met = ledger_of(work, whose.child).met
    of_whom = met.values() if whose.person == whose.child else [met.get(whose.person, ())]
    return [
        m for meetings in of_whom for m in meetings if m.visit == whose.visit and m.standing is Standing.LOST
    ]


def _demand_decidable(work: Work, whose: Whose, meeting: Meeting, *, owed: bool) -> None:
    if meeting.rule is not MakeUpRule.WORKER_DECIDES:
        raise BadInput("A visit that was lost in this way is always owed. Nobody decides that.", "owed")
    if owed or meeting.cause is not Cause.NO_SHOW:
        return
    limits = agency_policy.policy_in_force(work).limits
    until = may_be_explained_until(meeting.on, limits.explain_absence_working_days)
    zone = ZoneInfo(people.zone_of(work, people.case_of(work, whose.child)))
    if work.now.astimezone(zone).date() <= until:
        raise BadInput(
            f"They may explain it until {until.day} {until:%B %Y}. Until then you can only say that it is still owed.",
            "owed",
        )


def _next(work: Work, table: type[SideReasonRow] | type[OwedDecisionRow], whose: Whose) -> int:
    """The number of the next line; the visit is locked, so that nobody takes the same one."""
    query = select(func.count()).where(
        table.visit_id == whose.visit, table.child_id == whose.child, table.person_id == whose.person
    )
    return work.session.exec(query).one() + 1


def _sealed(work: Work, child: PersonId, text: str, field: str) -> bytes | None:
    text = text.strip()
    if not text:
        return None
    if len(text) > LONGEST_SECTION:
        raise BadInput(f"Write at most {LONGEST_SECTION} characters.", "text")
    if words := punishing_words(text):
        raise BadInput(
            f"Seeing family is the child’s right, never a reward or a punishment. Take out “{words[0]}” and write what "
            "happened.",
            "text",
        )
    return keys.seal_for_person(
        work.session, work.keys, agency=work.agency, person=child, plaintext=text.encode(), field=field
    )


def _record(
    work: Work, whose: Whose, event: EventType, reason: str, facts: tuple[tuple[str, str | int], ...]
) -> None:
    case = people.case_of(work, whose.child)
    named = dict.fromkeys((whose.child, whose.person))
    refs = people.refs_of(work, named, case=case)
    work.record(
        AuditEvent(
            type=event,
            case=case,
            visit=whose.visit,
            subjects=tuple(
                Subject(ref=refs[person], role="child" if person == whose.child else "concerned")
                for person in named
            ),
            reason=reason,
            facts=facts,
        )
    )


def _close_if_all_heard(work: Work, visit: Visit, whose: Whose) -> None:
    heard = {one.person for one in sides_said(work, whose.visit, whose.child)}
    if not sides_of(work, visit) <= heard:
        return
    for found in asked.open_about(work, whose.visit, FollowUpKind.VISIT_MISSED):
        if found.person == whose.child:
            follow_ups.decide(work, found, "reasons_kept")


def _close_decision(work: Work, whose: Whose) -> None:
    about = f"decide/{whose.visit}/{whose.child}/{whose.person}"
    for found in asked.open_about(work, whose.visit, FollowUpKind.OWED_DECISION):
        if found.about == about:
            follow_ups.decide(work, found, "decided")
