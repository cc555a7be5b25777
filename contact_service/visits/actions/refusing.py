"""Refuse a request for a visit, with the evidence: by the rules, or because somebody else was faster."""

from dataclasses import replace

from contact_service.audit.events import AuditEvent, EventType, Subject
from contact_service.ids import PersonId, VisitId
from contact_service.people.queries import members as people
from contact_service.policy.booking import overtaken
from contact_service.policy.decision import Refused
from contact_service.policy.of_another import told_for
from contact_service.visits.actions.moving import refusal
from contact_service.visits.queries.clearing import reasons_within_reach
from contact_service.visits.queries.overtaking import overtaken_facts
from contact_service.visits.wish import Wish
from contact_service.work import Work


def refused_as_overtaken(work: Work, wish: Wish, visit_id: str) -> Refused | None:
    """The refusal, recorded, of somebody who came a moment too late; None where nobody was faster."""
    facts = overtaken_facts(work, wish, VisitId(visit_id))
    if facts is None or not isinstance(decision := overtaken(facts), Refused):
        return None
    return refuse(work, wish, decision)


def refuse(work: Work, wish: Wish, refused: Refused) -> Refused:
    """Record, in the case of every child, that rules said no; returns what they said, as the actor may read it.

    What only one child’s workers may know stands in that child’s case; in the others, that it was about another child.
    """
    by_case = {people.case_of(work, seen.child): seen for seen in reversed(wish.by_child())}
    people.know_roles_in(work, by_case)
    for case, seen in by_case.items():
        own = {one.child for one in wish.children if people.case_of(work, one.child) == case}
        why = refusal(replace(refused, reasons=told_for(refused.reasons, own)))
        named: list[PersonId] = [seen.child, *seen.meeting]
        refs = people.refs_of(work, named, case=case)
        work.record(
            AuditEvent(
                type=EventType.BOOKING_REFUSED,
                case=case,
                subjects=tuple(
                    Subject(ref=refs[p], role="child" if p == seen.child else "wished") for p in refs
                ),
                reason=why.reason,
                rules=why.rules,
                facts=why.facts,
            )
        )
    return replace(refused, reasons=reasons_within_reach(work, refused.reasons))
