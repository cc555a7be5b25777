"""May this visit be asked for, approved, changed?  Source: RULES.md R1 to R14."""

from contact_service.consent.consent import ConsentState
from contact_service.policy.decision import Decision, Rule, decide
from contact_service.policy.facts import ApprovalFacts, BookingFacts, ChangeFacts

Found = list[tuple[str, str]]


def may_book(facts: BookingFacts) -> Decision:
    """Decide whether a visit may be asked for.  Source: R1 to R10."""
    return decide(_BOOKING, facts)


def may_approve(facts: ApprovalFacts) -> Decision:
    """Decide whether this person may approve this request now.  Source: R11 to R13."""
    return decide(_APPROVAL, facts)


def may_change(facts: ChangeFacts) -> Decision:
    """Decide whether people, time, length or level may still change.  Source: R14."""
    return decide(_CHANGE, facts)


def _named_in_plan(facts: BookingFacts) -> Found:
    return [
        ("not_in_plan", f"{p.name} is not in {facts.child_name}’s contact plan. Record a new plan first.")
        for p in facts.people
        if not p.in_plan
    ]


def _nobody_barred(facts: BookingFacts) -> Found:
    return [
        ("no_contact", f"{p.name} must have no contact with {facts.child_name}. Nobody can book this visit.")
        for p in facts.people
        if p.barred_from_child
    ]


def _nobody_apart(facts: BookingFacts) -> Found:
    return [
        ("apart", f"{p.name} must be kept apart from somebody in this visit. Book two visits.")
        for p in facts.people
        if p.apart_from_another
    ]


def _child_consent(facts: BookingFacts) -> Found:
    if facts.child_consent in (ConsentState.GIVEN, ConsentState.STALE):
        return []
    words = f"Nobody with the right to decide has consented for {facts.child_name}. Record the consent first."
    return [("child_consent_missing", words)]


def _notice(facts: BookingFacts) -> Found:
    if facts.starts_at is None:
        return []
    if facts.starts_at <= facts.at:
        return [("in_the_past", "This time has passed. Choose a later one.")]
    if facts.starts_at < facts.at + facts.limits.minimum_notice:
        hours = facts.limits.minimum_notice.total_seconds() / 3600
        return [("too_soon", f"A visit needs {hours:g} hours’ notice. Choose a later time.")]
    if facts.starts_at > facts.at + facts.limits.furthest_ahead:
        return [("too_far_ahead", f"Choose a time within {facts.limits.furthest_ahead.days} days.")]
    return []


def _length(facts: BookingFacts) -> Found:
    if facts.starts_at is None or facts.ends_at is None:
        return []
    if facts.ends_at <= facts.starts_at:
        return [("ends_before_start", "The end is not after the start. Change one of them.")]
    length = facts.ends_at - facts.starts_at
    shortest, longest = facts.limits.shortest, facts.limits.longest
    if not shortest <= length <= longest:
        least, most = int(shortest.total_seconds() // 60), int(longest.total_seconds() // 60)
        return [("length", f"A visit lasts from {least} to {most} minutes.")]
    minutes = int(length.total_seconds() // 60)
    return [
        ("longer_than_plan", f"The plan allows {p.name} {p.plan_minutes} minutes. Make the visit shorter.")
        for p in facts.people
        if p.plan_minutes is not None and minutes > p.plan_minutes
    ]


def _level(facts: BookingFacts) -> Found:
    return [
        (
            "level",
            f"The plan asks for {p.plan_level} visits with {p.name}. Choose that level or a stricter one.",
        )
        for p in facts.people
        if p.plan_level is not None and not facts.level.at_least(p.plan_level)
    ]


def _staffed(facts: BookingFacts) -> Found:
    found = []
    if not facts.supervisor_qualified:
        found.append(("no_supervisor", "Choose a visit supervisor."))
    if not facts.duty_person_named:
        found.append(("no_duty_person", "Name the duty person who answers throughout the visit."))
    return found


def _local_time(facts: BookingFacts) -> Found:
    return [("local_time", facts.local_time_problem)] if facts.local_time_problem else []


def _somebody_to_meet(facts: BookingFacts) -> Found:
    found = []
    if not facts.people:
        found.append(("nobody", f"Choose at least one person for {facts.child_name} to see."))
    if not facts.has_caregiver:
        found.append(("no_caregiver", f"Choose the caregiver who starts the visit for {facts.child_name}."))
    return found


_BOOKING = (
    Rule("R1", _named_in_plan),
    Rule("R2", _nobody_barred),
    Rule("R3", _nobody_apart),
    Rule("R4", _child_consent),
    Rule("R5", _notice),
    Rule("R6", _length),
    Rule("R7", _level),
    Rule("R8", _staffed),
    Rule("R9", _local_time),
    Rule("R10", _somebody_to_meet),
)


def _not_own(facts: ApprovalFacts) -> Found:
    if not facts.is_requester:
        return []
    return [("own_request", "You asked for this visit yourself. Somebody else must decide.")]


def _an_approver(facts: ApprovalFacts) -> Found:
    found = [] if facts.is_approver else [("not_an_approver", "Only an approver can approve a visit.")]
    if not facts.still_requested:
        found.append(("not_requested", "This visit is no longer waiting for a decision."))
    return found


def _still_bookable(facts: ApprovalFacts) -> Found:
    # The notice was decided when the visit was asked for; only a start that has passed counts now.
    late = facts.booking.starts_at is not None and facts.booking.starts_at <= facts.booking.at
    found = (
        [("in_the_past", "The start of this visit has passed. Decline it, and book another time.")]
        if late
        else []
    )
    again = decide([rule for rule in _BOOKING if rule.check is not _notice], facts.booking)
    return found + [(reason.code, reason.words) for reason in getattr(again, "reasons", ())]


_APPROVAL = (Rule("R11", _not_own), Rule("R12", _an_approver), Rule("R13", _still_bookable))


def _not_frozen(facts: ChangeFacts) -> Found:
    if not facts.may_change:
        return [("moved_on", "This visit can no longer be changed. Cancel it, and book another.")]
    if facts.at >= facts.starts_at - facts.limits.freeze_before_start:
        minutes = int(facts.limits.freeze_before_start.total_seconds() // 60)
        return [
            (
                "frozen",
                f"People and time stand fast {minutes} minutes before the start. You can still cancel.",
            )
        ]
    return []


_CHANGE = (Rule("R14", _not_frozen),)
