"""A decision is a value: permitted with the rules that passed, or refused with every reason, not the first.

Reasons are sentences with named places, so that they can be translated before they are filled in.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from contact_service.ids import PersonId

Facts = TypeVar("Facts")


@dataclass(frozen=True)
class Problem:
    """What one rule found wrong: a stable code for the evidence, and a sentence that says what to do.

    ``sentence`` has places like ``{name}`` that ``values`` fill.  ``side``: where children of several cases share a
    visit, the one whose workers alone may read it; None: everybody who may read of the visit.
    """

    code: str
    sentence: str
    values: tuple[tuple[str, str], ...] = ()
    side: PersonId | None = None


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

    @property
    def codes(self) -> tuple[str, ...]:
        """What failed, each once however many people it concerns: evidence has room for so much."""
        return tuple(dict.fromkeys(reason.code for reason in self.reasons))


Decision = Permitted | Refused


@dataclass(frozen=True)
class Rule(Generic[Facts]):
    """One numbered rule.  ``check`` returns every problem, none when the rule holds."""

    number: str
    check: Callable[[Facts], Sequence[Problem]]


def all_of(decisions: Iterable[Decision]) -> Decision:
    """Permitted when every one is; else refused with every reason once.  A rule passed if it never failed."""
    found = list(decisions)
    reasons = tuple(dict.fromkeys(r for d in found if isinstance(d, Refused) for r in d.reasons))
    failed = {reason.rule for reason in reasons}
    passed = tuple(dict.fromkeys(rule for d in found for rule in d.passed if rule not in failed))
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
