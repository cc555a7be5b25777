"""Words for what is owed: why a visit was lost, what each side says, why it was decided so.  Staff pages only."""

from collections.abc import Iterable

from contact_service.pages.rendering import say
from contact_service.plans.terms import Period
from contact_service.texts import N_
from contact_service.visits.loss import Cause, DecidedBecause, SideReason

CAUSES = {
    Cause.AGENCY: N_("by the agency"),
    Cause.STAFF: N_("no staff"),
    Cause.INTERPRETER: N_("no interpreter"),
    Cause.CAREGIVER: N_("the carer could not"),
    Cause.LOCKDOWN: N_("a lockdown"),
    Cause.NOT_PREPARED: N_("something was missing"),
    Cause.TECHNICAL: N_("a technical failure"),
    Cause.CHILD_ILL: N_("the child was ill"),
    Cause.ORDER: N_("stopped by an order"),
    Cause.UNKNOWN: N_("nobody has said why"),
    Cause.NO_SHOW: N_("the adult did not join"),
    Cause.ADULT_ASKED: N_("the adult could not, and said so"),
    Cause.CHILD_SAID_NO: N_("the child did not want to"),
    Cause.SAFETY: N_("ended for safety"),
    Cause.NEVER_OFFERED: N_("never booked"),
}
SIDES = {
    SideReason.WAS_READY: N_("Was ready for the visit"),
    SideReason.ILL: N_("Was ill"),
    SideReason.WORK_OR_SCHOOL: N_("Work or school"),
    SideReason.TRAVEL: N_("Could not get to a device in time"),
    SideReason.FORGOT: N_("Forgot"),
    SideReason.DID_NOT_WANT: N_("Did not want to"),
    SideReason.LOCKDOWN: N_("Was in a place that lets nobody call"),
    SideReason.DEVICE_OR_LINK: N_("The device or the link did not work"),
    SideReason.NOT_TOLD: N_("Was not told"),
    SideReason.NOT_REACHED: N_("We could not reach them"),
    SideReason.OTHER: N_("Something else"),
}
DECIDED = {
    DecidedBecause.COULD_NOT_HELP_IT: N_("Still owed: they could not help it"),
    DecidedBecause.WANTS_ANOTHER: N_("Still owed: they want another time"),
    DecidedBecause.CHILD_WANTS_ANOTHER: N_("Still owed: the child wants another time"),
    DecidedBecause.NO_REASON_GIVEN: N_("Not owed: they gave no reason"),
    DecidedBecause.DOES_NOT_WANT_ANOTHER: N_("Not owed: they do not want another time"),
    DecidedBecause.CHILD_DOES_NOT_WANT: N_("Not owed: the child does not want another time"),
}
_OVER = {
    Period.WEEK: N_("week"),
    Period.FORTNIGHT: N_("fortnight"),
    Period.MONTH: N_("month"),
    Period.QUARTER: N_("quarter"),
}
_SEVERAL = {
    Period.WEEK: N_("weeks"),
    Period.FORTNIGHT: N_("fortnights"),
    Period.MONTH: N_("months"),
    Period.QUARTER: N_("quarters"),
}


def period_word(per: Period, *, several: bool = False) -> str:
    """What a period is called."""
    return say((_SEVERAL if several else _OVER)[per])


def causes_listed(causes: Iterable[tuple[Cause, int]]) -> str:
    """Causes with their numbers, as one line; a number of one is not said."""
    parts = (
        f"{say(CAUSES[cause])} ({count})" if count > 1 else say(CAUSES[cause]) for cause, count in causes
    )
    return ", ".join(parts)
