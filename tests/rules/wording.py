"""What a refusal says, word for word: ``words.txt`` holds every sentence that the tests of rules have brought about.

A sentence that is not there fails the test.  ``UPDATE_WORDS=1`` writes it down; read the difference before it is kept.
"""

import os
from functools import cache
from pathlib import Path

from contact_service.policy.decision import Decision, Reason, Refused

WORDS = Path(__file__).with_name("words.txt")


def codes(decision: Decision) -> list[tuple[str, str]]:
    """Each reason as (rule, code), none when permitted; its words are the ones that were written down."""
    reasons = decision.reasons if isinstance(decision, Refused) else ()
    for reason in reasons:
        assert _line(reason) in _written(), f"not in {WORDS.name}: {_line(reason)}"
    return [(reason.rule, reason.code) for reason in reasons]


def _line(reason: Reason) -> str:
    if os.environ.get("UPDATE_WORDS"):
        _write(f"{reason.rule} {reason.code}: {reason.words}")
    return f"{reason.rule} {reason.code}: {reason.words}"


@cache
def _written() -> set[str]:
    return set(WORDS.read_text(encoding="utf-8").splitlines())


def _write(line: str) -> None:
    _written().add(line)
    WORDS.write_text("\n".join(sorted(_written(), key=_by_number)) + "\n", encoding="utf-8")


def _by_number(line: str) -> tuple[int, str]:
    return int(line.partition(" ")[0][1:]), line
