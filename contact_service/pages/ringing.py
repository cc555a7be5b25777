"""Whom the visit supervisor rings because somebody has not come, in words; and the calls that were written down."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from contact_service.identity import queries as identity
from contact_service.pages.access import Desk
from contact_service.pages.rendering import say
from contact_service.pages.together import children_of, names_of, whom
from contact_service.people.channel import Channel
from contact_service.policy.ringing import CallDue, CallResult, CallTo, results_of
from contact_service.texts import N_
from contact_service.visits.queries.ringing import calls_due_in, late_calls_of, number_due
from contact_service.visits.visit import Participant, Visit

RESULTS = {
    CallResult.COMING: N_("Reached: they are coming"),
    CallResult.NOT_COMING: N_("Reached: they are not coming"),
    CallResult.REACHED: N_("Reached"),
    CallResult.NO_ANSWER: N_("No answer"),
    CallResult.WRONG_NUMBER: N_("Wrong number"),
}


def calls_asked_for(desk: Desk, visit: Visit) -> list[dict[str, str]]:
    """The calls that are due now, for the room to show, without a number; the longest due first."""
    return [_asked(desk, visit, due) for due in calls_due_in(desk.work, visit)]


def call_with_number(desk: Desk, visit: Visit, key: str) -> dict[str, Any] | None:
    """One of them, by its ``key``, with its number, what to mind, and what may come of it; the first for an empty key.

    One number at a time is shown.  None where the call is not due any more.
    """
    due = next((one for one in calls_due_in(desk.work, visit) if key in ("", _key(one))), None)
    channel = number_due(desk.work, visit, due)
    if due is None:
        return None
    return _asked(desk, visit, due) | {
        "participant": due.about if channel else None,
        "number_id": due.number,
        "number": channel.value if channel else desk.site.help_phone,
        "mind": _mind(channel) if channel else [_duty_line(desk, visit)],
        "results": [{"value": one.value, "text": say(RESULTS[one])} for one in results_of(due.to)],
    }


def _asked(desk: Desk, visit: Visit, due: CallDue) -> dict[str, str]:
    late = visit.participant(due.about) if due.about else None
    return {
        "key": _key(due),
        "title": _title(desk, visit, due, late),
        "why": _why(desk, visit, due, late),
    }


def _key(due: CallDue) -> str:
    return "/".join((due.to, due.about or "", due.number or ""))


def _title(desk: Desk, visit: Visit, due: CallDue, late: Participant | None) -> str:
    if due.to is CallTo.DUTY or late is None:
        duty = identity.account_for(desk.work, visit.duty).name
        return say("Ring the duty person now: {name}", name=duty)
    return say("Ring {name} ({relation}) now", **whom(desk, visit, late))


def _why(desk: Desk, visit: Visit, due: CallDue, late: Participant | None) -> str:
    since = _clock(visit, due.since)
    if late is None:
        return say("Nobody has come since {time}. The duty person decides what happens next.", time=since)
    children = names_of(desk, children_of(visit))
    name = whom(desk, visit, late)["name"]
    if due.instead:
        sentence = "{name} is not here, and no number of theirs is safe to ring now. The duty person decides."
        return say(sentence, name=name)
    if due.to is CallTo.DUTY:
        return say(
            "{name} is still not here. The others have been ready since {time}.", name=name, time=since
        )
    if due.to is CallTo.CARER:
        return say(
            "{child} is not here yet. The family has been waiting since {time}.", child=children, time=since
        )
    return say("They are not here yet. {child} has been ready since {time}.", child=children, time=since)


def _mind(channel: Channel) -> list[str]:
    """What to mind before one rings somebody's number."""
    found = [say("Ring from the agency’s phone, never from your own.")]
    if channel.confirmed_by is None:
        found.append(say("Nobody has confirmed that this number is theirs: first make sure who answers."))
    if channel.rule.say:
        found.append(say("If somebody else answers, say only: “{words}”", words=channel.rule.say))
    else:
        found.append(say("If somebody else answers, say nothing about the visit."))
    return found


def _duty_line(desk: Desk, visit: Visit) -> str:
    duty = identity.account_for(desk.work, visit.duty).name
    return say("This is the line of {desk}. Ask for {name}.", desk=desk.site.help_name, name=duty)


def _clock(visit: Visit, at: datetime) -> str:
    return f"{at.astimezone(ZoneInfo(visit.zone)):%H:%M}"


def late_calls_shown(desk: Desk, visit: Visit) -> list[dict[str, object]]:
    """The calls that were written down, oldest first: when, who rang whom, what came of it."""
    staff = identity.names_by_ref(desk.work)
    return [
        {
            "at": call.at,
            "by": staff.get(call.by, ""),
            "to": _whom_shown(desk, visit, call.participant),
            "result": say(RESULTS[call.result]),
        }
        for call in late_calls_of(desk.work, visit.id)
    ]


def _whom_shown(desk: Desk, visit: Visit, participant: Participant | None) -> str:
    if participant is None:
        return say("the duty person")
    return say("{name} ({relation})", **whom(desk, visit, participant))
