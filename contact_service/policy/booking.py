"""May this visit be asked for, stand, be approved, changed?  Source: R1 to R14, R27 to R30, R39 to R62, R68."""

from dataclasses import replace

from contact_service.clearances.clearance import Standing
from contact_service.consent.consent import ConsentState
from contact_service.plans.hours import PartOfDay, QuietKind
from contact_service.policy.agency import AGENCY_RULES, NOTICE, by_the_clock
from contact_service.policy.decision import Decision, Problem, Rule, decide, problem
from contact_service.policy.emergency import in_emergency
from contact_service.policy.facts import ApprovalFacts, BookingFacts, ChangeFacts, TimeFacts
from contact_service.policy.suiting import APPROVER, SUITING
from contact_service.policy.taking_part import TAKING_PART
from contact_service.texts import N_

Found = list[Problem]


def may_book(facts: BookingFacts) -> Decision:
    """Decide whether a visit may be asked for.  R1-R10, R27-R30, R39-R42, R47f, R51, R55-R57, R59-R61, R65, R68."""
    return in_emergency(decide(_REQUESTING, facts), facts)


def may_stand(facts: BookingFacts) -> Decision:
    """Decide whether a visit that is booked would be booked again, by what is known now.  Source: as for booking."""
    return in_emergency(decide(_STANDING, facts), facts)


def may_stay(facts: BookingFacts) -> Decision:
    """Decide whether nothing speaks against a booked visit, by what is known now.  Source: as for booking, and R62.

    What only speaks against it, and would forbid nothing, puts it in doubt: somebody is to ask the family.
    """
    return in_emergency(decide(_STAYING, facts), facts)


def may_move(facts: BookingFacts) -> Decision:
    """Decide whether a booked visit might be at another time, whoever asks.  Source: as for booking, R30 aside."""
    return in_emergency(decide(_BOOKING, facts), facts)


def may_have_by_policy(facts: BookingFacts, *, with_notice: bool) -> Decision:
    """Decide by those rules alone that change with the agency's policy.  Source: R5, R6, R27 to R29.

    The notice counts when a visit is asked for, and no more once it is booked.
    """
    rules = [rule for rule in AGENCY_RULES if with_notice or rule is not NOTICE]
    return in_emergency(decide(rules, facts), facts)


def overtaken(facts: TimeFacts) -> Decision:
    """Decide whether somebody else was faster.  Source: R55 alone, of what was claimed a moment ago.

    Whoever comes too late by a moment asked for what could be had when they looked: who has the time now is all they
    need to hear, and two hundred who come at once hear it soon.
    """
    return decide((Rule("R55", _not_taken),), facts)


def may_approve(facts: ApprovalFacts) -> Decision:
    """Decide whether this person may approve this request now, for one child.  Source: R11-R13, R30, R54, R58, R59."""
    return decide(_APPROVAL, facts)


def may_change(facts: ChangeFacts) -> Decision:
    """Decide whether people, time, length or level may still change.  Source: R14."""
    return decide(_CHANGE, facts)


def _child_consent(facts: BookingFacts) -> Found:
    if not facts.child_consent_needed or facts.child_consent in (ConsentState.GIVEN, ConsentState.STALE):
        return []
    sentence = N_("Nobody with the right to decide has consented for {child}. Record the consent first.")
    return [problem("child_consent_missing", sentence, child=facts.child_name)]


def _level(facts: BookingFacts) -> Found:
    return [
        problem(
            "level",
            N_("{child}’s plan asks for {level} visits with {name}. Choose that level or a stricter one."),
            child=facts.child_name,
            level=p.plan_level,
            name=p.name,
        )
        for p in facts.people
        if p.plan_level is not None and not facts.level.at_least(p.plan_level)
    ]


def _often_enough(facts: BookingFacts) -> Found:
    sentence = N_(
        "{child}’s plan allows {name} {most} video visits per {per}, and they are booked. Choose a later time."
    )
    return [
        problem(
            "most_per_period",
            sentence,
            child=facts.child_name,
            name=p.name,
            most=p.often.most,
            per=p.often.per,
        )
        for p in facts.people
        if p.often and p.often.most is not None and p.booked_in_period >= p.often.most
    ]


def _far_enough(facts: BookingFacts) -> Found:
    sentence = N_("{child}’s plan asks for {days} days between visits with {name}. Choose another day.")
    return [
        problem("gap", sentence, child=facts.child_name, name=p.name, days=p.often.gap_days)
        for p in facts.people
        if p.often
        and p.often.gap_days is not None
        and p.nearest_days is not None
        and p.nearest_days < p.often.gap_days
    ]


