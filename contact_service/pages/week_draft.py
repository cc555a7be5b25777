"""A plan of a week as staff read it: supervisors by days, each visit with its reasons, and what found no place."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from zoneinfo import ZoneInfo

from contact_service.agency_week.actions.accepting import Accepted
from contact_service.agency_week.run import DraftState, PlannedVisit, PlanRun
from contact_service.identity import queries as identity
from contact_service.ids import PersonId
from contact_service.pages.access import Desk
from contact_service.pages.forms import spoken
from contact_service.pages.rendering import say
from contact_service.pages.together import listed
from contact_service.pages.week_words import NO_PLACE, NOT_ASKED, PARTS, PRIORITIES, REASONS, RULES, STATES
from contact_service.people.person import Details
from contact_service.people.queries.many import details_of_each
from contact_service.policy.decision import Refused


def run_shown(desk: Desk, run: PlanRun) -> dict[str, object]:
    """A run: how far it is, its points part by part, and the weights they come from."""
    names = identity.names_by_ref(desk.work)
    return {
        "id": run.id,
        "monday": run.week,
        "sunday": run.week + timedelta(days=6),
        "kind": run.kind.value,
        "state": run.state.value,
        "words": say(STATES[run.state]),
        "is_running": run.is_running,
        "stop_asked": run.stop_asked,
        "placed": run.placed,
        "wanted": run.wanted,
        "points": run.points,
        "percent": _percent(run),
        "parts": [{"name": say(PARTS[part]), "points": points} for part, points in run.score.items()],
        "weights": sorted(run.weights.items()),
        "policy_version": run.policy_version,
        "solver": run.solver.value,
        "steps": run.steps,
        "seed": run.seed,
        "version": run.version,
        "by": names.get(run.started_by, say("the command line")),
        "started_at": run.started_at,
    }


def _percent(run: PlanRun) -> str:
    return f"{100 * run.points / run.bound:.1f}" if run.bound and run.bound > 0 else ""


class _Words:
    """The names of everybody in a draft, read at once."""

    def __init__(self, desk: Desk, visits: Sequence[PlannedVisit]) -> None:
        everybody = {p for v in visits for p in (v.child, *v.meeting)}
        self.details: Mapping[PersonId, Details] = details_of_each(desk.work, everybody)
        self.staff = {one.id: one.name for one in identity.everybody(desk.work)}

    def names(self, persons: Iterable[PersonId]) -> str:
        return listed(self.details[one].known_as for one in persons)

    def visit(self, one: PlannedVisit) -> dict[str, object]:
        return {
            "id": one.id,
            "key": one.key,
            "child": self.names([one.child]),
            "people": self.names(one.meeting),
            "minutes": int(one.length.total_seconds() // 60),
            "priority": say(PRIORITIES[one.priority]) if one.priority in PRIORITIES else "",
            "starts_at": one.starts_at,
            "ends_at": one.ends_at,
            "supervisor": self.staff.get(one.supervisor, "") if one.supervisor else "",
            "duty": self.staff.get(one.duty, "") if one.duty else "",
            "reasons": [say(REASONS[code]) for code in one.reasons if code in REASONS],
            "why_not": [_why_not(code) for code in one.reasons] if one.starts_at is None else [],
            "opening": self.opening(one),
            "state": one.state.value,
            "refusal": list(one.refusal),
            "not_asked": _not_asked(one),
            "unchanged": "unchanged" in one.reasons,
            "was": self.was(one),
            "href": f"/w/visit/{one.booked or one.id}"
            if one.state is DraftState.ACCEPTED or one.booked
            else "",
        }

    def was(self, one: PlannedVisit) -> dict[str, object] | None:
        if one.was is None:
            return None
        before = one.was
        return {
            "starts_at": before.starts_at,
            "supervisor": self.staff.get(before.supervisor, say("somebody who has left")),
            "duty": self.staff.get(before.duty, say("somebody who has left")),
        }

    def opening(self, one: PlannedVisit) -> dict[str, object] | None:
        found = one.opening
        if found is None:
            return None
        return {
            "supervisor": self.staff.get(found.supervisor, ""),
            "first": found.first,
            "after": found.after,
            "starts_at": found.starts_at,
        }


def _not_asked(one: PlannedVisit) -> str:
    """In words, where no rule of booking was asked; else nothing."""
    code = one.refusal[0] if one.refusal else ""
    return say(NOT_ASKED[code]) if one.state is DraftState.REFUSED and code in NOT_ASKED else ""


def _why_not(code: str) -> str:
    if code.startswith("rule/"):
        rule = code.removeprefix("rule/")
        return (
            say(RULES[rule]) if rule in RULES else say("A rule says no: {code}.", code=rule.replace("_", " "))
        )
    return say(NO_PLACE[code]) if code in NO_PLACE else code.replace("_", " ")


def draft_shown(desk: Desk, run: PlanRun, visits: Sequence[PlannedVisit]) -> dict[str, object]:
    """Everything of a draft that is within the reader's reach."""
    words = _Words(desk, visits)
    placed = sorted((v for v in visits if v.starts_at), key=lambda v: (v.starts_at, v.number))
    return {
        "days": [run.week + timedelta(days=number) for number in range(7)],
        "table": _table(words, run, placed),
        "placed": [words.visit(v) for v in placed if "unchanged" not in v.reasons],
        "unchanged": sum("unchanged" in v.reasons for v in placed),
        "left": [words.visit(v) for v in visits if v.starts_at is None],
        "open": any(v.state is not DraftState.ACCEPTED and "unchanged" not in v.reasons for v in placed),
    }


def _table(words: _Words, run: PlanRun, placed: Sequence[PlannedVisit]) -> list[dict[str, object]]:
    """One row for each supervisor, with their visits day by day."""
    zone = ZoneInfo(run.zone)
    by_staff: dict[str, list[list[dict[str, object]]]] = {}
    for one in placed:
        assert one.starts_at is not None
        name = words.staff.get(one.supervisor, "") if one.supervisor else ""
        days = by_staff.setdefault(name, [[] for _ in range(7)])
        day = (one.starts_at.astimezone(zone).date() - run.week).days
        days[day].append({"starts_at": one.starts_at, "child": words.names([one.child])})
    return [{"name": name, "days": days} for name, days in sorted(by_staff.items())]


def results_shown(desk: Desk, done: Sequence[Accepted]) -> dict[str, object]:
    """How many visits were asked for, and every refusal with its rules."""
    words = _Words(desk, [one.planned for one in done])
    refused = [
        {
            "id": one.planned.id,
            "name": say(
                "{child} with {people}",
                child=words.names([one.planned.child]),
                people=words.names(one.planned.meeting),
            ),
            "rule": rule,
            "text": text,
        }
        for one in done
        for rule, text in _said(one)
    ]
    return {"asked": sum(one.visit is not None for one in done), "refused": refused}


def _said(one: Accepted) -> list[tuple[str, str]]:
    if isinstance(one.refused, Refused):
        return [(reason.rule, spoken(reason)) for reason in one.refused.reasons]
    return [("", say(one.trouble))] if one.trouble else []
