"""Who comes to the waiting room, who is let in, may a visit go on?  R15-R26, R31, R43, R52f, R59, R67f, R70."""

from contact_service.consent.consent import ConsentState
from contact_service.policy.decision import Decision, Problem, Rule, decide, problem
from contact_service.policy.room_facts import (
    AdmissionFacts,
    GoodbyeFacts,
    InsideFacts,
    JoinFacts,
    ResumeFacts,
    WatchFacts,
)
from contact_service.policy.suiting import own_conflict
from contact_service.texts import N_

Found = list[Problem]


def may_join(facts: JoinFacts) -> Decision:
    """Decide whether a device may come to the waiting room, and no further.  Source: R15 to R20, R68.

    The words are read by the person at the door, so they tell nothing about anybody else.
    """
    return decide(_JOINING, facts)


def may_open(facts: JoinFacts) -> Decision:
    """Decide whether a link may be bound to the device that opens it.  Source: R15, R16, R20."""
    return decide(_OPENING, facts)


def may_admit(facts: AdmissionFacts) -> Decision:
    """Decide whether the visit supervisor may let this person in now.  R20 to R25, R31, R43, R52, R53, R59, R67f."""
    return decide(_ADMISSION, facts)


def may_look(facts: AdmissionFacts) -> Decision:
    """Decide whether the supervisor may see and hear one waiting person alone.  Source: R20 to R23, R25, R59."""
    return decide(_LOOKING, facts)


def may_talk_alone(facts: InsideFacts) -> Decision:
    """Decide whether the supervisor may take somebody who was let in aside.  Source: R20, R21, R23, R25, R59, R70.

    Not asked: who they are, who is with them and where they are, which was asked when they were let in and is asked
    again before they are let back; whether the child likes the visit, because that is what one talks about; whether
    others understand them, and what a place has cleared, because nobody but the supervisor hears them.  Whether their
    consent stands is asked: the rules of practice say that a withdrawal acts at once on whoever withdraws, and nothing
    of a talk after it, so that the supervisor rings them instead.
    """
    return decide(_TALKING_ALONE, facts)


def may_say_goodbye(facts: InsideFacts) -> Decision:
    """Decide whether somebody may go home kindly while the visit goes on for others.  Source: R21, R59, R70.

    The child leaves first.  Whoever must go at once is removed, which asks nothing.
    """
    return decide(_SAYING_GOODBYE, facts)


def may_resume(facts: ResumeFacts) -> Decision:
    """Decide whether a held visit may go on.  Source: R26, R53, R59, R68."""
    return decide(_RESUMING, facts)


def may_watch(facts: WatchFacts) -> Decision:
    """Decide whether this person may come into the room as its visit supervisor.  Source: R21, R59."""
    return decide(_WATCHING, facts)


def _live_link(facts: JoinFacts) -> Found:
    return (
        []
        if facts.link_live
        else [problem("link_dead", N_("This link does not work any more. Please call us."))]
    )


def _door_open(facts: JoinFacts) -> Found:
    if facts.at < facts.opens_at:
        return [problem("too_early", N_("Your visit is not open yet."))]
    if facts.at >= facts.dies_at:
        return [problem("too_late", N_("This visit is over."))]
    return []


def _joinable(facts: JoinFacts) -> Found:
    if facts.removed:
        return [problem("removed", N_("You cannot come back to this visit. Please call us."))]
    return (
        []
        if facts.visit_joinable
        else [problem("not_running", N_("This visit is not open. Please call us."))]
    )


def _own_consent(facts: JoinFacts) -> Found:
    # A new wording is asked at the door; a visit that is ready goes ahead on the old one (domain rules, section 3).
    enough = {ConsentState.GIVEN} | ({ConsentState.STALE} if facts.visit_was_ready else set())
    if all(state in enough for state in facts.consents):
        return []
    return [problem("consent_missing", N_("Please answer the questions first."))]


def _child_consent_stands(facts: JoinFacts | AdmissionFacts) -> Found:
    # Where an order or the authority's plan is the basis, an objection is a task for the approver and stops nothing.
    if not facts.child_consent_needed or facts.child_consent in (ConsentState.GIVEN, ConsentState.STALE):
        return []
    return [problem("child_consent_missing", N_("This visit cannot go ahead now. Please call us."))]


def not_barred(facts: JoinFacts | AdmissionFacts | InsideFacts | GoodbyeFacts) -> Found:
    """No restriction bars this person from anybody of the visit (R20)."""
    return [problem("no_contact", N_("This visit cannot go ahead. Please call us."))] if facts.barred else []


def _place_says_yes(facts: JoinFacts) -> Found:
    if facts.cleared:
        return []
    return [problem("not_cleared", N_("This visit cannot go ahead now. Please call us."))]


