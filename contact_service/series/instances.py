"""What can be said of instances without a database.  Pure."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from hashlib import sha256

from contact_service.errors import NotFound
from contact_service.ids import VisitId
from contact_service.series.pattern import first_instant
from contact_service.series.series import Instance, InstanceDecided, InstanceState, Judged, Series, SeriesOver
from contact_service.visits.optional import without
from contact_service.visits.wish import Wish


def demand_going_on(series: Series) -> None:
    """Raise ``SeriesOver`` for one that has ended, or instead of which another goes on."""
    if not series.goes_on:
        raise SeriesOver


def instance_in(series: Series, instance: str) -> Instance:
    """One instance of a series; raises ``NotFound``."""
    found = next((one for one in series.instances if one.id == instance), None)
    if found is None:
        raise NotFound
    return found


def demand_unused(found: Instance, *states: InstanceState) -> None:
    """Raise ``InstanceDecided`` unless the instance stands in one of ``states``."""
    if found.state not in states:
        raise InstanceDecided


def waiting(series: Series, *, besides: Instance | None = None) -> list[datetime]:
    """When the instances begin that wait to be booked: they count against frequency and gaps as if they were."""
    walls = [one.wall for one in series.instances if one.state is InstanceState.PLANNED and one != besides]
    starts = (first_instant(wall, series.pattern.zone) for wall in walls)
    return [at for at in starts if at is not None]


def at_wall(wish: Wish, wall: datetime) -> Wish:
    """``wish`` at naive ``wall``; of a time that comes twice, the first."""
    return replace(wish, wall_start=wall, first_of_two=True)


def wish_for(wish: Wish, one: Judged) -> Wish:
    """``wish`` at the time of one instance as it was judged: with who can come then, and who would interpret."""
    more = [one.interpreter] if one.interpreter else []
    return at_wall(without(wish, one.left_out).with_people(more), one.occurrence.wall)


def visits_of(instances: Iterable[Instance]) -> frozenset[VisitId]:
    """The visits of these."""
    return frozenset(one.visit.id for one in instances if one.visit is not None)


def visit_of(instance: str) -> VisitId:
    """The id of the visit that an instance becomes."""
    return VisitId(sha256(f"series/{instance}".encode()).hexdigest()[:32])
