"""Who may take part in a visit with this child.  Source: RULES.md R1 to R3, R10, R47, R51."""

from contact_service.people.person import Relation
from contact_service.policy.decision import Problem, Rule, problem
from contact_service.policy.facts import BookingFacts
from contact_service.policy.understanding import NOT_UNDERSTOOD, Speaker, not_understood
from contact_service.texts import N_

Found = list[Problem]


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
    sentence = N_(
        "The visit supervisor does not understand what {name} speaks. "
        "Choose another, or add an adult interpreter who knows both languages."
    )
    meeting = [p for p in facts.people if p.relation is not Relation.INTERPRETER]
    # A relative is not neutral and a child must not carry what was said: neither interprets.
    adults = [p for p in facts.people if p.relation is Relation.INTERPRETER and not p.minor]
    unheard = not_understood(
        facts.level,
        [
            Speaker(name=facts.child_name, languages=facts.child_languages),
            *(Speaker(name=p.name, languages=p.languages) for p in meeting),
        ],
        listener=facts.supervisor_languages,
        interpreters=[p.languages for p in adults],
    )
    return [problem(NOT_UNDERSTOOD, sentence, name=one.name) for one in unheard]


UNDERSTOOD = Rule("R51", _understood)
TAKING_PART = (
    Rule("R1", _named_in_plan),
    Rule("R2", _nobody_barred),
    Rule("R3", _nobody_apart),
    Rule("R10", _somebody_to_meet),
    Rule("R47", _approved),
    UNDERSTOOD,
)