def _in_plan_hours(facts: BookingFacts) -> Found:
    parts = by_the_clock(facts)
    sentence = N_("{child}’s plan has other days or hours for {name}. Choose a time that it allows.")
    return [
        problem("plan_hours", sentence, child=facts.child_name, name=p.name)
        for p in facts.people
        if (window := p.window) is not None and not all(window.holds(part) for part in parts)
    ]


_QUIET = {
    QuietKind.SCHOOL: N_("{child} is at school then. Choose another time."),
    QuietKind.BEDTIME: N_("It is {child}’s bedtime. Choose an earlier time."),
    QuietKind.THERAPY: N_("{child} is at therapy then. Choose another time."),
    QuietKind.OTHER: N_("{child} has no visits at that time. Choose another."),
}


def _not_in_quiet_hours(facts: BookingFacts) -> Found:
    kinds = dict.fromkeys(
        quiet.kind
        for quiet in facts.quiet
        for part in by_the_clock(facts)
        if quiet.window.meets(part) and not (quiet.kind is QuietKind.SCHOOL and _no_school(facts, part))
    )
    return [problem(f"quiet_{kind}", _QUIET[kind], child=facts.child_name) for kind in kinds]


def _no_school(facts: BookingFacts, part: PartOfDay) -> bool:
    return any(one.span.holds_day(part.day) for one in facts.no_school)


def _not_closed(facts: BookingFacts) -> Found:
    day = N_("There are no visits on that day: {name} ({calendar}). Choose another day.")
    hours = N_("There are no visits at that time: {name} ({calendar}). Choose another time.")
    met = dict.fromkeys(one for one in facts.closed for part in by_the_clock(facts) if one.span.meets(part))
    return [
        problem(
            "closed",
            day if one.span.whole_days else hours,
            name=one.span.name,
            calendar=one.calendar.name,
        )
        for one in met
    ]


def _not_taken(facts: TimeFacts) -> Found:
    starts_at, ends_at = facts.starts_at, facts.ends_at
    if starts_at is None or ends_at is None:
        return []
    sentence = N_("{name} has another visit then. Choose another time, or somebody else.")
    return [
        problem("has_another_visit", sentence, name=one.name)
        for one in facts.claimed
        if any(
            first < ends_at + one.buffer.after and after > starts_at - one.buffer.before
            for first, after in one.taken
        )
    ]


def _at_work(facts: BookingFacts) -> Found:
    starts_at, ends_at = facts.starts_at, facts.ends_at
    if starts_at is None or ends_at is None:
        return []
    away = N_("{name} is away that day. Choose another day, or somebody else.")
    busy = N_("{name} is busy then, by their own calendar. Choose another time, or somebody else.")
    off = N_("{name} does not work then. Choose another time, or somebody else.")
    found = []
    for one in facts.staff:
        first, after = starts_at - one.buffer.before, ends_at + one.buffer.after
        if one.time.is_away(first, after):
            found.append(problem("away", away, name=one.name))
        elif one.time.is_busy(first, after):
            found.append(problem("busy", busy, name=one.name))
        elif not one.time.is_at_work(first, after):
            found.append(problem("not_at_work", off, name=one.name))
    return found


def _has_a_room(facts: BookingFacts) -> Found:
    if facts.starts_at is None or facts.ends_at is None:
        return []
    closed = N_("{pool} is closed then, and these take part from there: {name}. Choose another time.")
    taken = N_(
        "All of {pool} is taken then ({units} in all). These take part from there: {name}. Choose another time."
    )
    found = []
    for one in facts.pools:
        # Each side for itself: who else takes part from there is nothing for the others.
        for side in dict.fromkeys(one.sides):
            names = (name for name, whose in zip(one.people, one.sides, strict=True) if whose == side)
            about = {"pool": one.name, "name": ", ".join(names)}
            if not one.is_open(facts.starts_at, facts.ends_at):
                found.append(replace(problem("pool_closed", closed, **about), side=side))
            elif not one.has_room(facts.starts_at, facts.ends_at):
                found.append(replace(problem("pool_taken", taken, units=one.units, **about), side=side))
    return found


_CLEARANCE = {
    Standing.MISSING: N_(
        "{place} has not been asked whether {name} may meet {child} from there. Ask it first, and write down what "
        "it says."
    ),
    Standing.ASKED: N_(
        "{place} has not said yet whether {name} may meet {child} from there. Wait for its answer."
    ),
    Standing.REFUSED: N_("{place} has said that {name} may not meet {child} from there."),
    Standing.EXPIRED: N_("The clearance of {place} for {name} to meet {child} is over by then. Ask it anew."),
}


def _cleared(facts: BookingFacts) -> Found:
    return [
        replace(
            problem(
                f"clearance_{one.standing}",
                _CLEARANCE[one.standing],
                place=one.place,
                name=one.name,
                child=one.child or facts.child_name,
            ),
            side=one.side,
        )
        for one in facts.uncleared
    ]


