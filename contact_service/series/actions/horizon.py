"""Book an instance that waited when it has come within reach; one that is refused then asks a worker."""

from datetime import timedelta

from contact_service.actor import Role
from contact_service.audit.events import EventType
from contact_service.follow_ups.actions import ask_for
from contact_service.follow_ups.follow_up import FollowUpKind, ForRole, NewFollowUp
from contact_service.identity import queries as identity
from contact_service.people.queries import members as people
from contact_service.policy.of_another import hidden
from contact_service.series.actions.keeping import WALL, book_instance, lock_series, record, row_of
from contact_service.series.instances import at_wall, instance_in, waiting, wish_for
from contact_service.series.pattern import Occurrence, first_instant
from contact_service.series.queries.judging import TOO_FAR, judged
from contact_service.series.series import Fit, Instance, InstanceState, Judged, Series, SeriesId
from contact_service.visits.actions.claiming import lock_everybody
from contact_service.visits.optional import settled
from contact_service.visits.queries.narrowing import whoever_could
from contact_service.work import Work

_LOOKED_AT_WITHIN = timedelta(days=3)
_HAS_READ = "R30"
_NOBODY_ASKS = "nobody_asks"


def book_when_due(work: Work, series: SeriesId, instance: str) -> bool:
    """Book one instance that waits, if it is near enough now; returns whether it was looked at.

    To be done as the worker who asked (``actor.for_worker``).  What a rule refuses, what has no time any more, and what
    nobody may ask for any more is left out, and the workers of the child are asked to see to it.
    """
    found = lock_series(work, series)
    one = instance_in(found, instance)
    if one.state is not InstanceState.PLANNED:
        return False
    wish = at_wall(found.wish(one.wall), one.wall)
    lock_everybody(work, *whoever_could(work, wish, found.optional))
    if not _asker_is_worker(work, found):
        _leave_out(work, found, one, (_NOBODY_ASKS,))
        return True
    occurrence = Occurrence(wall=one.wall, starts_at=first_instant(one.wall, found.pattern.zone))
    before = [at for at in waiting(found, besides=one) if occurrence.starts_at and at < occurrence.starts_at]
    [said] = judged(
        work,
        wish,
        [occurrence],
        optional=found.optional,
        earlier=before,
        interpreted_by=found.interpreted_by,
    )
    # Whatever else is wrong today is asked when its time has come.
    if any(reason.code == TOO_FAR for reason in said.reasons):
        return False
    _decide(work, found, one, said)
    return True


def _asker_is_worker(work: Work, series: Series) -> bool:
    workers = {account.id for account in identity.accounts_with(work, Role.WORKER)}
    return series.asked_by in workers


def _decide(work: Work, series: Series, one: Instance, said: Judged) -> None:
    if {reason.rule for reason in said.reasons} == {_HAS_READ}:
        # Nobody may be made to have read it: it waits, and is booked in the night after they have.
        _ask(work, series, one, said.why)
        return
    if said.lacks_interpreter:
        _wait_for_interpreter(work, series, one, said)
        return
    if said.fit is not Fit.FITS:
        _leave_out(work, series, one, said.why)
        return
    row = row_of(work, one)
    # The instant was reckoned when it was asked for; zone rules may have changed since.
    asked = series.wish(one.wall)
    wish = wish_for(asked, said)
    if not book_instance(work, row, wish, tell=True, settled=settled(asked, series.optional, wish)):
        _leave_out(work, series, one, tuple(row.why))
        return
    record(work, series, EventType.SERIES_CHANGED, reason="booked", facts=_about(one))


def _wait_for_interpreter(work: Work, series: Series, one: Instance, said: Judged) -> None:
    """It is looked for again each night; a worker is asked once, who may find another time or somebody else."""
    row = row_of(work, one)
    row.why = list(said.why)
    work.session.add(row)
    work.session.flush()
    _ask(work, series, one, said.why)


def _leave_out(work: Work, series: Series, one: Instance, why: tuple[str, ...]) -> None:
    row = row_of(work, one)
    row.state, row.why = InstanceState.LEFT_OUT, list(why)
    work.session.add(row)
    work.session.flush()
    record(work, series, EventType.SERIES_CHANGED, reason="left_out", facts=_about(one))
    _ask(work, series, one, why)


def _ask(work: Work, series: Series, one: Instance, why: tuple[str, ...]) -> None:
    """Ask the workers of the child to see to it; once for each instance and cause."""
    # The log of one child does not say what a place has not cleared for another.
    told = [hidden(code) for code in why] if series.sharing else why
    ask_for(
        work,
        NewFollowUp(
            case=people.case_of(work, series.child),
            kind=FollowUpKind.SERIES_LEFT_OUT,
            for_role=ForRole.WORKER,
            about=f"series/{one.id}/{','.join(why)}",
            due_at=work.now + _LOOKED_AT_WITHIN,
            person=series.child,
            rules=tuple(dict.fromkeys(code.partition("/")[0] for code in told if "/" in code)),
        ),
    )


def _about(one: Instance) -> tuple[tuple[str, str | int], ...]:
    return (("original", f"{one.original:{WALL}}"),)
