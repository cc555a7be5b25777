"""Who is rung when a side of a visit does not appear, and may a call be written down?  Source: RULES.md R69.

The clock of a side starts when the other side's device was ready, and never before the visit: a child's side is called
once the adult is identified, and whoever comes to an empty room is not late for anybody.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from contact_service.policy.decision import Decision, Problem, Rule, decide, problem
from contact_service.texts import N_

Found = list[Problem]
AGAIN_AFTER = timedelta(minutes=3)
"""Somebody of the duty desk answers throughout: who did not is rung once more after this."""


class CallTo(StrEnum):
    """Whom the visit supervisor rings."""

    ADULT = "adult"
    CARER = "carer"
    DUTY = "duty"


class CallResult(StrEnum):
    """What came of a call."""

    COMING = "reached_coming"
    NOT_COMING = "reached_not_coming"
    REACHED = "reached"
    NO_ANSWER = "no_answer"
    WRONG_NUMBER = "wrong_number"


OF_SOMEBODY_LATE = (
    CallResult.COMING,
    CallResult.NOT_COMING,
    CallResult.NO_ANSWER,
    CallResult.WRONG_NUMBER,
)
OF_THE_DUTY_DESK = (CallResult.REACHED, CallResult.NO_ANSWER)
_REACHED = frozenset({CallResult.COMING, CallResult.NOT_COMING, CallResult.REACHED})


def results_of(to: CallTo) -> tuple[CallResult, ...]:
    """What may come of a call to somebody of this kind."""
    return OF_THE_DUTY_DESK if to is CallTo.DUTY else OF_SOMEBODY_LATE


@dataclass(frozen=True, kw_only=True)
class Minutes:
    """How long after the start of a side's clock each is rung; from the agency's policy."""

    adult: timedelta
    carer: timedelta
    duty: timedelta

    def before(self, to: CallTo) -> timedelta:
        """How long one waits before this call."""
        return {CallTo.ADULT: self.adult, CallTo.CARER: self.carer, CallTo.DUTY: self.duty}[to]


@dataclass(frozen=True, kw_only=True)
class Late:
    """Somebody who is invited and has not appeared; ``since``: when their clock started.

    ``numbers`` are ids of those that are safe to ring now, in the order in which they are tried.
    """

    participant: str
    to: CallTo
    since: datetime
    numbers: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class CallMade:
    """A call that was written down.  ``participant`` and ``number`` are None for the duty desk."""

    participant: str | None
    number: str | None
    result: CallResult
    at: datetime


@dataclass(frozen=True, kw_only=True)
class RingFacts:
    """Who is late, and who was rung.  ``nobody_since``: from when on the supervisor is there alone, else None."""

    late: tuple[Late, ...]
    nobody_since: datetime | None
    calls: tuple[CallMade, ...]
    minutes: Minutes
    at: datetime


@dataclass(frozen=True, kw_only=True)
class CallDue:
    """A call that is to be made now.

    ``about`` is who is late, None where nobody came at all; ``number`` is None for the duty desk.  ``instead``: the
    duty desk is rung because whoever is late has no number that is safe to ring.
    """

    to: CallTo
    about: str | None
    number: str | None
    since: datetime
    instead: bool = False


def calls_due(facts: RingFacts) -> tuple[CallDue, ...]:
    """The calls that are due and not made yet, one about each who is late, whoever waits longest first.  Source: R69.

    Each number of somebody is tried once; whoever was reached is not rung again.  The duty desk comes last, and at once
    where a person must not be rung.
    """
    asked = sorted(facts.late, key=lambda one: (one.since + facts.minutes.before(one.to), one.participant))
    waited = [one for one in asked if facts.at >= one.since + facts.minutes.before(one.to)]
    found = tuple(
        CallDue(to=one.to, about=one.participant, number=number, since=one.since)
        for one in waited
        if (number := _next_number(facts, one))
    )
    if found:
        return found
    duty = _duty_due(facts, waited)
    return (duty,) if duty else ()


def _next_number(facts: RingFacts, late: Late) -> str | None:
    made = [call for call in facts.calls if call.participant == late.participant]
    if any(call.result in _REACHED for call in made):
        return None
    tried = {call.number for call in made}
    return next((number for number in late.numbers if number not in tried), None)


def _duty_due(facts: RingFacts, waited: list[Late]) -> CallDue | None:
    for one in waited:
        rung = any(call.participant == one.participant for call in facts.calls)
        instead = not one.numbers and not rung
        is_time = facts.at >= one.since + facts.minutes.duty
        if (instead or is_time) and not _duty_knows(facts, one.since):
            return CallDue(
                to=CallTo.DUTY, about=one.participant, number=None, since=one.since, instead=instead
            )
    alone = facts.nobody_since
    if alone is None or facts.at < alone + facts.minutes.duty or _duty_knows(facts, alone):
        return None
    return CallDue(to=CallTo.DUTY, about=None, number=None, since=alone)


def _duty_knows(facts: RingFacts, since: datetime) -> bool:
    """Whether the duty desk was reached since then, or was rung a moment ago."""
    made = [call for call in facts.calls if call.participant is None and call.at >= since]
    return any(call.result in _REACHED or facts.at < call.at + AGAIN_AFTER for call in made)


@dataclass(frozen=True, kw_only=True)
class CallFacts:
    """A call that somebody wants to write down.

    ``known``: whoever was rung takes part by link, and is neither barred nor has said no; or it is the duty desk.
    ``safe``: the number is theirs and safe to ring at this moment, or it is that of the duty desk.  Both count as of
    when the number was shown to whoever rang, where that was a moment ago.
    """

    is_visit_supervisor: bool
    in_conflict: bool
    visit_running: bool
    starts_at: datetime
    at: datetime
    known: bool
    safe: bool
    to: CallTo
    result: CallResult | None


def may_write_call(facts: CallFacts) -> Decision:
    """Decide whether a call is written down.  Source: R69, R21, R59."""
    return decide(_WRITING, facts)


def _own_visit(facts: CallFacts) -> Found:
    if facts.is_visit_supervisor:
        return []
    return [
        problem(
            "not_supervisor", N_("Only the visit supervisor of this visit writes down whom they have rung.")
        )
    ]


def _no_conflict(facts: CallFacts) -> Found:
    if not facts.in_conflict:
        return []
    sentence = N_("You cannot watch this visit. Ask for another visit supervisor at once.")
    return [problem("conflict_of_interest", sentence)]


def _is_a_call(facts: CallFacts) -> Found:
    found = []
    if not facts.visit_running:
        sentence = N_("The visit is not open now. Write in its record whom you have rung.")
        found.append(problem("not_running", sentence))
    if facts.at < facts.starts_at:
        sentence = N_("Nobody is late before the visit starts. Wait until then.")
        found.append(problem("too_early", sentence))
    if not facts.known:
        sentence = N_("This person does not take part in the visit, and is not rung for it.")
        found.append(problem("not_in_visit", sentence))
    elif not facts.safe:
        sentence = N_("This number is not safe to ring now. Ring the duty person, and say so.")
        found.append(problem("not_safe", sentence))
    if facts.result not in results_of(facts.to):
        found.append(problem("no_result", N_("Say what came of the call.")))
    return found


_WRITING: tuple[Rule[CallFacts], ...] = (
    Rule("R21", _own_visit),
    Rule("R59", _no_conflict),
    Rule("R69", _is_a_call),
)
