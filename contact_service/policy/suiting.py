"""Whether whoever would watch suits the visit.  Source: RULES.md R59, R60, R65."""

from contact_service.policy.decision import Decision, Problem, Rule, decide, problem
from contact_service.policy.facts import (
    ApprovalFacts,
    BookingFacts,
    DecidingFacts,
)
from contact_service.policy.room_facts import (
    AdmissionFacts,
    GoodbyeFacts,
    InsideFacts,
    ResumeFacts,
    WatchFacts,
)
from contact_service.suitability.fit import Gender
from contact_service.texts import N_

Found = list[Problem]
_ASKED_FOR = {
    Gender.WOMAN: N_("{child}’s plan asks for a woman to watch visits with {name}. Choose another."),
    Gender.MAN: N_("{child}’s plan asks for a man to watch visits with {name}. Choose another."),
}


def may_decide(facts: DecidingFacts) -> Decision:
    """Decide whether this person may say no to a request, or say that a visit in doubt stands.  Source: R59."""
    return decide(_DECIDING, facts)


def _no_conflict(facts: BookingFacts) -> Found:
    return [*_of_watcher(facts), *_of_duty(facts)]


def _of_duty(facts: BookingFacts) -> Found:
    if not facts.duty_in_conflict:
        return []
    sentence = N_("{name} cannot be the duty person of this visit. Name another.")
    return [problem("conflict_of_duty_person", sentence, name=facts.duty_in_conflict)]


def _of_watcher(facts: BookingFacts) -> Found:
    # The words say that, and never why: that is for those who manage staff.
    sentence = N_("{name} cannot watch this visit. Choose another visit supervisor.")
    if facts.watcher is None:
        # Where nobody was chosen, R8 says so; whoever was and is not known is refused.
        return [problem("conflict_of_interest", sentence, name="?")] if facts.supervisor_qualified else []
    if not facts.watcher.in_conflict:
        return []
    return [problem("conflict_of_interest", sentence, name=facts.watcher.name)]


def _as_the_plan_asks(facts: BookingFacts) -> Found:
    if (watcher := facts.watcher) is None:
        return []
    untrained = N_(
        "{child}’s plan asks for somebody trained in “{training}” to watch visits with {name}. "
        "{watcher} is not on that day. Choose another."
    )
    found = []
    for p in facts.people:
        gender = p.demands.gender
        if gender is not None and watcher.gender is not gender:
            found.append(problem(gender, _ASKED_FOR[gender], child=facts.child_name, name=p.name))
        found += [
            problem(
                "training",
                untrained,
                child=facts.child_name,
                training=training,
                name=p.name,
                watcher=watcher.name,
            )
            for training in p.demands.trainings
            if training not in watcher.trainings
        ]
    return found


def own_conflict(facts: AdmissionFacts | GoodbyeFacts | InsideFacts | ResumeFacts | WatchFacts) -> Found:
    """R59 in the room: what keeps whoever would watch out of it."""
    if not facts.in_conflict:
        return []
    sentence = N_("You cannot watch this visit. Ask for another visit supervisor at once.")
    return [problem("conflict_of_interest", sentence)]


def _no_conflict_of_approver(facts: ApprovalFacts | DecidingFacts) -> Found:
    if not facts.in_conflict:
        return []
    return [problem("conflict_of_interest", N_("You cannot decide on this visit. Ask another approver."))]


def _nor_of_its_staff(facts: DecidingFacts) -> Found:
    found = _no_conflict_of_approver(facts)
    if name := facts.supervisor_in_conflict:
        sentence = N_("It cannot take place with {name}. Choose another visit supervisor, or call it off.")
        found.append(problem("conflict_of_interest", sentence, name=name))
    if name := facts.duty_in_conflict:
        sentence = N_("It cannot take place with {name}. Name another duty person, or call it off.")
        found.append(problem("conflict_of_duty_person", sentence, name=name))
    return found


def _not_by_emergency(facts: BookingFacts) -> Found:
    if not facts.opener_named:
        return []
    sentence = N_(
        "{name} reaches this child because of an emergency alone, and cannot be the visit supervisor or duty person. "
        "Choose somebody else."
    )
    return [problem("by_emergency_alone", sentence, name=facts.opener_named)]


SUITING: tuple[Rule[BookingFacts], ...] = (
    Rule("R59", _no_conflict),
    Rule("R60", _as_the_plan_asks),
    Rule("R65", _not_by_emergency),
)
_DECIDING: tuple[Rule[DecidingFacts], ...] = (Rule("R59", _nor_of_its_staff),)
APPROVER = Rule[ApprovalFacts]("R59", _no_conflict_of_approver)
