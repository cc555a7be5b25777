"""Who may take part in a visit with this child.  Source: RULES.md R1 to R3, R10, R47, R51."""

from collections.abc import Set as AbstractSet

from contact_service.people.person import Relation
from contact_service.plans.terms import SupervisionLevel
from contact_service.policy.decision import Problem, Rule, problem
from contact_service.policy.facts import BookingFacts
from contact_service.texts import N_

Found = list[Problem]
_SOMEBODY_LISTENS = (SupervisionLevel.SUPERVISED, SupervisionLevel.MONITORED)


def _named_in_plan(facts: BookingFacts) -> Found:
    return [
        problem(
            "not_in_plan",
            N_("{name} is not in {child}’s contact plan. Record a new plan first."),
            name=p.name,
            child=facts.child_name,
        )
        for p in facts.people
        if not p.in_plan
    ]


def _approved(facts: BookingFacts) -> Found:
    # Whoever is not in the plan is told so; to be approved as well comes with the plan.
    sentence = N_("{name} is no longer approved to meet {child}. Ask an approver first.")
    return [
        problem("not_approved", sentence, name=p.name, child=facts.child_name)
        for p in facts.people
        if p.in_plan and not p.approved
    ]


def _nobody_barred(facts: BookingFacts) -> Found:
    return [
        problem(
            "no_contact",
            N_("{name} must have no contact with {child}. Nobody can book this visit."),
            name=p.name,
            child=facts.child_name,
        )
        for p in facts.people
        if p.barred_from_child
    ]


def _nobody_apart(facts: BookingFacts) -> Found:
    return [
        problem(
            "apart",
            N_("{name} must be kept apart from somebody in this visit. Book two visits."),
            name=p.name,
        )
        for p in facts.people
        if p.apart_from_another
    ]


def _somebody_to_meet(facts: BookingFacts) -> Found:
    found = []
    if not any(p.relation is not Relation.INTERPRETER for p in facts.people):
        found.append(
            problem("nobody", N_("Choose at least one person for {child} to see."), child=facts.child_name)
        )
    if not facts.has_caregiver:
        sentence = N_("Choose the caregiver who starts the visit for {child}.")
        found.append(problem("no_caregiver", sentence, child=facts.child_name))
    return found


def _understood(facts: BookingFacts) -> Found:
    """Languages that nobody has recorded are not known, and refuse nothing here: the room holds then."""
    if facts.level not in _SOMEBODY_LISTENS:
        return []
    speakers = [(facts.child_name, facts.child_languages)]
    speakers += [(p.name, p.languages) for p in facts.people if p.relation is not Relation.INTERPRETER]
    sentence = N_(
        "The visit supervisor does not understand what {name} speaks. Choose another, or add an interpreter."
    )
    return [
        problem("language", sentence, name=name)
        for name, languages in speakers
        if not _is_understood(languages, facts)
    ]


def _is_understood(languages: AbstractSet[str], facts: BookingFacts) -> bool:
    if not languages or languages & facts.supervisor_languages:
        return True
    return any(
        p.relation is Relation.INTERPRETER
        and p.languages & languages
        and p.languages & facts.supervisor_languages
        for p in facts.people
    )


TAKING_PART = (
    Rule("R1", _named_in_plan),
    Rule("R2", _nobody_barred),
    Rule("R3", _nobody_apart),
    Rule("R10", _somebody_to_meet),
    Rule("R47", _approved),
    Rule("R51", _understood),
)
