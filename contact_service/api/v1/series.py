"""Series of visits: every visit checked before it is offered, asked for, read, changed, ended."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import JSONResponse

from contact_service.api.v1 import problems
from contact_service.api.v1.access import Desk, deciding, reading, writing
from contact_service.api.v1.bodies import AnId, Day, Id
from contact_service.api.v1.busy import busy_times
from contact_service.api.v1.once import OnceRoute
from contact_service.api.v1.people import child_within_reach
from contact_service.api.v1.problems import TYPES, Problem
from contact_service.api.v1.requests import WishBody, sharing_of, wish_of
from contact_service.api.v1.series_bodies import (
    ApprovedSeries,
    CheckedInstance,
    ChildOfSeries,
    Elsewhere,
    KnownInstance,
    KnownSeries,
    LongerBody,
    MoveBody,
    NewSeriesBody,
    OnwardBody,
    SeenBody,
    SplitBody,
    WantedSeries,
    WhyBody,
    WishInSeries,
)
from contact_service.errors import BadInput
from contact_service.ids import PersonId
from contact_service.plans.hours import Weekday
from contact_service.policy.decision import Refused
from contact_service.series.actions.approving import approve_series
from contact_service.series.actions.asking import NewSeries, NotAll, ask_for_series, outlook
from contact_service.series.actions.changing import call_off_instance, move_instance
from contact_service.series.actions.ending import end_series, extend_series, outlook_longer
from contact_service.series.actions.knowing import keep_ticked
from contact_service.series.actions.splitting import Onward, outlook_onward, split_series
from contact_service.series.clocks import OtherClock, shown_elsewhere, usual_times
from contact_service.series.queries.finding import as_may_be_seen, series_for, series_of_child
from contact_service.series.queries.judging import busy_in, judged_in_sight, other_clocks
from contact_service.series.series import Fit, Judged, Series, SeriesId
from contact_service.service_accounts.scope import Scope
from contact_service.visits.known_busy import mark_of
from contact_service.visits.optional import IfTheyCan
from contact_service.visits.queries.reaching import wished_within
from contact_service.visits.wish import ChildWished, Wish
from contact_service.work import Work

router = APIRouter(route_class=OnceRoute, tags=["series"])
Reader = Annotated[Desk, reading(Scope.VISITS_READ)]
Asker = Annotated[Desk, writing(Scope.VISITS_REQUEST)]
Decider = Annotated[Desk, deciding()]
NOT_ALL = "series-not-all"


@router.get(
    "/series/check", operation_id="checkSeries", summary="What the rules say of every visit of a series"
)
def check(desk: Reader, wanted: Annotated[WantedSeries, Query()]) -> list[CheckedInstance]:
    """To the last, in order; books nothing."""
    new = _new(desk, wanted, only_all=False)
    return _checked(desk, new.wish, outlook(desk.work, new))


@router.get("/series", operation_id="listSeries", summary="The series of a child")
def listed(desk: Reader, child: Annotated[Id, Query()]) -> list[KnownSeries]:
    """The newest first, those that brothers and sisters share with the child too."""
    found = child_within_reach(desk.work, child).person
    return [shown(desk.work, one) for one in series_of_child(desk.work, found)]


@router.get("/series/{series}", operation_id="readSeries", summary="One series")
def one(desk: Reader, series: AnId) -> KnownSeries:
    """A series within reach."""
    return shown(desk.work, series_for(desk.work, SeriesId(series)))


@router.post(
    "/series",
    status_code=201,
    response_model=KnownSeries,
    operation_id="askForSeries",
    summary="Ask for a series",
)
def ask(desk: Asker, body: NewSeriesBody) -> KnownSeries | JSONResponse:
    """Books what fits, as visits that wait for an approver, and keeps what was left out and why."""
    made = ask_for_series(desk.work, _new(desk, body, only_all=body.only_all))
    return _answered(desk, made, body.known)


@router.get(
    "/series/{series}/longer",
    operation_id="checkLongerSeries",
    summary="The visits that a longer series has more",
)
def check_longer(desk: Reader, series: AnId, last: Day) -> list[CheckedInstance]:
    """Books nothing."""
    found = series_for(desk.work, SeriesId(series))
    return _checked(desk, _any_wish(found), outlook_longer(desk.work, found.id, last))


@router.post(
    "/series/{series}/extend",
    response_model=KnownSeries,
    operation_id="extendSeries",
    summary="Make it longer",
)
def extend(desk: Asker, series: AnId, body: LongerBody) -> KnownSeries | JSONResponse:
    """Until a later day, at most 400 days from today."""
    found = series_for(desk.work, SeriesId(series))
    made = extend_series(desk.work, found.id, body.last, only_all=body.only_all)
    return _answered(desk, made, body.known, after=found.pattern.last)


@router.post(
    "/series/{series}/approve",
    operation_id="approveSeries",
    summary="Approve every visit of a series that waits (a person decides)",
)
def approve(desk: Decider, series: AnId, body: SeenBody) -> ApprovedSeries:
    """What a rule refuses goes on waiting."""
    found = series_for(desk.work, SeriesId(series))
    done = approve_series(desk.work, found.id, seen=body.seen)
    return ApprovedSeries(
        approved=done.approved, rules=problems.rules_of(done.reasons), series=shown(desk.work, done.series)
    )


@router.post("/series/{series}/end", operation_id="endSeries", summary="End a series")
def end(desk: Asker, series: AnId, body: WhyBody) -> KnownSeries:
    """Every visit that is still to come is called off."""
    found = series_for(desk.work, SeriesId(series))
    return shown(desk.work, end_series(desk.work, found.id, body.reason, body.remark))


@router.get(
    "/series/{series}/onward", operation_id="checkSplit", summary="How a series could go on from one visit"
)
def check_split(desk: Reader, series: AnId, wanted: Annotated[OnwardBody, Query()]) -> list[CheckedInstance]:
    """What the rules say of each; changes nothing."""
    found = series_for(desk.work, SeriesId(series))
    onward = _onward(desk, found, wanted, only_all=False)
    return _checked(desk, onward.wish, outlook_onward(desk.work, found.id, onward))


@router.post(
    "/series/{series}/split",
    response_model=KnownSeries,
    operation_id="splitSeries",
    summary="This visit and all that follow in another way",
)
def split(desk: Asker, series: AnId, body: SplitBody) -> KnownSeries | JSONResponse:
    """The answer is the new series; what was moved or called off by itself stays as it is."""
    found = series_for(desk.work, SeriesId(series))
    onward = _onward(desk, found, body, only_all=body.only_all)
    made = split_series(desk.work, found.id, onward, series_id=desk.work.new_id())
    return _answered(desk, made, body.known)


@router.post(
    "/series/{series}/instances/{instance}/move",
    response_model=KnownSeries,
    operation_id="moveInSeries",
    summary="Give one visit of a series another time",
)
def move(desk: Asker, series: AnId, instance: AnId, body: MoveBody) -> KnownSeries | JSONResponse:
    """The others stay; its original start stays known."""
    found = series_for(desk.work, SeriesId(series))
    answer = move_instance(desk.work, found.id, instance, body.starts)
    if isinstance(answer, Refused):
        return problems.refused(answer)
    if isinstance(answer, Judged):
        if answer.fit is Fit.NO_SUCH_TIME:
            raise BadInput("The clocks go forward that night, and this time does not exist.", "starts")
        return problems.refused(Refused(passed=(), reasons=answer.reasons))
    return shown(desk.work, answer)


@router.post(
    "/series/{series}/instances/{instance}/call-off",
    operation_id="callOffInSeries",
    summary="Call one visit of a series off",
)
def call_off(desk: Asker, series: AnId, instance: AnId, body: WhyBody) -> KnownSeries:
    """Booked or not yet."""
    found = series_for(desk.work, SeriesId(series))
    return shown(desk.work, call_off_instance(desk.work, found.id, instance, body.reason, body.remark))


def _answered(
    desk: Desk, result: Series | NotAll, known: list[str], *, after: date = date.min
) -> KnownSeries | JSONResponse:
    if isinstance(result, Series):
        keep_ticked(desk.work, [one for one in result.instances if one.original.date() > after], known)
        return shown(desk.work, result)
    no = [one for one in result.found if one.fit in (Fit.REFUSED, Fit.NO_SUCH_TIME)]
    days = ", ".join(f"{one.occurrence.wall:%Y-%m-%d}" for one in no)
    reasons = dict.fromkeys(reason for one in no for reason in one.reasons)
    return problems.answer(
        Problem(
            type=f"{TYPES}{NOT_ALL}",
            title="Not every visit can be",
            status=409,
            detail=f"Nothing was booked. These do not fit: {days}.",
            rules=problems.rules_of(reasons),
        )
    )


def _new(desk: Desk, wanted: WantedSeries, *, only_all: bool) -> NewSeries:
    child = child_within_reach(desk.work, wanted.child).person
    return NewSeries(
        wish=_wish(desk, child, wanted),
        first=wanted.first,
        last=wanted.last,
        weekday=list(Weekday).index(wanted.weekday),
        clock=time.fromisoformat(wanted.clock),
        every=wanted.every,
        only_all=only_all,
        optional=_optional(wanted),
    )


def _onward(desk: Desk, series: Series, wanted: OnwardBody, *, only_all: bool) -> Onward:
    wish = _wish(desk, series.child, wanted)
    as_it_was = tuple(one for one in series.optional.people if one in wish.meeting)
    kept = IfTheyCan(people=as_it_was, quorum=min(series.optional.quorum, len(as_it_was)))
    return Onward(
        instance=wanted.instance,
        wish=wish,
        optional=_optional(wanted) if wanted.optional or wanted.quorum else kept,
        weekday=list(Weekday).index(wanted.weekday),
        clock=time.fromisoformat(wanted.clock),
        only_all=only_all,
    )


def _optional(wanted: WishInSeries) -> IfTheyCan:
    return IfTheyCan(people=tuple(map(PersonId, wanted.optional)), quorum=wanted.quorum)


def _wish(desk: Desk, child: PersonId, wanted: WishInSeries) -> Wish:
    body = WishBody(
        people=wanted.people,
        starts=datetime(2000, 1, 1),  # noqa: DTZ001  wall time, and not looked at
        minutes=wanted.minutes,
        level=wanted.level,
        visit_supervisor=wanted.visit_supervisor,
        duty=wanted.duty,
        sharing=sharing_of(wanted.sharing),
    )
    return wish_of(desk, child, body)


def _any_wish(series: Series) -> Wish:
    return series.wish(datetime.combine(series.pattern.anchor, series.pattern.clock))


def _checked(desk: Desk, wish: Wish, found: tuple[Judged, ...]) -> list[CheckedInstance]:
    clocks = other_clocks(desk.work, wish)
    usual = usual_times((one.occurrence.starts_at for one in found), clocks)
    return [
        CheckedInstance(
            wall=one.occurrence.wall,
            starts_at=at,
            fit=one.fit,
            rules=problems.rules_of(one.reasons),
            left_out=list(one.left_out),
            too_few=one.too_few,
            busy_mark=mark_of(busy) if busy else "",
            busy=busy_times(busy),
            elsewhere=_elsewhere(at, clocks, usual),
        )
        for one in judged_in_sight(desk.work, wish, found)
        for at, busy in [(one.occurrence.starts_at, busy_in(desk.work, wish, one))]
    ]


def _elsewhere(
    at: datetime | None, clocks: Sequence[OtherClock], usual: Mapping[str, time]
) -> list[Elsewhere]:
    return [
        Elsewhere(
            zone=one.clock.zone,
            people=list(one.clock.people),
            day=one.local.date(),
            clock=f"{one.local:%H:%M}",
            shifted=one.shifted,
        )
        for one in (shown_elsewhere(at, clocks, usual) if at else ())
    ]


def shown(work: Work, series: Series) -> KnownSeries:
    """A series as callers see it: no carer whose case is out of reach, and by no clock of a child who is."""
    series = as_may_be_seen(work, series)
    children = (ChildWished(child=series.child, caregiver=series.caregiver), *series.sharing)
    within = wished_within(work, children)
    clocks = other_clocks(work, _any_wish(series))
    usual = usual_times((one.starts_at for one in series.instances), clocks)
    return KnownSeries(
        id=series.id,
        case=series.case,
        child=series.child,
        people=list(series.people),
        sharing=[
            ChildOfSeries(child=one.child, caregiver=one.caregiver if one.child in within else None)
            for one in series.sharing
        ],
        caregiver=series.caregiver if series.child in within else None,
        optional=list(series.optional.people),
        quorum=series.optional.quorum,
        minutes=series.length // timedelta(minutes=1),
        level=series.level,
        visit_supervisor=series.supervisor,
        duty=series.duty,
        zone=series.pattern.zone,
        weekday=list(Weekday)[series.pattern.anchor.weekday()],
        clock=f"{series.pattern.clock:%H:%M}",
        every=series.pattern.every,
        first=series.pattern.anchor,
        last=series.pattern.last,
        ended_at=series.ended_at,
        follows=series.follows,
        followed_by=series.followed_by,
        seen=series.seen,
        instances=[
            KnownInstance(
                id=one.id,
                original=one.original,
                starts_at=one.at,
                moved=one.moved,
                state=one.state,
                visit=one.visit.id if one.visit else None,
                visit_state=one.visit.state if one.visit else None,
                why=list(one.why),
                tzdata=one.tzdata,
                elsewhere=_elsewhere(one.at, clocks, usual),
            )
            for one in series.instances
        ],
    )