def _staffed(facts: BookingFacts) -> Found:
    found = []
    if not facts.supervisor_qualified:
        found.append(problem("no_supervisor", N_("Choose a visit supervisor.")))
    if not facts.duty_person_named:
        found.append(problem("no_duty_person", N_("Name the duty person who answers throughout the visit.")))
    return found


def _local_time(facts: BookingFacts) -> Found:
    return [problem("local_time", facts.local_time_problem)] if facts.local_time_problem else []


_BOOKING = (
    *TAKING_PART,
    Rule("R4", _child_consent),
    *AGENCY_RULES,
    Rule("R7", _level),
    Rule("R8", _staffed),
    Rule("R9", _local_time),
    Rule("R39", _often_enough),
    Rule("R40", _far_enough),
    Rule("R41", _in_plan_hours),
    Rule("R42", _not_in_quiet_hours),
    Rule[BookingFacts]("R55", _not_taken),
    Rule("R56", _at_work),
    Rule("R57", _not_closed),
    *SUITING,
    Rule("R61", _has_a_room),
    Rule("R68", _cleared),
)
# What must hold of whoever watches and whoever answers.
ABOUT_STAFF: tuple[Rule[BookingFacts], ...] = (
    Rule("R8", _staffed),
    Rule[BookingFacts]("R55", _not_taken),
    Rule("R56", _at_work),
    *SUITING,
)
# The notice was decided when the visit was asked for.
_STANDING = tuple(rule for rule in _BOOKING if rule is not NOTICE)


def _family_is_free(facts: BookingFacts) -> Found:
    starts_at, ends_at = facts.starts_at, facts.ends_at
    if starts_at is None or ends_at is None:
        return []
    sentence = N_("{name} is busy then, by their own calendar. Ask them, or choose another time.")
    return [
        problem("family_busy", sentence, name=one.name)
        for one in facts.families
        if any(first < ends_at and starts_at < after for first, after in one.busy)
    ]


_STAYING: tuple[Rule[BookingFacts], ...] = (*_STANDING, Rule[BookingFacts]("R62", _family_is_free))


def _has_read_policy(facts: BookingFacts | ApprovalFacts) -> Found:
    if facts.policy_accepted:
        return []
    return [
        problem(
            "policy_not_read", N_("Read what the agency’s policy says about this, and tick that you have.")
        )
    ]


_REQUESTING: tuple[Rule[BookingFacts], ...] = (
    *_BOOKING,
    Rule[BookingFacts]("R30", _has_read_policy),
)


def _not_own(facts: ApprovalFacts) -> Found:
    if not facts.is_requester:
        return []
    return [problem("own_request", N_("You asked for this visit yourself. Somebody else must decide."))]


def _an_approver(facts: ApprovalFacts) -> Found:
    found = (
        [] if facts.is_approver else [problem("not_an_approver", N_("Only an approver can approve a visit."))]
    )
    if not facts.still_requested:
        found.append(problem("not_requested", N_("This visit is no longer waiting for a decision.")))
    return found


def _still_bookable(facts: ApprovalFacts) -> Found:
    # Of the notice only a start that has passed counts now.
    late = facts.booking.starts_at is not None and facts.booking.starts_at <= facts.booking.at
    sentence = N_("The start of this visit has passed. Decline it, and book another time.")
    found = [problem("in_the_past", sentence)] if late else []
    return found + [reason.problem for reason in getattr(may_stand(facts.booking), "reasons", ())]


def _works_with_child(facts: ApprovalFacts) -> Found:
    if facts.reaches_child:
        return []
    sentence = N_("You do not work with every child of this visit. Ask somebody who does to decide.")
    return [problem("child_out_of_reach", sentence)]


def _time_chosen(facts: ApprovalFacts) -> Found:
    if not facts.time_open:
        return []
    return [problem("time_open", N_("The family has not chosen a time yet. Wait until they have."))]


_APPROVAL: tuple[Rule[ApprovalFacts], ...] = (
    Rule("R11", _not_own),
    Rule("R12", _an_approver),
    Rule("R13", _still_bookable),
    Rule[ApprovalFacts]("R30", _has_read_policy),
    Rule("R54", _works_with_child),
    Rule("R58", _time_chosen),
    APPROVER,
)


def _not_frozen(facts: ChangeFacts) -> Found:
    if not facts.may_change:
        return [problem("moved_on", N_("This visit can no longer be changed. Cancel it, and book another."))]
    if facts.at >= facts.starts_at - facts.limits.freeze_before_start:
        minutes = int(facts.limits.freeze_before_start.total_seconds() // 60)
        sentence = N_("People and time stand fast {minutes} minutes before the start. You can still cancel.")
        return [problem("frozen", sentence, minutes=minutes)]
    return []


_CHANGE = (Rule("R14", _not_frozen),)
