"""Whether somebody who listens understands what everybody speaks.  Source: RULES.md R51, R53."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeGuard

from contact_service.plans.terms import SupervisionLevel
from contact_service.policy.decision import Decision, Refused

NOT_UNDERSTOOD = "language"
"""The code of a visit in which somebody is understood by nobody who listens."""
NO_INTERPRETER = "no_interpreter"
"""The code of a time at which somebody would have to interpret, and nobody who could is free."""
_SOMEBODY_LISTENS = (SupervisionLevel.SUPERVISED, SupervisionLevel.MONITORED)
Languages = frozenset[str]


def lacks_interpreter(decision: Decision) -> TypeGuard[Refused]:
    """Whether a no says that somebody has to interpret, and nobody who could is free."""
    return isinstance(decision, Refused) and any(one.code == NO_INTERPRETER for one in decision.reasons)


@dataclass(frozen=True, kw_only=True)
class Speaker:
    """Somebody who takes part, and the languages (primary tags) in which they do; empty when nobody has asked."""

    name: str
    languages: Languages


def not_understood(
    level: SupervisionLevel,
    speakers: Iterable[Speaker],
    *,
    listener: Languages,
    interpreters: Sequence[Languages],
) -> list[Speaker]:
    """Those whom neither the listener nor, through one interpreter who knows both, anybody listening understands.

    Empty where the level leaves people among themselves.  Languages that nobody has recorded are not known, and
    refuse nothing: the visit supervisor, who hears them, holds.
    """
    if level not in _SOMEBODY_LISTENS:
        return []
    bridges = [known for known in interpreters if known & listener]
    return [
        one
        for one in speakers
        if one.languages and not one.languages & listener and not any(one.languages & b for b in bridges)
    ]
