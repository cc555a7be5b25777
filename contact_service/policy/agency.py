"""What the agency's own policy says of a visit.  Source: RULES.md R5, R6, R27 to R29.

These are the rules that change when the agency publishes another version of its policy.
"""

from contact_service.agency_policy.spans import clock_face
from contact_service.plans.hours import PartOfDay, parts_of_days, weekday_of
from contact_service.policy.decision import Problem, Rule, problem
from contact_service.policy.facts import BookingFacts
from contact_service.texts import N_

Found = list[Problem]


def notice(facts: BookingFacts) -> Found:
    """R5.  Apart from the others, because it was decided when the visit was asked for and not again later."""
    if facts.starts_at is None:
        return []
    limits = facts.policy.limits
    if facts.starts_at <= facts.at:
        return [problem("in_the_past", N_("This time has passed. Choose a later one."))]
    if facts.starts_at < facts.at + limits.minimum_notice:
        hours = f"{limits.minimum_notice.total_seconds() / 3600:g}"
        return [
            problem("too_soon", N_("A visit needs {hours} hours’ notice. Choose a later time."), hours=hours)
        ]
    if facts.starts_at > facts.at + limits.furthest_ahead:
        days = limits.furthest_ahead.days
        return [problem("too_far_ahead", N_("Choose a time within {days} days."), days=days)]
    return []


def _length(facts: BookingFacts) -> Found:
    if facts.starts_at is None or facts.ends_at is None:
        return []
    if facts.ends_at <= facts.starts_at:
        return [problem("ends_before_start", N_("The end is not after the start. Change one of them."))]
    length = facts.ends_at - facts.starts_at
    shortest, longest = facts.policy.limits.shortest, facts.policy.limits.longest
    if not shortest <= length <= longest:
        least, most = int(shortest.total_seconds() // 60), int(longest.total_seconds() // 60)
        return [
            problem("length", N_("A visit lasts from {least} to {most} minutes."), least=least, most=most)
        ]
    minutes = int(length.total_seconds() // 60)
    return [
        problem(
            "longer_than_plan",
            N_("{child}’s plan allows {name} {minutes} minutes. Make the visit shorter."),
            child=facts.child_name,
            name=p.name,
            minutes=p.plan_minutes,
        )
        for p in facts.people
        if p.plan_minutes is not None and minutes > p.plan_minutes
    ]


def _group(facts: BookingFacts) -> Found:
    # The child is one of them; the caregiver's device is the child's.
    people, most = len(facts.people) + 1, facts.policy.group.most_people
    if people <= most:
        return []
    sentence = N_(
        "At most {most} people take part, the child included. Leave somebody out, or book two visits."
    )
    return [problem("too_many_people", sentence, most=most)]


def _hours(facts: BookingFacts) -> Found:
    parts, hours = by_the_clock(facts), facts.policy.hours
    found = []
    if any(weekday_of(part.day) not in hours.days for part in parts):
        found.append(
            problem("weekday", N_("There are no visits on this day of the week. Choose another day."))
        )
    if any(part.start < hours.earliest or part.end > hours.latest for part in parts):
        sentence = N_(
            "Visits are between {earliest} and {latest} where the child lives. Choose a time in between."
        )
        earliest, latest = clock_face(hours.earliest), clock_face(hours.latest)
        found.append(problem("hours", sentence, earliest=earliest, latest=latest))
    return found


def by_the_clock(facts: BookingFacts) -> tuple[PartOfDay, ...]:
    """The day, or the parts of days, that the visit takes where the child lives; none without a time."""
    if facts.starts_at is None or facts.ends_at is None:
        return ()
    return parts_of_days(facts.starts_at, facts.ends_at, facts.zone)


def _least_level(facts: BookingFacts) -> Found:
    found = []
    for p in facts.people:
        least = facts.policy.least_level(p.relation, p.risk)
        if not facts.level.at_least(least):
            sentence = N_(
                "The agency asks for {level} visits with {name}. Choose that level or a stricter one."
            )
            found.append(problem("agency_level", sentence, level=least, name=p.name))
    return found


NOTICE = Rule("R5", notice)
AGENCY_RULES = (
    NOTICE,
    Rule("R6", _length),
    Rule("R27", _group),
    Rule("R28", _hours),
    Rule("R29", _least_level),
)
