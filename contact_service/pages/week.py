"""The week: every visit within the reader's reach, day by day, by the agency's clock."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Query
from starlette.responses import HTMLResponse

from contact_service.follow_ups.follow_up import FollowUpKind
from contact_service.follow_ups.queries import open_follow_ups
from contact_service.identity import queries as identity
from contact_service.pages.access import Desk, StaffReading
from contact_service.pages.rendering import render, say
from contact_service.pages.together import listed
from contact_service.people.queries.many import details_of_each
from contact_service.visits.pair import parties
from contact_service.visits.queries.finding import visits_between
from contact_service.visits.visit import Visit, VisitState

router = APIRouter()
_WEEK = timedelta(days=7)
_SOON, _LATE = date(2000, 1, 1), date(2200, 1, 1)
# What nobody waits for any more stands in no week.
_GONE = frozenset({VisitState.DECLINED, VisitState.WITHDRAWN, VisitState.LAPSED, VisitState.CANCELLED})


@router.get("/w/week")
def week_page(
    desk: StaffReading,
    day: Annotated[str, Query(max_length=10)] = "",
    supervisor: Annotated[str, Query(max_length=32)] = "",
    child: Annotated[str, Query(max_length=32)] = "",
) -> HTMLResponse:
    """Seven days, from a Monday on; of one supervisor or one child when asked."""
    monday = monday_of(desk, day)
    found = [v for v in visits_between(desk.work, *span_of(desk, monday)) if v.state not in _GONE]
    shown = [
        v
        for v in found
        if supervisor in ("", v.supervisor) and (not child or child in {c.child for c in v.children})
    ]
    context = desk.context(
        monday=monday,
        sunday=monday + timedelta(days=6),
        previous=monday - _WEEK,
        next=monday + _WEEK,
        today=today_of(desk),
        days=_days(desk, monday, shown),
        count=len(shown),
        supervisors=_supervisors(desk, found),
        children=_children(desk, found),
        supervisor=supervisor,
        child=child,
    )
    return HTMLResponse(render("staff/week.html", context, zone=desk.site.zone))


def today_of(desk: Desk) -> date:
    """Today by the agency's clock."""
    return desk.work.now.astimezone(ZoneInfo(desk.site.zone)).date()


def monday_of(desk: Desk, typed: str) -> date:
    """The Monday of the week of a day; of this week for what is no day."""
    try:
        day = date.fromisoformat(typed)
    except ValueError:
        day = today_of(desk)
    day = min(max(day, _SOON), _LATE)
    return day - timedelta(days=day.weekday())


def span_of(desk: Desk, monday: date) -> tuple[datetime, datetime]:
    """From the midnight that begins the week to the one that ends it, by the agency's clock."""
    zone = ZoneInfo(desk.site.zone)
    return datetime.combine(monday, time.min, tzinfo=zone), datetime.combine(
        monday + _WEEK, time.min, tzinfo=zone
    )


def _days(desk: Desk, monday: date, visits: Sequence[Visit]) -> list[dict[str, object]]:
    zone, names = ZoneInfo(desk.site.zone), _Names(desk, visits)
    in_doubt = {one.visit for one in open_follow_ups(desk.work) if one.kind is FollowUpKind.IN_DOUBT}
    days = [monday + timedelta(days=number) for number in range(7)]
    return [
        {
            "day": day,
            "is_today": day == today_of(desk),
            "visits": [
                names.entry(v) | {"in_doubt": v.id in in_doubt}
                for v in visits
                if v.starts_at.astimezone(zone).date() == day
            ],
        }
        for day in days
    ]


class _Names:
    """The names of everybody in some visits, read at once."""

    def __init__(self, desk: Desk, visits: Iterable[Visit]) -> None:
        found = list(visits)
        self._details = details_of_each(desk.work, {p for v in found for p in parties(v)})
        self._staff = {one.id: one.name for one in identity.everybody(desk.work)}

    def entry(self, visit: Visit) -> dict[str, object]:
        """A visit as it stands in the week."""
        children = [one.child for one in visit.children]
        others = sorted(parties(visit) - set(children))
        return {
            "id": visit.id,
            "starts_at": visit.starts_at,
            "ends_at": visit.ends_at,
            "state": visit.state.value,
            "child": listed(self._details[one].known_as for one in children),
            "people": ", ".join(self._details[one].known_as for one in others),
            "supervisor": self._staff.get(visit.supervisor, say("somebody who has left")),
        }


def _supervisors(desk: Desk, visits: Iterable[Visit]) -> list[dict[str, str]]:
    watching = {visit.supervisor for visit in visits}
    return [
        {"value": one.id, "text": one.name} for one in identity.everybody(desk.work) if one.id in watching
    ]


def _children(desk: Desk, visits: Iterable[Visit]) -> list[dict[str, str]]:
    details = details_of_each(desk.work, {one.child for v in visits for one in v.children})
    named = [{"value": child, "text": known.known_as} for child, known in details.items()]
    return sorted(named, key=lambda one: one["text"])
