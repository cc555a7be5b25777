"""What a child is owed, person by person and period by period; and the overview over every child within reach."""

from fastapi import APIRouter
from starlette.responses import HTMLResponse

from contact_service.actor import Role
from contact_service.agency_policy import queries as agency_policy
from contact_service.agency_policy.document import Floor
from contact_service.errors import NotAllowed
from contact_service.ids import PersonId
from contact_service.pages.access import AnId, Desk, StaffReading
from contact_service.pages.owed_chart import COLUMNS, chart_of
from contact_service.pages.owed_words import CAUSES, causes_listed, period_word
from contact_service.pages.plan import often_shown, order_names
from contact_service.pages.reach import child_of
from contact_service.pages.rendering import render, say
from contact_service.pages.words import MEDIA, PERIODS
from contact_service.people.person import Member
from contact_service.people.queries import members as people
from contact_service.people.queries.siblings import siblings_of
from contact_service.plans.terms import Frequency, Medium
from contact_service.visits.owed import Account, PeriodAccount, yearly
from contact_service.visits.queries.owing import Ledger, ledger_of, ledgers_of_cases
from contact_service.visits.queries.watching import Apart, short_of, siblings_apart

router = APIRouter()


@router.get("/w/child/{child}/owed")
def child_owed(desk: StaffReading, child: AnId) -> HTMLResponse:
    """The ledger of one child, with a drawing and the same figures as a table."""
    member = child_of(desk, child)
    ledger = ledger_of(desk.work, member.person)
    known = {m.person: m for m in people.members_of(desk.work, member.case, child=member.person)}
    short = short_of(desk.work, ledger)
    context = desk.context(
        child={"id": member.person, "name": member.known_as},
        has_plan=ledger.plan is not None,
        accounts=[
            _account(desk, one, ledger, known, short.get(one.person, (one, 0))[1] if one.is_kept else 0)
            for one in _in_order(ledger)
        ],
        decide=[
            {
                "href": f"/w/child/{member.person}/owed/{meeting.visit}",
                "day": meeting.on,
                "name": _name(desk, known, person),
                "cause": say(CAUSES[meeting.cause]) if meeting.cause else "",
            }
            for person, meeting in ledger.to_decide
        ],
        floors=_floors(desk, ledger, known),
        siblings=_siblings_shown(desk, ledger, known),
        errors=[],
        refusals=[],
    )
    return HTMLResponse(render("staff/owed.html", context, zone=ledger.zone))


def _in_order(ledger: Ledger) -> list[Account]:
    """Whoever is owed most first; who is no longer in the plan last."""
    return sorted(
        ledger.accounts, key=lambda one: (one.terms is None, not one.is_kept, -one.still_owed, one.person)
    )


def _name(desk: Desk, known: dict[PersonId, Member], person: PersonId) -> str:
    member = known.get(person)
    return member.details.name if member else people.details_of(desk.work, person).known_as


