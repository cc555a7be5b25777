"""The contact plan as staff pages show it."""

from contact_service.pages.rendering import say
from contact_service.plans.plan import ContactPlan
from contact_service.plans.terms import SupervisionLevel


def strictest(plan: ContactPlan) -> SupervisionLevel:
    """The level that suits everybody in the plan; nothing less is offered first."""
    return min(
        (p.level for p in plan.people), key=list(SupervisionLevel).index, default=SupervisionLevel.SUPERVISED
    )


def plan_shown(plan: ContactPlan | None) -> dict[str, object] | None:
    """Version, level, greatest length and review date, or None without a plan."""
    if plan is None or not plan.people:
        return None
    return {
        "version": plan.version,
        "level": strictest(plan).value,
        "minutes": max(int(p.length.total_seconds() // 60) for p in plan.people),
        "often": say("as agreed"),
        "review_on": plan.review_on,
        "purpose": "",
    }
