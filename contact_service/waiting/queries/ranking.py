"""How much a wish counts, by the plan in force."""

from zoneinfo import ZoneInfo

from contact_service.ids import PersonId
from contact_service.people.queries import members as people
from contact_service.plans import queries as plans
from contact_service.plans.plan import ContactPlan, PlanBasis
from contact_service.plans.terms import period_around
from contact_service.visits.queries.near import meetings_around
from contact_service.visits.visit import COUNTED
from contact_service.visits.wish import Wish
from contact_service.week.weights import Priority, priority_of
from contact_service.work import Work


def priority_of_wish(work: Work, wish: Wish) -> Priority:
    """Ordered or agreed, and a step behind where the period has its number of visits already."""
    plan = plans.plan_for(work, wish.child)
    if plan is None:
        return Priority.EXTRA
    zone = ZoneInfo(people.zone_of(work, people.case_of(work, wish.child)))
    on = work.now.astimezone(zone).date()
    ordered = plans.basis_of(work, plan, wish.meeting, on) is PlanBasis.COURT_ORDER
    return priority_of(ordered=ordered, makes_up=_is_on_top(work, wish, plan, zone))


def _is_on_top(work: Work, wish: Wish, plan: ContactPlan, zone: ZoneInfo) -> bool:
    """Whether everybody whom the child would meet has the visits of this period already."""
    today = work.now.astimezone(zone).date()

    def has_enough(person: PersonId) -> bool:
        terms = plan.terms_for(person)
        often = terms.frequency if terms else None
        number = (often.least or often.most) if often else None
        if often is None or number is None:
            return False
        first, after = period_around(today, often.per)
        # Only where a number is asked for, and only the days that it counts.
        visits = meetings_around(work, [wish.child], COUNTED, (first, after))[wish.child]
        days = [one.starts_at.astimezone(zone).date() for one in visits if person in one.people]
        return sum(first <= day < after for day in days) >= number

    return bool(wish.meeting) and all(has_enough(person) for person in wish.meeting)
