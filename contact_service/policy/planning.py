"""May this contact plan be proposed, and who may approve it?  Source: RULES.md R32 to R38."""

from calendar import monthrange
from datetime import date

from contact_service.policy.decision import Decision, Problem, Rule, decide, problem
from contact_service.policy.facts import PlanDecisionFacts, PlanFacts
from contact_service.texts import N_

Found = list[Problem]


def may_propose_plan(facts: PlanFacts) -> Decision:
    """Decide whether a version of a plan may be put before an approver.  Source: R32 to R37."""
    return decide(_PROPOSING, facts)


def may_approve_plan(facts: PlanDecisionFacts) -> Decision:
    """Decide whether this person may approve this version now.  Source: R32 to R35, R37, R38.

    The review date was decided when the plan was proposed.
    """
    return decide(_APPROVING, facts)


def latest_review(today: date, months: int) -> date:
    """The last day on which a plan of ``today`` may be reviewed: so many months on, or that month's last day."""
    year, month = divmod(today.year * 12 + today.month - 1 + months, 12)
    return date(year, month + 1, min(today.day, monthrange(year, month + 1)[1]))


def _known_people(facts: PlanFacts) -> Found:
    found = [
        problem("not_in_case", N_("{name} is not in this case. Add them to the case first."), name=t.name)
        for t in facts.terms
        if not t.in_case
    ]
    if any(t.is_child for t in facts.terms):
        sentence = N_("A plan says whom {child} meets, not {child}. Take the child out of the list.")
        found.append(problem("own_plan", sentence, child=facts.child_name))
    twice = [t for n, t in enumerate(facts.terms) if (t.name, t.medium) in _keys(facts, n)]
    found += [
        problem("twice", N_("{name} stands twice for the same medium. Keep one."), name=t.name) for t in twice
    ]
    return found


def _keys(facts: PlanFacts, before: int) -> set[tuple[str, str]]:
    return {(t.name, t.medium) for t in facts.terms[:before]}


def _nobody_barred(facts: PlanFacts) -> Found:
    sentence = N_("{name} must have no contact with {child}. Lift the restriction first, or leave them out.")
    return [
        problem("no_contact", sentence, name=t.name, child=facts.child_name)
        for t in facts.terms
        if t.barred_from_child
    ]


_FREQUENCY = {
    "least_over_most": N_("{name}: the least is more than the most. Change one of them."),
    "gap_too_wide": N_(
        "{name}: with so many days in between, so many visits do not fit. Change one of them."
    ),
}


def _keepable(facts: PlanFacts) -> Found:
    found = [
        problem(t.frequency_problem, _FREQUENCY[t.frequency_problem], name=t.name)
        for t in facts.terms
        if t.frequency_problem
    ]
    sentence = N_("{name}: the allowed hours are too short for the visit. Make them longer.")
    found += [problem("window_too_short", sentence, name=t.name) for t in facts.terms if not t.fits_window]
    return found


def _within_policy(facts: PlanFacts) -> Found:
    limits = facts.policy.limits
    least, most = (int(span.total_seconds() // 60) for span in (limits.shortest, limits.longest))
    found = [
        problem(
            "length",
            N_("{name}: a visit lasts from {least} to {most} minutes."),
            name=t.name,
            least=least,
            most=most,
        )
        for t in facts.terms
        if not least <= t.minutes <= most
    ]
    unknown = N_("{name}: the agency has no training called “{training}”. Choose one of its list.")
    found += [
        problem("no_such_training", unknown, name=t.name, training=training)
        for t in facts.terms
        for training in t.trainings
        if training not in facts.policy.trainings
    ]
    for t in facts.terms:
        asked = facts.policy.least_level(t.relation, t.risk)
        if any(not level.at_least(asked) for level in t.levels):
            sentence = N_("{name}: the agency asks for {level} visits. Choose that level or a stricter one.")
            found.append(problem("agency_level", sentence, name=t.name, level=asked))
    return found


def _reviewed_in_time(facts: PlanFacts) -> Found:
    months = facts.policy.limits.plan_review_months
    last = latest_review(facts.today, months)
    if facts.review_on <= facts.today:
        return [problem("review_past", N_("The review date has passed. Choose a later one."))]
    if facts.review_on > last:
        sentence = N_("A plan is reviewed within {months} months: by {last} at the latest.")
        return [problem("review_late", sentence, months=months, last=last.isoformat())]
    return []


def _order_stands(facts: PlanFacts) -> Found:
    sentence = N_("{name}: the order this rests on is not in force. Record its new version, or take it out.")
    return [problem("order_gone", sentence, name=t.name) for t in facts.terms if t.order_stands is False]


_PEOPLE = Rule[PlanFacts]("R32", _known_people)
_BARRED = Rule[PlanFacts]("R33", _nobody_barred)
_KEEPABLE = Rule[PlanFacts]("R34", _keepable)
_POLICY = Rule[PlanFacts]("R35", _within_policy)
_REVIEW = Rule[PlanFacts]("R36", _reviewed_in_time)
_ORDER = Rule[PlanFacts]("R37", _order_stands)
_PROPOSING = (_PEOPLE, _BARRED, _KEEPABLE, _POLICY, _REVIEW, _ORDER)


def _second_person(facts: PlanDecisionFacts) -> Found:
    again = decide([_PEOPLE, _BARRED, _KEEPABLE, _POLICY, _ORDER], facts.plan)
    found = [reason.problem for reason in getattr(again, "reasons", ())]
    if facts.is_author:
        found.append(
            problem("own_plan_version", N_("You wrote this plan yourself. Somebody else must decide."))
        )
    if not facts.is_approver:
        found.append(problem("not_an_approver", N_("Your role does not decide on plans. Ask an approver.")))
    if not facts.still_proposed or not facts.is_newest:
        found.append(
            problem("overtaken", N_("This version has been decided or overtaken. Look at the newest."))
        )
    return found


_APPROVING: tuple[Rule[PlanDecisionFacts], ...] = (Rule("R38", _second_person),)
