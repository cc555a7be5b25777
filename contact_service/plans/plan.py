"""The contact plan as a value, and where a version stands."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from contact_service.ids import CaseId, PersonId, PlanId, Ref
from contact_service.plans.terms import Medium, PlanPerson


class PlanState(StrEnum):
    """Where a version stands; the newest approved one is in force."""

    PROPOSED = "proposed"
    APPROVED = "approved"
    DECLINED = "declined"


class PlanBasis(StrEnum):
    """What contact rests on.  Where it is not an agreement, supervision and notes are notices and not consents."""

    AGREEMENT = "agreement"
    AUTHORITY_PLAN = "authority_plan"
    COURT_ORDER = "court_order"


@dataclass(frozen=True, kw_only=True)
class ContactPlan:
    """One version of a child's contact plan; never edited, only followed by the next version."""

    id: PlanId
    version: int
    state: PlanState
    case: CaseId
    child: PersonId
    people: tuple[PlanPerson, ...]
    basis: PlanBasis
    review_on: date
    recorded_by: Ref
    recorded_at: datetime
    decided_by: Ref | None
    decided_at: datetime | None

    def terms_for(self, person: PersonId, medium: Medium = Medium.VIDEO) -> PlanPerson | None:
        """The terms under which the child meets ``person`` by ``medium``, or None when the plan names none."""
        return next((p for p in self.people if p.person == person and p.medium is medium), None)


REVIEW_NEAR = timedelta(days=14)


class ReviewMark(StrEnum):
    """How urgent the review of a plan is."""

    AHEAD = "ahead"
    NEAR = "near"
    PAST = "past"


def review_mark(review_on: date, today: date) -> ReviewMark:
    """Past once its day has gone by; near within a fortnight, that day included (feature B1)."""
    if today > review_on:
        return ReviewMark.PAST
    return ReviewMark.NEAR if review_on - today <= REVIEW_NEAR else ReviewMark.AHEAD


@dataclass(frozen=True, kw_only=True)
class TermsChange:
    """One person and medium whose terms differ; ``before`` or ``after`` is None where they are new or gone."""

    person: PersonId
    medium: Medium
    before: PlanPerson | None
    after: PlanPerson | None

    @property
    def loosens(self) -> bool:
        """Whether the level becomes less strict, now or by a step."""
        if self.after is None or self.before is None:
            return self.after is not None
        levels = [self.after.level, *(step.level for step in self.after.steps)]
        return any(not level.at_least(self.before.level) for level in levels)


def plan_difference(before: ContactPlan | None, after: ContactPlan) -> tuple[TermsChange, ...]:
    """Whose terms differ between two versions, by person and medium."""
    old = {(p.person, p.medium): p for p in before.people} if before else {}
    new = {(p.person, p.medium): p for p in after.people}
    return tuple(
        TermsChange(person=key[0], medium=key[1], before=old.get(key), after=new.get(key))
        for key in dict.fromkeys([*new, *old])
        if old.get(key) != new.get(key)
    )
