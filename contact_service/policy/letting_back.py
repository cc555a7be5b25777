"""May a goodbye be taken back that was said by mistake?  Source: RULES.md R71."""

from datetime import timedelta

from contact_service.policy.decision import Decision, Problem, Rule, decide, problem
from contact_service.policy.joining import kept_apart, not_barred, own_place_cleared, own_visit, still_agreed
from contact_service.policy.room_facts import GoodbyeFacts
from contact_service.policy.suiting import own_conflict
from contact_service.texts import N_

Found = list[Problem]

TAKEN_BACK_WITHIN = timedelta(minutes=10)


def may_take_goodbye_back(facts: GoodbyeFacts) -> Decision:
    """Decide whether somebody who was sent home kindly may come to the waiting room again, and no further.

    For ``TAKEN_BACK_WITHIN`` of the goodbye, the end excluded.  What admission asks is asked when they are there.
    Source: R15, R20, R21, R23, R25, R59, R68, R71.
    """
    return decide(_TAKING_BACK, facts)


def _same_link(facts: GoodbyeFacts) -> Found:
    if facts.link_stands:
        return []
    return [
        problem("link_dead", N_("Their link does not work any more. Ring them, or ring the duty person."))
    ]


def _just_said(facts: GoodbyeFacts) -> Found:
    if not facts.visit_running or facts.at >= facts.dies_at:
        return [problem("not_running", N_("This visit is not running."))]
    if facts.said_at is None:
        return [
            problem("no_goodbye", N_("Nobody has said goodbye to this person, or it was taken back before."))
        ]
    if facts.at >= facts.said_at + TAKEN_BACK_WITHIN:
        sentence = N_(
            "A goodbye can be taken back for {minutes} minutes, and those are over. "
            "Ring them, and arrange another visit."
        )
        return [problem("goodbye_stands", sentence, minutes=TAKEN_BACK_WITHIN // timedelta(minutes=1))]
    return []


_TAKING_BACK: tuple[Rule[GoodbyeFacts], ...] = (
    Rule("R15", _same_link),
    Rule("R20", not_barred),
    Rule("R21", own_visit),
    Rule("R23", kept_apart),
    Rule("R25", still_agreed),
    Rule("R59", own_conflict),
    Rule("R68", own_place_cleared),
    Rule("R71", _just_said),
)
