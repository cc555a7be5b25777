"""What was out of the ordinary about how a visit was decided: an emergency, or nobody's yes but the policy's."""

from contact_service.pages.access import Desk
from contact_service.pages.remedies import reasons_shown
from contact_service.pages.rendering import say
from contact_service.pages.words import EMERGENCY_REASONS, choices
from contact_service.policy.decision import Refused
from contact_service.policy.emergency import may_be_an_emergency
from contact_service.visits.queries.doubting import reasons_set_aside
from contact_service.visits.visit import Visit


def emergency_shown(desk: Desk, visit: Visit) -> dict[str, object] | None:
    """Why a visit cannot wait, the rules that two people set aside for it, and until when; None for every other."""
    if visit.emergency is None:
        return None
    return {
        "reason": say(EMERGENCY_REASONS[visit.emergency.reason]),
        "until": visit.emergency.until,
        "set_aside": reasons_shown(reasons_set_aside(desk.work, visit), visit.child),
    }


def emergencies_offered(refused: Refused | None, chosen: str) -> list[dict[str, str]]:
    """The reasons to choose from where an emergency is all that is missing, or was claimed; else nothing."""
    offered = bool(chosen) or (refused is not None and may_be_an_emergency(refused))
    return choices(EMERGENCY_REASONS) if offered else []
