"""Who of a visit is busy then by a calendar of their own; what makes them busy is nobody's business."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import zip_longest
from typing import Annotated

from pydantic import Field

from contact_service.api.v1.bodies import Answer, Line
from contact_service.errors import BadInput
from contact_service.proposals.queries import proposal_of
from contact_service.visits.actions.knowing import keep_known_busy
from contact_service.visits.known_busy import BusyThen, mark_of
from contact_service.visits.queries.busy import busy_at_visit
from contact_service.visits.queries.knowing import known_busy_of
from contact_service.visits.visit import Visit
from contact_service.work import Work

Mark = Annotated[
    Line,
    Field(
        description="`busy.mark` of the answer to why a visit cannot be, once you have asked them: these busy times do "
        "not put the visit in doubt then.  With `or_at`: the mark of each time, with commas between.  Without it the "
        "visit is asked for all the same."
    ),
]


class BusyTime(Answer):
    """Somebody is busy at the visit; ``known``: whoever booked it knew, and it is not in doubt for that."""

    person: str
    since: datetime
    until: datetime
    known: bool


class BusyTimes(Answer):
    """Who is busy then, and a mark of exactly these; empty where nobody is."""

    times: list[BusyTime]
    mark: str


def busy_times(busy: Iterable[BusyThen], known: Iterable[BusyThen] = ()) -> list[BusyTime]:
    """Each with its ends as they stand in the calendar."""
    before = {*known}
    return [
        BusyTime(person=one.person, since=since, until=until, known=one in before)
        for one in busy
        for since, until in (one.whole or (one.since, one.until),)
    ]


def busy_with_mark(busy: list[BusyThen]) -> BusyTimes:
    """The same with the mark that books with these known."""
    return BusyTimes(times=busy_times(busy), mark=mark_of(busy) if busy else "")


def busy_at(work: Work, visit: Visit) -> list[BusyTime]:
    """Who is busy at a visit; where its family is to choose, at any of its times."""
    found = [busy for one in _at_each_time(work, visit) for busy in busy_at_visit(work, one)]
    return busy_times(found, known_busy_of(work, visit.id) if found else ())


def keep_known(work: Work, visit: Visit, marks: str, *, asked: Sequence[Iterable[BusyThen]] = ()) -> None:
    """Keep what the caller knew; raises ``BadInput``, and nothing is booked, where it is not who is busy then.

    ``marks``: of a choice one of each time, with commas; what is busy at a time without its own mark is not known.
    ``asked``: at each time, who of all that the visit was asked for with is busy then: some of them may have been left
    out for that, and whoever knows of all of these knows of those who are in it.
    """
    sent, fitting, known = set(marks.split(",")), set[str](), set[BusyThen]()
    for seen, everybody in zip_longest(_at_each_time(work, visit), asked, fillvalue=()):
        busy = busy_at_visit(work, seen) if isinstance(seen, Visit) else []
        if fits := sent & {mark_of(busy), mark_of(everybody)}:
            fitting |= fits
            known |= {*busy}
    if fitting != sent:
        raise BadInput(
            "This is not who is busy then. Ask once more why the visit cannot be, and send the mark of that answer.",
            "known",
        )
    keep_known_busy(work, visit, sorted(known))


def _at_each_time(work: Work, visit: Visit) -> list[Visit]:
    proposal = proposal_of(work, visit.id) if visit.time_open else None
    return [proposal.seen_at(visit, one) for one in proposal.times] if proposal else [visit]