_OPENING: tuple[Rule[JoinFacts], ...] = (
    Rule("R15", _live_link),
    Rule("R16", _door_open),
    Rule("R20", not_barred),
)
_JOINING: tuple[Rule[JoinFacts], ...] = (
    Rule("R15", _live_link),
    Rule("R16", _door_open),
    Rule("R17", _joinable),
    Rule("R18", _own_consent),
    Rule("R19", _child_consent_stands),
    Rule("R20", not_barred),
    Rule("R68", _place_says_yes),
)


def own_visit(facts: AdmissionFacts | InsideFacts | GoodbyeFacts) -> Found:
    """The actor is the visit supervisor of this visit, and connected (R21)."""
    found = []
    if not facts.is_visit_supervisor:
        found.append(problem("not_supervisor", N_("Only the visit supervisor of this visit lets people in.")))
    if not facts.supervisor_connected:
        found.append(
            problem(
                "supervisor_away",
                N_("Turn on your own camera and microphone first: nothing starts before you."),
            )
        )
    return found


def _still_waiting(facts: AdmissionFacts) -> Found:
    found = []
    if not facts.visit_running or facts.at >= facts.dies_at:
        found.append(problem("not_running", N_("This visit is not running.")))
    if not facts.is_waiting or not facts.device_connected:
        found.append(problem("not_waiting", N_("This person is not waiting now. Wait until they are back.")))
    return found


def kept_apart(facts: AdmissionFacts | InsideFacts | GoodbyeFacts) -> Found:
    """Nobody in the visit must be kept apart from this person (R23)."""
    if not facts.apart_from_another:
        return []
    return [problem("apart", N_("This person must be kept apart from somebody who is in the visit."))]


def _identified(facts: AdmissionFacts) -> Found:
    if facts.identity_method:
        return []
    return [
        problem("not_identified", N_("Say how you know who this is: photo, agreed question or spoken code."))
    ]


def _holder_told(facts: AdmissionFacts) -> Found:
    if not facts.provisional or facts.identity_method:
        return []
    sentence = N_(
        "The answers came from a device whose holder nobody has identified. Look, and say how you know."
    )
    return [problem("provisional", sentence)]


def _company_known(facts: AdmissionFacts) -> Found:
    found = []
    if not facts.company_told:
        sentence = N_(
            "This person has not said who else is in their room. Ask them to go back and press an answer."
        )
        found.append(problem("company_not_told", sentence))
    if not facts.company_seen:
        sentence = N_("Look at their room first, and say that you have seen who is in it.")
        found.append(problem("company_not_seen", sentence))
    return found


def _help_can_be_sent(facts: AdmissionFacts) -> Found:
    if facts.whereabouts_known:
        return []
    sentence = N_("Ask where they are now and on which number you can ring them, and write both down.")
    return [problem("whereabouts_unknown", sentence)]


def own_place_cleared(facts: AdmissionFacts | GoodbyeFacts) -> Found:
    """The place from which this person takes part has said yes (R68)."""
    if facts.cleared:
        return []
    sentence = N_(
        "The place from which this person takes part has not given its clearance for the child, or has taken it "
        "back. Do not let them in; ring the duty person."
    )
    return [problem("not_cleared", sentence)]


def _cleared(facts: AdmissionFacts) -> Found:
    found = own_place_cleared(facts)
    if not facts.room_cleared:
        sentence = N_(
            "A place from which somebody in the room takes part has taken back its clearance for a child. Remove that "
            "person, or end the visit, and ring the duty person."
        )
        found.append(problem("room_not_cleared", sentence))
    return found


def _child_not_unwilling(facts: AdmissionFacts) -> Found:
    if not facts.is_child or facts.child_assent not in (ConsentState.DECLINED, ConsentState.WITHDRAWN):
        return []
    sentence = N_(
        "The child has said no. Talk with the child alone; the answer can be changed on their page."
    )
    return [problem("child_said_no", sentence)]


def _adult_first(facts: AdmissionFacts) -> Found:
    found = []
    if facts.is_child and not facts.adult_admitted:
        found.append(problem("child_last", N_("Let the adult in first. The child comes last.")))
    return found + still_agreed(facts)


def still_agreed(facts: AdmissionFacts | InsideFacts | GoodbyeFacts) -> Found:
    """Every consent that is needed for them stands (R25)."""
    found = []
    enough = (ConsentState.GIVEN, ConsentState.STALE)
    if not all(state in enough for state in facts.consents):
        found.append(problem("consent_missing", N_("This person has not agreed, or has taken it back.")))
    if facts.child_consent_needed and facts.child_consent not in enough:
        found.append(problem("child_consent_missing", N_("The consent for the child does not stand.")))
    return found


