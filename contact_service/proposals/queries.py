"""Read proposals and replies."""

from sqlmodel import col, select

from contact_service.claims.tables import ClaimRow, ResourceRow
from contact_service.ids import AccountId, PersonId, PlanId, VisitId
from contact_service.invitations.token import hash_of, looks_like_secret, secret_of
from contact_service.people.queries.members import case_of, kept_as
from contact_service.people.queries.siblings import merged_people
from contact_service.plans.queries import plan_for
from contact_service.proposals.proposal import Answer, Proposal, ProposedTime, Reply, WhyNot
from contact_service.proposals.tables import (
    LeftOutThenRow,
    ProposalLinkRow,
    ProposalRow,
    ProposedTimeRow,
    ReplyRow,
)
from contact_service.visits.optional import LeftOut
from contact_service.visits.queries.finding import visit_by_id, visits_in
from contact_service.visits.queries.optional import settled_of
from contact_service.visits.tables import VisitRow
from contact_service.visits.visit import Visit, VisitChild, VisitState
from contact_service.work import Work

CHOICE_KEY_PURPOSE = "choice-link/1"


def proposal_of(work: Work, visit: VisitId) -> Proposal | None:
    """The choice that a visit was asked for with, or None; for whoever has found the visit."""
    row = work.session.get(ProposalRow, visit)
    if row is None:
        return None
    times = work.session.exec(
        select(ProposedTimeRow).where(ProposedTimeRow.visit_id == visit).order_by(col(ProposedTimeRow.place))
    )
    links = work.session.exec(
        select(ProposalLinkRow.person_id)
        .where(ProposalLinkRow.visit_id == visit)
        .order_by(col(ProposalLinkRow.person_id))
    )
    away = settled_of(work, visit).left_out
    left_out = _left_out_then(work, visit)
    return Proposal(
        visit=VisitId(row.visit_id),
        times=tuple(
            ProposedTime(
                place=one.place,
                starts_at=one.starts_at,
                ends_at=one.ends_at,
                interpreter=kept_as(work, PersonId(one.interpreter_id)) if one.interpreter_id else None,
                left_out=left_out.get(one.place, ()),
            )
            for one in times
        ),
        asked=tuple(map(PersonId, links)),
        opened_at=row.opened_at,
        answer_by=row.answer_by,
        approved_by=AccountId(row.approved_by) if row.approved_by else None,
        automatic=row.automatic,
        chosen_by=PersonId(row.chosen_by) if row.chosen_by else None,
        chosen_at=row.chosen_at,
        others=tuple(one.person for one in away if one.caregiver is None),
        other_children=tuple(_child(work, one) for one in away if one.caregiver is not None),
    )


def _left_out_then(work: Work, visit: VisitId) -> dict[int, tuple[PersonId, ...]]:
    rows = work.session.exec(
        select(LeftOutThenRow)
        .where(LeftOutThenRow.visit_id == visit)
        .order_by(col(LeftOutThenRow.place), col(LeftOutThenRow.person_id))
    )
    found: dict[int, tuple[PersonId, ...]] = {}
    for row in rows:
        found[row.place] = (*found.get(row.place, ()), PersonId(row.person_id))
    return found


def _child(work: Work, out: LeftOut) -> VisitChild:
    """A child who is not in the visit, under the plan that they have now; without one the rules say no to them."""
    plan = plan_for(work, out.person)
    return VisitChild(
        child=out.person,
        case=case_of(work, out.person),
        plan=plan.id if plan else PlanId(""),
        plan_version=plan.version if plan else 0,
        caregiver=out.caregiver,
        outcome=None,
    )


def is_choice_open(work: Work, visit: VisitId) -> bool:
    """Whether somebody who was asked may choose now."""
    proposal, found = proposal_of(work, visit), visit_by_id(work, visit)
    return proposal is not None and found is not None and found.time_open and proposal.is_open(work.now)


