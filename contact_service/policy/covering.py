"""May a case be opened in an emergency by somebody who has it not, and who looks at it afterwards?  R65, R66."""

from dataclasses import dataclass

from contact_service.policy.decision import Decision, Problem, Refused, Rule, all_of, decide, problem
from contact_service.texts import N_


@dataclass(frozen=True, kw_only=True)
class EmergencyAccessFacts:
    """A case that somebody wants to open in an emergency.

    ``reads_for_others``: they audit or administer, whatever else they do.  ``reason`` is empty where none was chosen.
    ``within_reach`` and ``in_conflict`` are of the case that was found, False before that.
    """

    is_worker: bool
    reads_for_others: bool
    reason: str
    words: str
    within_reach: bool = False
    in_conflict: bool = False


@dataclass(frozen=True, kw_only=True)
class AccessReviewFacts:
    """Somebody is about to say what they found of an emergency access; ``finding`` is empty where none was chosen."""

    is_approver: bool
    is_own: bool
    in_conflict: bool
    is_open: bool
    finding: str
    needs_words: bool
    words: str


Found = list[Problem]
SHORTEST_WORDS = 15
"""Characters: fewer say nothing to whoever looks at it afterwards."""


def may_ask(facts: EmergencyAccessFacts) -> Decision:
    """Decide, before anything is looked for, whether this is somebody who may ask, and for a reason.  Source: R65."""
    return decide(_ASKING, facts)


def may_open(facts: EmergencyAccessFacts) -> Decision:
    """Decide whether the case that was found is opened now.  Source: R65, R59."""
    return all_of((decide(_ASKING, facts), decide(_OPENING, facts)))


def may_be_told(refused: Refused) -> bool:
    """Whether somebody hears why they were refused: that a conflict was declared would tell them of the case.  R59."""
    return all(reason.rule != "R59" for reason in refused.reasons)


def may_review(facts: AccessReviewFacts) -> Decision:
    """Decide whether somebody's finding about an emergency access is kept.  Source: R66, R59."""
    return decide(_REVIEWING, facts)


def _whose_work_it_is(facts: EmergencyAccessFacts) -> Found:
    if not facts.is_worker or facts.reads_for_others:
        sentence = N_(
            "Only somebody who works with cases opens one in an emergency. Ask a worker or an approver."
        )
        return [problem("not_for_this_role", sentence)]
    return []


def _why(facts: EmergencyAccessFacts) -> Found:
    found = []
    if not facts.reason:
        found.append(problem("no_reason", N_("Choose what kind of emergency it is.")))
    if len(facts.words) < SHORTEST_WORDS:
        sentence = N_("Write what has happened and what you need the record for. Somebody else will read it.")
        found.append(problem("no_words", sentence))
    return found


def _out_of_reach(facts: EmergencyAccessFacts) -> Found:
    if not facts.within_reach:
        return []
    return [problem("within_reach", N_("You can open this case already. Look for the child among your own."))]


def _no_conflict(facts: EmergencyAccessFacts) -> Found:
    if not facts.in_conflict:
        return []
    return [problem("conflict_of_interest", N_("You cannot open this case. Ask an approver at once."))]


def _somebody_else(facts: AccessReviewFacts) -> Found:
    if not facts.is_approver:
        return [problem("not_an_approver", N_("An approver looks at this."))]
    if facts.is_own:
        return [problem("own_access", N_("You opened this case yourself. Another approver looks at it."))]
    return []


def _no_conflict_of_own(facts: AccessReviewFacts) -> Found:
    if not facts.in_conflict:
        return []
    return [problem("conflict_of_interest", N_("You cannot look at this. Ask another approver."))]


def _when_it_is_over(facts: AccessReviewFacts) -> Found:
    if facts.is_open:
        return [
            problem("still_open", N_("The case is still open to them. End it, or wait until it is over."))
        ]
    return []


def _with_a_finding(facts: AccessReviewFacts) -> Found:
    if not facts.finding:
        return [problem("no_finding", N_("Choose what you found."))]
    if facts.needs_words and not facts.words:
        return [problem("no_words", N_("Write what was wrong, and what happens now."))]
    return []


_ASKING: tuple[Rule[EmergencyAccessFacts], ...] = (Rule("R65", _whose_work_it_is), Rule("R65", _why))
_OPENING: tuple[Rule[EmergencyAccessFacts], ...] = (Rule("R65", _out_of_reach), Rule("R59", _no_conflict))
_REVIEWING: tuple[Rule[AccessReviewFacts], ...] = (
    Rule("R66", _somebody_else),
    Rule("R59", _no_conflict_of_own),
    Rule("R66", _when_it_is_over),
    Rule("R66", _with_a_finding),
)
