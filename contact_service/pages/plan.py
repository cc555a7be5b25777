"""The contact plan as staff pages show it."""

from contact_service.agency_policy.spans import clock_face
from contact_service.pages.access import Desk
from contact_service.pages.rendering import say
from contact_service.pages.words import LEVELS, MEDIA, PERIODS, PURPOSES_OF_PLANS, WEEKDAYS
from contact_service.people.queries import members as people
from contact_service.plans import queries as plans
from contact_service.plans.plan import ContactPlan, plan_difference
from contact_service.plans.terms import Frequency, PlanPerson, Risk, SupervisionLevel, Weekday, Window


def strictest(plan: ContactPlan) -> SupervisionLevel:
    """The level that suits everybody in the plan; nothing less is offered first."""
    return min(
        (p.level for p in plan.people), key=list(SupervisionLevel).index, default=SupervisionLevel.SUPERVISED
    )


def plan_shown(plan: ContactPlan | None) -> dict[str, object] | None:
    """Version, level, greatest length and review date, or None without a plan."""
    if plan is None or not plan.people:
        return None
    often = {_often(p.frequency) for p in plan.people}
    return {
        "version": plan.version,
        "level": strictest(plan).value,
        "minutes": max(int(p.length.total_seconds() // 60) for p in plan.people),
        "often": often.pop() if len(often) == 1 else say("differs by person"),
        "review_on": plan.review_on,
        "purpose": "",
    }


def terms_shown(terms: PlanPerson) -> list[str]:
    """One person's terms, a sentence a line."""
    lines = [
        f"{say(MEDIA[terms.medium])}, {say(PURPOSES_OF_PLANS[terms.purpose])}",
        say(LEVELS[terms.level]),
        *(
            say("from {day}: {level}", day=f"{step.on:%d.%m.%Y}", level=say(LEVELS[step.level]))
            for step in terms.steps
        ),
        say("{number} minutes", number=int(terms.length.total_seconds() // 60)),
        _often(terms.frequency),
    ]
    if terms.window != Window():
        lines.append(_hours(terms.window))
    if terms.risk is Risk.HIGH:
        lines.append(say("High risk"))
    if terms.order:
        lines.append(say("Rests on a court order"))
    return lines


def _often(often: Frequency | None) -> str:
    if often is None:
        return say("as agreed")
    period = say(PERIODS[often.per])
    parts = [
        *([say("at least {number} {period}", number=often.least, period=period)] if often.least else []),
        *([say("at most {number} {period}", number=often.most, period=period)] if often.most else []),
        *([say("{number} days in between", number=often.gap_days)] if often.gap_days else []),
    ]
    return ", ".join(parts) or say("as agreed")


def _hours(window: Window) -> str:
    days = ", ".join(say(WEEKDAYS[day]) for day in window.days)
    which = say("any day") if len(window.days) == len(Weekday) else days
    return f"{which}, {clock_face(window.earliest)} {say('to')} {clock_face(window.latest)}"


def proposal_shown(desk: Desk, plan: ContactPlan) -> dict[str, object]:
    """A proposed version as an approver sees it: what differs, and which differences loosen the level."""
    work = desk.work
    names = {m.person: m.details.name for m in people.members_of(work, plan.case, child=plan.child)}
    before = plans.plan_for(work, plan.child)
    return {
        "id": plan.id,
        "version": plan.version,
        "child": names.get(plan.child, "?"),
        "at": plan.recorded_at,
        "review_on": plan.review_on,
        "own": plan.recorded_by == desk.account.ref,
        "changes": [
            {
                "name": names.get(change.person, "?"),
                "before": terms_shown(change.before) if change.before else [],
                "after": terms_shown(change.after) if change.after else [],
                "loosens": change.loosens,
            }
            for change in plan_difference(before, plan)
        ],
    }
