"""Say where a child lives; after a move somebody looks at the school calendar, for the school may be another."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from contact_service.calendars.calendar import Effect
from contact_service.calendars.queries import links_about
from contact_service.follow_ups.actions import ask_for
from contact_service.follow_ups.follow_up import FollowUpKind, ForRole, NewFollowUp
from contact_service.ids import PersonId, PlacementId
from contact_service.people.actions import placements
from contact_service.people.placement import NewPlacement
from contact_service.people.queries import members as people
from contact_service.people.queries.placements import placements_of
from contact_service.work import Work

_LOOKED_AT_WITHIN = timedelta(days=1)


def place(work: Work, new: NewPlacement) -> PlacementId:
    """As ``people.actions.placements.place``; after a move the workers are asked to check the school calendar.

    Nothing is unlinked by itself: the child may well stay at the school, and without its calendar visits would be
    offered in lessons, or refused in the holidays.
    """
    made = placements.place(work, new)
    if _is_move(work, new, made) and _has_school_calendar(work, new.child):
        _ask(work, new, made)
    return made


def _is_move(work: Work, new: NewPlacement, made: PlacementId) -> bool:
    """Whether the child lived elsewhere before, and not only long ago what is written down now."""
    lived = placements_of(work, new.child)
    zone = ZoneInfo(people.zone_of(work, people.case_of(work, new.child)))
    over = new.days.last is not None and new.days.last < work.now.astimezone(zone).date()
    return not over and any(one.id != made and one.days.first < new.days.first for one in lived)


def _has_school_calendar(work: Work, child: PersonId) -> bool:
    return any(one.calendar.effect is Effect.NO_SCHOOL for one in links_about(work, child))


def _ask(work: Work, new: NewPlacement, made: PlacementId) -> None:
    case = people.case_of(work, new.child)
    begins = datetime.combine(new.days.first, time.min, tzinfo=ZoneInfo(people.zone_of(work, case)))
    ask_for(
        work,
        NewFollowUp(
            case=case,
            kind=FollowUpKind.SCHOOL_CALENDAR,
            for_role=ForRole.WORKER,
            about=f"school_calendar/{made}",
            due_at=max(begins, work.now + _LOOKED_AT_WITHIN),
            person=new.child,
        ),
    )
