"""Booked visits that a later fact put in doubt, with what speaks against them, as pages show them."""

from contact_service.actor import Role
from contact_service.errors import BadInput
from contact_service.follow_ups.follow_up import REASONS, FollowUpKind
from contact_service.pages.access import Desk
from contact_service.pages.forms import ReasonForm, demand_version, spoken
from contact_service.pages.remedies import reasons_shown
from contact_service.pages.rendering import say
from contact_service.pages.together import child_shown, people_shown
from contact_service.pages.words import DONE_REASONS, choices
from contact_service.policy.decision import Refused
from contact_service.visits.actions.doubting import clear_doubt
from contact_service.visits.queries.doubting import doubts, is_in_doubt, reasons_told
from contact_service.visits.visit import Visit


def clear(desk: Desk, visit: Visit, form: ReasonForm) -> list[dict[str, str]]:
    """Clear the doubt about a visit; returns what is wrong with the form, at the fields of the visit's own card."""
    demand_version(visit, form.version)
    try:
        result = clear_doubt(desk.work, visit.id, form.reason, form.text)
    except BadInput as error:
        return [{"field": f"{error.field}-{visit.id}", "text": say(str(error))}]
    refused = result.reasons if isinstance(result, Refused) else ()
    return [{"field": f"text-{visit.id}", "text": spoken(reason)} for reason in refused]


def clearing_reasons() -> list[dict[str, str]]:
    """What an approver can say of a visit in doubt."""
    return choices({code: DONE_REASONS[code] for code in REASONS[FollowUpKind.IN_DOUBT]})


def doubts_waiting(desk: Desk) -> list[dict[str, object]]:
    """Every visit in doubt that the reader is asked to look at, the most urgent first."""
    return [_shown(desk, one.visit) | {"due_at": one.due_at} for one in doubts(desk.work)]


def doubt_about(desk: Desk, visit: Visit) -> dict[str, object] | None:
    """The doubt about one visit, as everybody reads it who sees the visit; None where there is none."""
    if not is_in_doubt(desk.work, visit):
        return None
    has = desk.work.actor.has
    return _shown(desk, visit) | {
        "decides": has(Role.APPROVER),
        "mends": has(Role.WORKER) or has(Role.APPROVER),
    }


def _shown(desk: Desk, visit: Visit) -> dict[str, object]:
    against = reasons_told(desk.work, visit)
    return {
        "visit": visit.id,
        "version": visit.revision,
        "child": child_shown(desk, visit),
        "people": people_shown(desk, visit),
        "starts_at": visit.starts_at,
        "ends_at": visit.ends_at,
        "reasons": reasons_shown(against, visit.child),
        # With somebody who has a conflict of interest it does not take place, whatever an approver says.
        "barred": any(reason.rule == "R59" for reason in against),
    }