def _account(
    desk: Desk, one: Account, ledger: Ledger, known: dict[PersonId, Member], short: int
) -> dict[str, object]:
    over = [period for period in one.periods if period.is_over]
    counted = bool(one.terms and one.terms.frequency and one.terms.frequency.least)
    shown = one.periods if counted or one.still_owed or one.meetings else ()
    rests_on = one.terms.order if one.terms else None
    order = order_names(desk.work, ledger.child).get(rests_on, "") if rests_on else ""
    recent, earlier = shown[-COLUMNS:], shown[:-COLUMNS]
    member = known.get(one.person)
    return {
        "id": f"{one.person[:8]}-{one.medium}",
        "name": _name(desk, known, one.person),
        "relation": member.relation_word if member else "",
        "medium": say(MEDIA[one.medium]),
        "promised": often_shown(one.terms.frequency) if one.terms else "",
        "counted": counted,
        "minutes": int(one.terms.length.total_seconds() // 60) if one.terms else 0,
        "is_kept": one.is_kept,
        "in_plan": one.terms is not None,
        "still_owed": one.still_owed,
        "to_decide": len(one.to_decide()),
        "order": order,
        "given": sum(period.given for period in over),
        "entitled": sum(period.entitled for period in over),
        "last": one.last_given(),
        "next": one.next_ahead(ledger.today),
        "short": short,
        "period": period_word(one.periods[-1].per) if one.periods else "",
        "periods": period_word(one.periods[-1].per, several=True) if one.periods else "",
        "chart": chart_of(recent) if recent else None,
        "rows": [_row(period) for period in reversed(recent)],
        "earlier": [_row(period) for period in reversed(earlier)],
    }


def _row(period: PeriodAccount) -> dict[str, object]:
    return {
        "first": period.first_day,
        "last": period.last_day,
        "is_over": period.is_over,
        "entitled": period.entitled,
        "offered": period.offered,
        "ahead": period.ahead,
        "given": period.given,
        "minutes": period.minutes,
        "lost": causes_listed(period.lost),
        "not_owed": period.not_owed,
        "to_decide": period.to_decide,
        "made_up": period.made_up,
        "still_owed": period.still_owed,
        "owed_by": causes_listed(period.owed_by),
    }


def _floors(desk: Desk, ledger: Ledger, known: dict[PersonId, Member]) -> list[dict[str, object]]:
    """The least that a rule asks for (feature B4), whom it is about, and for whom the plan promises less."""
    document = agency_policy.policy_in_force(desk.work).document
    sources = {source.of: source for source in document.sources}
    found: list[dict[str, object]] = []
    for floor in document.floors:
        about = [m for m in known.values() if m.relation in floor.relations and m.person != ledger.child]
        source = sources.get(f"floors.{floor.name}")
        if about:
            found.append(
                {
                    "text": _floor_shown(floor),
                    "names": [m.known_as for m in about],
                    "less": [m.known_as for m in about if _promises_less(ledger, floor, m.person)],
                    "note": _floor_note(ledger, floor, about),
                    "force": source.force.value if source else "",
                    "says": source.says if source else "",
                }
            )
    return found


def _floor_note(ledger: Ledger, floor: Floor, about: list[Member]) -> str:
    """Of a first visit whether it was; of another medium that nobody can say."""
    if floor.medium not in (None, Medium.VIDEO):
        return say("Such visits are not kept here.")
    if floor.first_within is None:
        return ""
    met = [m.known_as for m in about if ledger.last_met(m.person)]
    missing = [m.known_as for m in about if m.known_as not in met]
    return say("Not met yet: {names}.", names=", ".join(missing)) if missing else say("All have met.")


def _floor_shown(floor: Floor) -> str:
    medium = f", {say(MEDIA[floor.medium])}" if floor.medium else ""
    if floor.first_within is not None:
        hours = int(floor.first_within.total_seconds() // 3600)
        return say("The first visit within {hours} hours", hours=hours) + medium
    assert floor.per is not None
    return say("At least {times} {per}", times=floor.times, per=say(PERIODS[floor.per])) + medium


def _promises_less(ledger: Ledger, floor: Floor, person: PersonId) -> bool:
    """Whether the plan in force has fewer visits a year than the rule; of a first visit the plan says nothing."""
    if floor.per is None or floor.times is None:
        return False
    promised = [
        yearly(one.terms.frequency)
        for one in ledger.accounts
        if one.person == person and one.terms and floor.medium in (None, one.medium)
    ]
    return sum(promised) < floor.times * _yearly_of(floor)


def _yearly_of(floor: Floor) -> int:
    """How many of its periods a year has."""
    assert floor.per is not None
    return yearly(Frequency(per=floor.per, least=1))


def _siblings_shown(desk: Desk, ledger: Ledger, known: dict[PersonId, Member]) -> list[dict[str, object]]:
    apart = {one.sibling: one for one in _apart_of(desk, ledger)}
    return [
        {
            "name": _name(desk, known, sibling),
            "days": apart[sibling].days if sibling in apart else 0,
            "last": ledger.last_met(sibling),
            "next": ledger.next_with(sibling),
        }
        for sibling in sorted(siblings_of(desk.work, [ledger.child])[ledger.child])
    ]


def _apart_of(desk: Desk, ledger: Ledger) -> list[Apart]:
    return siblings_apart(desk.work, {ledger.child: ledger})[ledger.child]


@router.get("/w/owed")
def overview(desk: StaffReading) -> HTMLResponse:
    """Every child within reach, whoever is furthest behind first."""
    rows = overview_of(desk)
    context = desk.context(
        children=rows,
        behind=sum(bool(row["still_owed"]) for row in rows),
        total=sum(int(str(row["still_owed"])) for row in rows),
    )
    return HTMLResponse(render("staff/owed_overview.html", context, zone=desk.site.zone))


_SEES = (Role.WORKER, Role.APPROVER, Role.AUDITOR)


def overview_of(desk: Desk) -> list[dict[str, object]]:
    """One row a child; raises ``NotAllowed`` for whoever works with no case."""
    work = desk.work
    if not any(work.actor.has(role) for role in _SEES):
        raise NotAllowed("Only workers, approvers and auditors see what children are owed.")
    ledgers = ledgers_of_cases(work, people.cases_of(work))
    apart = siblings_apart(work, ledgers)
    rows = [_child(desk, ledger, apart[ledger.child]) for ledger in ledgers.values()]
    return sorted(rows, key=lambda row: (*(-int(str(row[k])) for k in _BEHIND), str(row["name"])))


_BEHIND = ("still_owed", "short", "to_decide", "apart")


def _child(desk: Desk, ledger: Ledger, apart: list[Apart]) -> dict[str, object]:
    oldest = [p.first_day for one in ledger.kept for p in one.periods if p.still_owed]
    return {
        "id": ledger.child,
        "name": people.details_of(desk.work, ledger.child).name,
        "has_plan": ledger.plan is not None,
        "still_owed": ledger.still_owed,
        "since": min(oldest, default=None),
        "to_decide": len(ledger.to_decide),
        "short": sum(short for _, short in short_of(desk.work, ledger).values()),
        "apart": len(apart),
    }