def _understood(facts: AdmissionFacts | ResumeFacts) -> Found:
    sentence = N_("Nobody here understands what {name} speaks. Let the interpreter in first.")
    return [problem("language", sentence, name=name) for name in facts.not_understood]


_AT_THE_DOOR: tuple[Rule[AdmissionFacts], ...] = (
    Rule("R20", not_barred),
    Rule("R21", own_visit),
    Rule("R22", _still_waiting),
    Rule("R23", kept_apart),
    Rule("R59", own_conflict),
)


def _nobody_else_aside(facts: AdmissionFacts) -> Found:
    if not facts.another_aside:
        return []
    return [problem("alone_with_another", _ALONE_WITH_ANOTHER)]


_ALONE_WITH_ANOTHER = N_(
    "You are alone with somebody else now. Let them in, or send them back to waiting, first."
)
_LOOKING: tuple[Rule[AdmissionFacts], ...] = (
    *_AT_THE_DOOR,
    Rule("R25", still_agreed),
    Rule("R70", _nobody_else_aside),
)
_ADMISSION: tuple[Rule[AdmissionFacts], ...] = (
    *_AT_THE_DOOR,
    Rule("R24", _identified),
    Rule("R25", _adult_first),
    Rule("R31", _holder_told),
    Rule("R43", _child_not_unwilling),
    Rule("R52", _company_known),
    Rule("R53", _understood),
    Rule("R67", _help_can_be_sent),
    Rule("R68", _cleared),
)


def _can_go_aside(facts: InsideFacts) -> Found:
    found = []
    if not facts.visit_running:
        found.append(problem("not_running", N_("This visit is not running.")))
    if not facts.is_inside:
        sentence = N_("This person is not in the visit now. Look at somebody who waits instead.")
        found.append(problem("not_inside", sentence))
    if facts.alone_with_another:
        # Nobody is left by a press that names somebody else: the one before is let back in, or told to wait, first.
        found.append(problem("alone_with_another", _ALONE_WITH_ANOTHER))
    return found


def _can_go_home(facts: InsideFacts) -> Found:
    found = []
    if not facts.visit_running:
        found.append(problem("not_running", N_("This visit is not running.")))
    if not (facts.is_inside or facts.is_alone or facts.asked_back):
        found.append(problem("not_inside", N_("This person is not in the visit now.")))
    if facts.child_here and not facts.is_child:
        sentence = N_("The child leaves first. Say goodbye to the child, and then to this person.")
        found.append(problem("child_first", sentence))
    return found


_SAYING_GOODBYE: tuple[Rule[InsideFacts], ...] = (
    Rule("R21", own_visit),
    Rule("R59", own_conflict),
    Rule("R70", _can_go_home),
)
_TALKING_ALONE: tuple[Rule[InsideFacts], ...] = (
    Rule("R20", not_barred),
    Rule("R21", own_visit),
    Rule("R23", kept_apart),
    Rule("R25", still_agreed),
    Rule("R59", own_conflict),
    Rule("R70", _can_go_aside),
)


def _resumable(facts: ResumeFacts) -> Found:
    found = []
    if not facts.is_visit_supervisor:
        found.append(problem("not_supervisor", N_("Only the visit supervisor of this visit can go on.")))
    if not facts.supervisor_connected:
        found.append(problem("supervisor_away", N_("Turn on your own camera and microphone first.")))
    if not facts.is_held:
        found.append(problem("not_held", N_("The visit is not on hold.")))
    if facts.alone_with_somebody:
        found.append(problem("alone_with_somebody", _ALONE_WITH_ANOTHER))
    if facts.restricted:
        found.append(problem("restricted", N_("A restriction forbids this visit to go on. End it.")))
    return found


def _all_cleared(facts: ResumeFacts) -> Found:
    if facts.cleared:
        return []
    sentence = N_(
        "A place from which somebody here takes part has taken back its clearance for a child. Remove that person, or "
        "end the visit, and ring the duty person."
    )
    return [problem("not_cleared", sentence)]


_RESUMING: tuple[Rule[ResumeFacts], ...] = (
    Rule("R26", _resumable),
    Rule("R53", _understood),
    Rule("R59", own_conflict),
    Rule("R68", _all_cleared),
)


def _is_own(facts: WatchFacts) -> Found:
    if facts.is_visit_supervisor:
        return []
    return [problem("not_supervisor", N_("Only the visit supervisor of this visit works in its room."))]


_WATCHING: tuple[Rule[WatchFacts], ...] = (Rule("R21", _is_own), Rule("R59", own_conflict))
