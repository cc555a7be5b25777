"""A decision is a value: permitted with the rules that passed, or refused with every reason, not the first."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

Facts = TypeVar("Facts")


@dataclass(frozen=True, kw_only=True)
class Reason:
    """Why a rule said no: its number, a stable code for the evidence, and words that say what to do."""

    rule: str
    code: str
    words: str


@dataclass(frozen=True, kw_only=True)
class Permitted:
    """Every rule passed."""

    passed: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Refused:
    """At least one rule failed; ``reasons`` has one for each that did."""

    passed: tuple[str, ...]
    reasons: tuple[Reason, ...]

    @property
    def rules(self) -> tuple[str, ...]:
        """The numbers of the rules that failed."""
        return tuple(reason.rule for reason in self.reasons)


Decision = Permitted | Refused


@dataclass(frozen=True)
class Rule(Generic[Facts]):
    """One numbered rule.  ``check`` returns what is wrong as (code, words) pairs, none when the rule holds."""

    number: str
    check: Callable[[Facts], Sequence[tuple[str, str]]]


def decide(rules: Sequence[Rule[Facts]], facts: Facts) -> Decision:
    """Apply every rule, in order, and keep every reason."""
    reasons: list[Reason] = []
    passed: list[str] = []
    for rule in rules:
        found = rule.check(facts)
        reasons += [Reason(rule=rule.number, code=code, words=words) for code, words in found]
        if not found:
            passed.append(rule.number)
    if reasons:
        return Refused(passed=tuple(passed), reasons=tuple(reasons))
    return Permitted(passed=tuple(passed))
