"""What can go wrong when a week is planned."""

from contact_service.errors import BadInput, ContactServiceError


class BadWeek(BadInput):
    """This week cannot be planned as it is written down. Check where it came from."""


class PlannerMissing(ContactServiceError):
    """This way of planning needs OR-Tools. Install contact-service[planner], or plan with “recreate”."""
