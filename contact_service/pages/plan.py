"""The contact plan as staff pages show it."""

from collections.abc import Mapping
from zoneinfo import ZoneInfo

from contact_service.agency_policy.spans import clock_face
from contact_service.ids import OrderId, PersonId
from contact_service.pages.access import Desk
from contact_service.pages.rendering import full_date, say
from contact_service.pages.words import (
    GENDER_REASONS,
    GENDERS,
    LEVELS,
    MEDIA,
    PERIODS,
    PLAN_BASES,
    PURPOSES_OF_PLANS,
    WEEKDAYS,
)
from contact_service.people.queries import members as people
from contact_service.plans import queries as plans
from contact_service.plans.hours import Weekday, Window
from contact_service.plans.plan import ContactPlan, ReviewMark, plan_difference, review_mark
from contact_service.plans.terms import Demands, Frequency, PlanPerson, Risk, SupervisionLevel
from contact_service.work import Work


def strictest(plan: ContactPlan) -> SupervisionLevel:
    """The level that suits everybody in the plan; nothing less is offered first."""
    return min(
        (p.level for p in plan.people), key=list(SupervisionLevel).index, default=SupervisionLevel.SUPERVISED
    )


def plan_shown(work: Work, plan: ContactPlan | None) -> dict[str, object] | None:
    """Version, level, greatest length and review date, or None without a plan."""
    if plan is None or not plan.people:
        return None
    often = {often_shown(p.frequency) for p in plan.people}
    return {
        "version": plan.version,
        "level": strictest(plan).value,
        "minutes": max(int(p.length.total_seconds() // 60) for p in plan.people),
        "often": often.pop() if len(often) == 1 else say("differs by person"),
        "review_on": plan.review_on,
        "review": review_of(work, plan).value,
        "basis": basis_shown(plan, order_names(work, plan.child)),
        "purpose": "",
    }


def review_of(work: Work, plan: ContactPlan) -> ReviewMark:
    """How urgent the plan's review is today, by the calendar where the child lives."""
    today = work.now.astimezone(ZoneInfo(people.zone_of(work, plan.case))).date()
    return review_mark(plan.review_on, today)


def review_words(name: str, plan: ContactPlan, mark: ReviewMark) -> str:
    """That a review is near or past, in one sentence for whoever must hold it."""
    day = full_date(plan.review_on)
    if mark is ReviewMark.PAST:
        return say("The review of {name}’s contact plan is overdue since {day}.", name=name, day=day)
    return say("{name}’s contact plan is to be looked at again by {day}.", name=name, day=day)


def order_names(work: Work, child: PersonId) -> dict[OrderId, str]:
    """What the child's orders are called: court and reference."""
    return {o.id: f"{o.words.court}, {o.words.reference}" for o in plans.orders_of(work, child)}


def basis_shown(plan: ContactPlan, orders: Mapping[OrderId, str]) -> str:
    """What the plan rests on: the agreement or the authority's plan, and each order that its terms name."""
    named = dict.fromkeys(terms.order for terms in plan.people if terms.order)
    parts = [
        say(PLAN_BASES[plan.basis]),
        *(say("the order of {order}", order=orders.get(order, "?")) for order in named),
    ]
    return "; ".join(parts)


def terms_shown(terms: PlanPerson, orders: Mapping[OrderId, str]) -> list[str]:
    """One person's terms, a sentence a line; ``orders`` are the names of the child's orders."""
    lines = [
        f"{say(MEDIA[terms.medium])}, {say(PURPOSES_OF_PLANS[terms.purpose])}",
        say(LEVELS[terms.level]),
        *(
            say("from {day}: {level}", day=full_date(step.on), level=say(LEVELS[step.level]))
            for step in terms.steps
        ),
        say("{number} minutes", number=int(terms.length.total_seconds() // 60)),
        often_shown(terms.frequency),
    ]
    if terms.window != Window():
        lines.append(hours_shown(terms.window))
    lines += _demands_shown(terms.demands)
    if terms.risk is Risk.HIGH:
        lines.append(say("High risk"))
    if terms.order:
        lines.append(say("Rests on the order of {order}", order=orders.get(terms.order, "?")))
    return lines


def _demands_shown(demands: Demands) -> list[str]:
    """What is asked of whoever watches, a sentence a line."""
    lines = []
    if demands.gender is not None and demands.why is not None:
        lines.append(
            say(
                "Visit supervisor: {who} ({why})",
                who=say(GENDERS[demands.gender]),
                why=say(GENDER_REASONS[demands.why]),
            )
        )
    return lines + [say("Visit supervisor: trained in “{name}”", name=name) for name in demands.trainings]


def often_shown(often: Frequency | None) -> str:
    """How often they meet, as one line."""
    if often is None:
        return say("as agreed")
    period = say(PERIODS[often.per])
    parts = [
        *([say("at least {number} {period}", number=often.least, period=period)] if often.least else []),
        *([say("at most {number} {period}", number=often.most, period=period)] if often.most else []),
        *([say("{number} days in between", number=often.gap_days)] if often.gap_days else []),
    ]
    return ", ".join(parts) or say("as agreed")


def hours_shown(window: Window) -> str:
    """Days and hours of the week as one line."""
    days = ", ".join(say(WEEKDAYS[day]) for day in window.days)
    which = say("any day") if len(window.days) == len(Weekday) else days
    return f"{which}, {clock_face(window.earliest)} {say('to')} {clock_face(window.latest)}"


def proposal_shown(desk: Desk, plan: ContactPlan) -> dict[str, object]:
    """A proposed version as an approver sees it: what differs, and which differences loosen the level."""
    work = desk.work
    names = {m.person: m.details.name for m in people.members_of(work, plan.case, child=plan.child)}
    before, orders = plans.plan_for(work, plan.child), order_names(work, plan.child)
    return {
        "id": plan.id,
        "version": plan.version,
        "child": names.get(plan.child, "?"),
        "at": plan.recorded_at,
        "review_on": plan.review_on,
        "own": plan.recorded_by == desk.account.ref,
        "changes": [
            *_basis_change(before, plan, orders),
            *(
                {
                    "name": names.get(change.person, "?"),
                    "before": terms_shown(change.before, orders) if change.before else [],
                    "after": terms_shown(change.after, orders) if change.after else [],
                    "loosens": change.loosens,
                }
                for change in plan_difference(before, plan)
            ),
        ],
    }


def _basis_change(
    before: ContactPlan | None, plan: ContactPlan, orders: Mapping[OrderId, str]
) -> list[dict[str, object]]:
    """What the plan rests on, as one more change, where it differs."""
    was, now = basis_shown(before, orders) if before else "", basis_shown(plan, orders)
    if was == now:
        return []
    name = say("What the plan rests on")
    return [{"name": name, "before": [was] if was else [], "after": [now], "loosens": False}]
