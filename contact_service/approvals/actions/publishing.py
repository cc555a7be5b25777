"""Put a policy in force, and look again at everything that is booked."""

from contact_service.agency_policy import actions as agency_policy
from contact_service.visits.actions.doubting import doubt_all_visits
from contact_service.work import Work


def publish_policy(work: Work, version: int) -> int:
    """Put a proposed policy in force; returns how many booked visits it puts in doubt.  Raises as publishing does."""
    agency_policy.publish_policy(work, version)
    return doubt_all_visits(work)
