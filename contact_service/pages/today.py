"""The day: visits by time, and what needs somebody."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from fastapi import APIRouter
from starlette.responses import HTMLResponse

from contact_service.actor import Role
from contact_service.emergency_access import queries as emergency
from contact_service.follow_ups.follow_up import FollowUpKind
from contact_service.follow_ups.queries import open_follow_ups
from contact_service.pages.access import Desk, StaffReading
from contact_service.pages.follow_ups import follow_ups_shown
from contact_service.pages.letters import letters_to_print
from contact_service.pages.messages import failed_unheard
from contact_service.pages.plan import review_of, review_words
from contact_service.pages.rendering import render, say
from contact_service.pages.together import child_shown, children_of, names_of
from contact_service.pages.why_opened import openings_shown
from contact_service.people.queries import members as people
from contact_service.plans.plan import REVIEW_NEAR, ReviewMark
from contact_service.plans.queries import plans_to_review
from contact_service.visits.queries.doubting import is_in_doubt
from contact_service.visits.queries.finding import is_supervisor_of, visits_between, visits_in
from contact_service.visits.visit import (
    BEFORE_LIVE,
    IN_THE_ROOM,
    RECORD_DUE,
    RUNNING,
    ParticipantRole,
    Stage,
    Visit,
    VisitState,
)
from contact_service.waiting.queries.finding import offers_within_reach

router = APIRouter()
_HERE = (Stage.WAITING, Stage.PRIVATE, Stage.ADMITTED)
_FAR = timedelta(days=366)


@router.get("/w/today")
def today(desk: StaffReading) -> HTMLResponse:
    """Today's visits within the reader's reach."""
    first, last = _day(desk)
    visits = visits_between(desk.work, first, last)
    context = desk.context(
        now=desk.work.now,
        needs_you=_needs_you(desk),
        follow_ups=follow_ups_shown(desk),
        counts=_counts(visits),
        visits=[_row(desk, visit) for visit in visits],
        next_visit=_next(desk, last) if not visits else None,
    )
    return HTMLResponse(render("staff/today.html", context, zone=desk.site.zone))


def _day(desk: Desk) -> tuple[datetime, datetime]:
    zone = ZoneInfo(desk.site.zone)
    day = desk.work.now.astimezone(zone).date()
    return (
        datetime.combine(day, time.min, tzinfo=zone),
        datetime.combine(day + timedelta(days=1), time.min, tzinfo=zone),
    )


def _counts(visits: list[Visit]) -> dict[str, int]:
    live = sum(visit.state in RUNNING for visit in visits)
    to_come = sum(visit.state in BEFORE_LIVE for visit in visits)
    return {"done": len(visits) - live - to_come, "live": live, "to_come": to_come}


def _row(desk: Desk, visit: Visit) -> dict[str, object]:
    others = [p for p in visit.families() if p.role is ParticipantRole.FAMILY_MEMBER and p.person]
    members = [people.member(desk.work, p.person, child=visit.child) for p in others if p.person]
    return {
        "id": visit.id,
        "starts_at": visit.starts_at,
        "ends_at": visit.ends_at,
        "child": child_shown(desk, visit),
        "people": [{"name": m.known_as, "relation": m.relation_word} for m in members],
        "state": visit.state.value,
        "in_doubt": is_in_doubt(desk.work, visit),
        "here": _who_is_here(desk, visit),
        "action": _action(desk, visit),
    }


def _who_is_here(desk: Desk, visit: Visit) -> list[str]:
    return [names_of(desk, visit.shown_as(p)) for p in visit.families() if p.stage in _HERE]


def _action(desk: Desk, visit: Visit) -> dict[str, str]:
    here = f"/w/visit/{visit.id}"
    if is_supervisor_of(desk.work, visit) and visit.state in IN_THE_ROOM:
        return {"text": say("Open room"), "href": f"{here}/room"}
    if is_supervisor_of(desk.work, visit) and visit.state in RECORD_DUE:
        return {"text": say("Write the record"), "href": f"{here}/record"}
    return {"text": say("See visit"), "href": here}


def _needs_you(desk: Desk) -> list[dict[str, str]]:
    found = openings_shown(desk)
    work = desk.work
    if work.actor.has(Role.APPROVER):
        waiting = len(visits_in(work, [VisitState.REQUESTED]))
        if waiting:
            text = say("Visits that wait for a decision: {number}.", number=waiting)
            found.append({"text": text, "action": say("Decide"), "href": "/w/approvals"})
        found += _accesses_to_review(desk)
    if work.actor.has(Role.WORKER):
        found += _open_accesses(desk)
        found += _offers(desk)
        found += letters_to_print(desk)
        found += _reviews(desk)
    for visit in visits_in(work, [VisitState.APPROVED, VisitState.SUSPENDED, *RECORD_DUE]):
        text = _problem(desk, visit)
        if text:
            found.append({"text": text, "action": say("See visit"), "href": f"/w/visit/{visit.id}"})
    return found


def _accesses_to_review(desk: Desk) -> list[dict[str, str]]:
    """Records that were opened in an emergency, and that an approver must look at."""
    waiting = emergency.to_review(desk.work)
    if not waiting:
        return []
    overdue = sum(one.is_overdue(desk.work.now) for one in waiting)
    text = say(
        "Emergency accesses to look at: {number}. Overdue: {overdue}.", number=len(waiting), overdue=overdue
    )
    return [{"text": text, "action": say("Look at them"), "href": "/w/emergency-access"}]


def _open_accesses(desk: Desk) -> list[dict[str, str]]:
    """What is open to the reader by an emergency, so that nobody forgets to end it."""
    zone = ZoneInfo(desk.site.zone)
    return [
        {
            "text": say(
                "{name}’s record is open to you until {time}, because of an emergency.",
                name=people.details_of(desk.work, one.child).known_as,
                time=f"{one.until.astimezone(zone):%H:%M}",
            ),
            "action": say("See it, or end it"),
            "href": "/w/emergency-access",
        }
        for one in emergency.open_now(desk.work)
    ]


def _offers(desk: Desk) -> list[dict[str, str]]:
    """Freed times that are held for visits on the waiting list."""
    zone = ZoneInfo(desk.site.zone)
    return [
        {
            "text": say(
                "A time is free for {name}. It is held until {time}.",
                name=names_of(desk, [one.child for one in entry.wish.children]),
                time=f"{offer.answer_by.astimezone(zone):%d.%m., %H:%M}",
            ),
            "action": say("Book it, or let it go"),
            "href": f"/w/waiting/offer/{offer.id}",
        }
        for entry, offer in offers_within_reach(desk.work)
    ]


def _reviews(desk: Desk) -> list[dict[str, str]]:
    """Plans whose review is near or past, each with its days; not those that stand among what is to do."""
    today = desk.work.now.astimezone(ZoneInfo(desk.site.zone)).date()
    # Where the child lives it may be tomorrow already.
    due = plans_to_review(desk.work, until=today + REVIEW_NEAR + timedelta(days=1))
    told = {one.person for one in open_follow_ups(desk.work) if one.kind is FollowUpKind.PLAN_REVIEW}
    marked = [(plan, review_of(desk.work, plan)) for plan in due if plan.child not in told]
    return [
        {
            "text": review_words(people.details_of(desk.work, plan.child).known_as, plan, mark),
            "action": say("Look at the plan"),
            "href": f"/w/child/{plan.child}/plan",
        }
        for plan, mark in marked
        if mark is not ReviewMark.AHEAD
    ]


def _problem(desk: Desk, visit: Visit) -> str:
    name = names_of(desk, children_of(visit))
    if visit.state is VisitState.SUSPENDED and desk.work.actor.has(Role.WORKER):
        return say("{name}’s visit is suspended. Ring the carer and the family today.", name=name)
    if visit.state in RECORD_DUE and is_supervisor_of(desk.work, visit):
        return say("The record of {name}’s visit is due.", name=name)
    if desk.work.actor.has(Role.WORKER) and failed_unheard(desk, visit):
        return say("A message for {name}’s visit was not delivered. Phone them.", name=name)
    return ""


def _next(desk: Desk, after: datetime) -> dict[str, object] | None:
    later = [v for v in visits_between(desk.work, after, after + _FAR) if v.state in BEFORE_LIVE]
    if not later:
        return None
    name = names_of(desk, children_of(later[0]))
    return {"starts_at": later[0].starts_at, "child": {"name": name}, "href": f"/w/visit/{later[0].id}"}
