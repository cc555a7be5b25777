"""What somebody is asked before a visit: what must be agreed to, what may be declined, what is only told.

Source: domain rules, section 3 (consent), features C2 and C7.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from contact_service.agency_policy.document import Document, Duty
from contact_service.consent.consent import Purpose
from contact_service.plans.plan import PlanBasis


class Ask(StrEnum):
    """How a purpose is put to somebody."""

    REQUIRED = "required"
    OPTIONAL = "optional"
    NOTICE = "notice"


@dataclass(frozen=True, kw_only=True)
class AskFacts:
    """What decides about the questions of one visit."""

    policy: Document
    basis: PlanBasis
    interpreter: bool
    observer: bool


_TOLD = frozenset({Purpose.BE_SUPERVISED, Purpose.NOTES_KEPT})


def asked(facts: AskFacts) -> Mapping[Purpose, Ask]:
    """Every purpose that concerns the visit, in the order in which it is asked.

    Where an order or the authority's plan is the basis, supervision and notes are notices, not consents.
    """
    concerned = {
        Purpose.INTERPRETER_PRESENT: facts.interpreter,
        Purpose.OBSERVER_PRESENT: facts.observer,
    }
    return {purpose: _how(facts, purpose) for purpose in Purpose if concerned.get(purpose, True)}


def _how(facts: AskFacts, purpose: Purpose) -> Ask:
    if purpose in _TOLD and facts.basis is not PlanBasis.AGREEMENT:
        return Ask.NOTICE
    return Ask.REQUIRED if facts.policy.duty(purpose) is Duty.REQUIRED else Ask.OPTIONAL


def needed(questions: Mapping[Purpose, Ask]) -> tuple[Purpose, ...]:
    """What keeps the door shut until it is answered with yes, or read."""
    return tuple(purpose for purpose, ask in questions.items() if ask is not Ask.OPTIONAL)


def notices(questions: Mapping[Purpose, Ask]) -> frozenset[Purpose]:
    """What is told and not asked."""
    return frozenset(purpose for purpose, ask in questions.items() if ask is Ask.NOTICE)
