"""Keep with the visits of a series what a worker knew of busy times of their families."""

from collections.abc import Collection, Iterable

from contact_service.series.series import Instance
from contact_service.visits.actions.knowing import keep_known_busy
from contact_service.visits.known_busy import mark_of
from contact_service.visits.queries.busy import busy_at_visit
from contact_service.work import Work


def keep_ticked(work: Work, instances: Iterable[Instance], marks: Collection[str]) -> None:
    """Keep with each visit that somebody is busy then, where exactly that was shown and ticked; else it is in doubt.

    To be called in the transaction in which the visits were asked for or changed.
    """
    ticked = {one for one in marks if one}
    for one in instances if ticked else ():
        if one.visit is not None and one.open:
            busy = busy_at_visit(work, one.visit)
            if busy and mark_of(busy) in ticked:
                keep_known_busy(work, one.visit, busy)
