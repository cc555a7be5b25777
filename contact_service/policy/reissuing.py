"""May somebody be given a new link in place of a lost one, and in which way?  Source: RULES.md R64."""

from contact_service.policy.decision import Decision, Problem, Rule, decide, problem
from contact_service.policy.facts import ReissueFacts
from contact_service.texts import N_

Found = list[Problem]


def may_reissue(facts: ReissueFacts) -> Decision:
    """Decide whether a link is replaced now, in the way that was chosen.  Source: R64, R20, R59."""
    return decide(_REISSUING, facts)


def _still_wanted(facts: ReissueFacts) -> Found:
    found = []
    if not facts.is_ahead or facts.at >= facts.dies_at:
        found.append(
            problem("not_ahead", N_("This visit is not booked, or is over: it has no links any more."))
        )
    elif not facts.linked:
        found.append(
            problem("not_invited", N_("This person has no link that stands. Look at the visit again."))
        )
    if facts.removed:
        sentence = N_("This person was sent out of this visit, or has gone home from it. No link leads back.")
        found.append(problem("removed", sentence))
    return found + _who_asked(facts)


def _who_asked(facts: ReissueFacts) -> Found:
    if not facts.known_by and not facts.printed:
        return [problem("not_identified", N_("Say how you made sure who asked for it."))]
    if facts.shown and not facts.in_person:
        sentence = N_(
            "A link is shown only to somebody who stands in front of you. Send it, or read out a code."
        )
        return [problem("not_in_person", sentence)]
    return []


def _way_is_open(facts: ReissueFacts) -> Found:
    if facts.from_establishment:
        return _to_the_desk(facts)
    found = []
    at_once = facts.shown or facts.read_out
    if at_once and facts.at < facts.opens_at:
        sentence = N_(
            "The visit is not open yet, and the code or picture would be lost. Send the new link instead."
        )
        found.append(problem("too_early", sentence))
    if facts.read_out and facts.guessed:
        sentence = N_("Too many wrong codes were typed within the hour. Send the new link, or show it.")
        found.append(problem("codes_guessed", sentence))
    if facts.printed:
        found += _by_post(facts)
    elif not at_once and not facts.reachable:
        sentence = N_(
            "There is no address to which it may go: what was written down within the last 24 hours does not count. "
            "Read out a code, or show the link."
        )
        found.append(problem("no_held_address", sentence))
    return found


def _to_the_desk(facts: ReissueFacts) -> Found:
    """Whoever rings, stands there or gives an address says that they are somebody in prison; the desk knows."""
    if facts.shown or facts.read_out or facts.printed:
        sentence = N_(
            "They take part from an establishment: a new link goes to its booking desk and to nobody else. "
            "Send it there. If they take part from elsewhere by now, change that first."
        )
        return [problem("desk_alone", sentence)]
    if not facts.reachable:
        sentence = N_(
            "The address of the booking desk was written down within the last 24 hours, so no link goes there yet. "
            "Ring the establishment on a number that you know from elsewhere."
        )
        return [problem("no_held_desk", sentence)]
    return []


def _by_post(facts: ReissueFacts) -> Found:
    found = []
    if not facts.needs_letter:
        sentence = N_("Messages reach this person. A letter is for somebody whom no message reaches.")
        found.append(problem("messages_reach", sentence))
    if facts.at >= facts.opens_at:
        sentence = N_(
            "The visit opens before a letter can arrive. Phone them: read out a code, or show the link."
        )
        found.append(problem("too_late_to_post", sentence))
    return found


def _wanted_and_open(facts: ReissueFacts) -> Found:
    return _still_wanted(facts) + _way_is_open(facts)


def _not_barred(facts: ReissueFacts) -> Found:
    return (
        [problem("no_contact", N_("A restriction forbids this person to take part."))] if facts.barred else []
    )


def _no_conflict_of_own(facts: ReissueFacts) -> Found:
    if not facts.in_conflict:
        return []
    return [problem("conflict_of_interest", N_("You have no part in this visit. Ask somebody else."))]


_REISSUING: tuple[Rule[ReissueFacts], ...] = (
    Rule("R64", _wanted_and_open),
    Rule("R20", _not_barred),
    Rule("R59", _no_conflict_of_own),
)