def is_with_the_family(work: Work, visit: Visit) -> bool:
    """Whether the times of a visit are approved, and the family is to choose, or was until a moment ago."""
    proposal = proposal_of(work, visit.id) if visit.time_open else None
    return proposal is not None and proposal.opened_at is not None


def visits_to_decide(work: Work) -> list[Visit]:
    """Every request within reach on which an approver is to decide, by start; not one whose family is to choose."""
    asked = visits_in(work, [VisitState.REQUESTED])
    opened = {one.visit for one in open_proposals(work)}
    return [visit for visit in asked if visit.id not in opened]


def open_proposals(work: Work) -> list[Proposal]:
    """Every choice that was opened and that nobody has made, over or not."""
    query = (
        select(ProposalRow.visit_id)
        .join(VisitRow, col(VisitRow.id) == col(ProposalRow.visit_id))
        .where(col(VisitRow.time_open), col(ProposalRow.opened_at).is_not(None))
    )
    found = (proposal_of(work, VisitId(visit)) for visit in work.session.exec(query).all())
    return [one for one in found if one is not None]


def open_choices_of(work: Work, child: PersonId) -> int:
    """How many choices keep time of a child, at all of their times or at some."""
    query = (
        select(VisitRow.id)
        .join(ClaimRow, col(ClaimRow.visit_id) == col(VisitRow.id))
        .join(ResourceRow, col(ResourceRow.number) == col(ClaimRow.resource))
        .where(VisitRow.state == VisitState.REQUESTED, col(VisitRow.time_open))
        .where(ResourceRow.person_id == child)
        .distinct()
    )
    return len(work.session.exec(query).all())


def asked_by_secret(work: Work, secret: str) -> tuple[VisitId, PersonId] | None:
    """Whose link this is and for the choice of which visit; None for every other text."""
    if not looks_like_secret(secret):
        return None
    query = select(ProposalLinkRow).where(ProposalLinkRow.secret_hash == hash_of(secret))
    row = work.session.exec(query).first()
    return (VisitId(row.visit_id), PersonId(row.person_id)) if row else None


def choice_secret(work: Work, visit: VisitId, person: PersonId) -> str:
    """The secret of somebody's link to a choice: 256 bits, kept nowhere.

    A link stays the one that was made, also when the record that it was made for has been merged into another.
    """
    row = work.session.get(ProposalLinkRow, (visit, person))
    merged = [one for one, kept in merged_people(work).items() if kept == person] if row else []
    made_for = (secret_made_for(work, visit, one) for one in (person, *merged))
    known = (one for one in made_for if row is not None and hash_of(one) == row.secret_hash)
    return next(known, secret_made_for(work, visit, person))


def secret_made_for(work: Work, visit: VisitId, person: PersonId) -> str:
    """The secret of a link that is made now."""
    return secret_of(work.keys.derive(CHOICE_KEY_PURPOSE), f"{visit}|{person}", 1)


def replies_to(work: Work, visit: Visit) -> dict[PersonId, Reply]:
    """What each person last answered to the visit as it is booked now."""
    query = select(ReplyRow).where(ReplyRow.visit_id == visit.id).order_by(col(ReplyRow.number))
    replies = map(_reply, work.session.exec(query))
    return {one.person: one for one in replies if one.booked_revision == visit.booked_revision}


def other_times_asked(work: Work, visit: VisitId) -> int:
    """How often another time was asked for instead of this visit's."""
    query = select(ReplyRow.person_id, ReplyRow.wants_from).where(
        ReplyRow.visit_id == visit, col(ReplyRow.wants_from).is_not(None)
    )
    return len(set(work.session.exec(query)))


def _reply(row: ReplyRow) -> Reply:
    wants = (row.wants_from, row.wants_until) if row.wants_from and row.wants_until else None
    return Reply(
        visit=VisitId(row.visit_id),
        booked_revision=row.booked_revision,
        person=PersonId(row.person_id),
        answer=Answer(row.answer),
        why=WhyNot(row.why) if row.why else None,
        said_at=row.said_at,
        wants=wants,
        kept_until=row.kept_until,
    )
