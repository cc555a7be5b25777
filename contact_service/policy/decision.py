"""A decision is a value: permitted with the rules that passed, or refused with every reason, not the first.

Reasons are sentences with named places, so that they can be translated before they are filled in.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

Facts = TypeVar("Facts")


@dataclass(frozen=True)
class Problem:
    """What one rule found wrong: a stable code for the evidence, and a sentence that says what to do.

    ``sentence`` has places like ``{name}`` that ``values`` fill.
    """

    code: str
    sentence: str
    values: tuple[tuple[str, str], ...] = ()


def problem(code: str, sentence: str, **values: object) -> Problem:
    """A problem whose places are filled with ``values``."""
    return Problem(code, sentence, tuple((name, str(value)) for name, value in values.items()))


@dataclass(frozen=True, kw_only=True)
class Reason:
    """Why a rule said no: its number, and the problem it found."""

    rule: str
    problem: Problem

    @property
    def code(self) -> str:
        """The stable code for the evidence."""
        return self.problem.code

    @property
    def words(self) -> str:
        """The sentence in English."""
        return self.problem.sentence.format_map(dict(self.problem.values))


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
    """One numbered rule.  ``check`` returns every problem, none when the rule holds."""

    number: str
    check: Callable[[Facts], Sequence[Problem]]


def both(one: Decision, other: Decision) -> Decision:
    """Permitted when both are; else refused with the reasons of both."""
    passed = one.passed + other.passed
    reasons = tuple(r for d in (one, other) if isinstance(d, Refused) for r in d.reasons)
    return Refused(passed=passed, reasons=reasons) if reasons else Permitted(passed=passed)


def decide(rules: Sequence[Rule[Facts]], facts: Facts) -> Decision:
    """Apply every rule, in order, and keep every reason."""
    reasons: list[Reason] = []
    passed: list[str] = []
    for rule in rules:
        found = rule.check(facts)
        reasons += [Reason(rule=rule.number, problem=one) for one in found]
        if not found:
            passed.append(rule.number)
    if reasons:
        return Refused(passed=tuple(passed), reasons=tuple(reasons))
    return Permitted(passed=tuple(passed))
