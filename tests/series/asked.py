"""A series of Mia and Dana on Wednesdays at four, and shortcuts to what may be done with it."""

from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import date, time, timedelta
from typing import Any

from contact_service.agency_policy.actions import accept_policy
from contact_service.agency_policy.queries import policy_in_force
from contact_service.agency_policy.version import PolicyAct
from contact_service.approvals.actions.planning import approve_plan, propose_plan
from contact_service.ids import PersonId
from contact_service.jobs.series import extend_horizon, tell_of_clock_changes
from contact_service.jobs.turns import once_per
from contact_service.plans.queries import plan_for
from contact_service.plans.terms import Frequency, Period
from contact_service.policy.decision import Refused
from contact_service.series.actions.asking import NewSeries, NotAll, ask_for_series
from contact_service.series.queries.finding import series_for
from contact_service.series.series import Instance, Series, SeriesId
from contact_service.work import Work
from tests.actions.test_doubts import publish
from tests.cast import House

WEDNESDAY = date(2030, 5, 15)  # the day after noon in the house
FOUR = time(16, 0)


@dataclass(frozen=True, kw_only=True)
class Serial:
    """The house, and one series at a time."""

    house: House

    def karim(self) -> AbstractContextManager[Work]:
        return self.house.work(self.house.cast.karim)

    def new(self, **changes: Any) -> NewSeries:  # noqa: ANN401
        """Eight Wednesdays at four, unless said otherwise; what is no field of a series is one of its wish."""
        values: dict[str, Any] = {
            "first": WEDNESDAY,
            "last": WEDNESDAY + timedelta(weeks=7),
            "weekday": 2,
            "clock": FOUR,
        }
        own = {name: changes.pop(name) for name in [*values, "every", "only_all"] if name in changes}
        return NewSeries(wish=self.house.wish(**changes), **(values | own))

    def asked(self, **changes: Any) -> Series:  # noqa: ANN401
        """A series as it stands after it was asked for."""
        with self.karim() as work:
            made = ask_for_series(work, self.new(**changes))
        assert not isinstance(made, NotAll), made
        return made

    def now(self, series: Series | str) -> Series:
        """The series as it stands now."""
        one = series if isinstance(series, str) else series.id
        with self.house.reading(self.house.cast.karim) as work:
            return series_for(work, SeriesId(one))

    def terms(self, person: PersonId | None = None, **changes: Any) -> None:  # noqa: ANN401
        """A new version of Mia's plan, approved, with other terms for Dana, or for somebody else."""
        cast = self.house.cast
        with self.karim() as work:
            plan = plan_for(work, cast.mia)
            assert plan is not None
            review_on = max(plan.review_on, work.now.date() + timedelta(days=60))
            terms = [replace(p, **changes) if p.person == (person or cast.dana) else p for p in plan.people]
            made = propose_plan(work, cast.mia, with_people=terms, review_on=review_on)
        assert not isinstance(made, Refused), made
        with self.house.work(cast.priya) as work:
            assert not isinstance(approve_plan(work, made), Refused)

    def often(self, *, per: str, **limits: int) -> None:
        """Dana may meet Mia so often."""
        self.terms(frequency=Frequency(per=Period(per), **limits))

    def night(self) -> None:
        """What the jobs do once a day."""
        once_per(self.house.installation, "extend the horizon", extend_horizon)
        once_per(self.house.installation, "tell of clock changes", tell_of_clock_changes)


def states(series: Series) -> list[str]:
    """Where each instance stands, in order."""
    return [one.state.value for one in series.instances]


def days(series: Series) -> list[str]:
    """The days of the original starts, month and day."""
    return [f"{one.original:%m-%d}" for one in series.instances]


def nth(series: Series, number: int) -> Instance:
    """The instance of this number, from 1."""
    return series.instances[number - 1]


def nearer(
    house: House, *, days: int, accepted: bool = True, hours: tuple[str, str] = ("07:00", "21:00")
) -> None:
    """The agency books at most so many days ahead; whoever books has read that."""
    text = f"title: Near\nlimits:\n  furthest_ahead: {days} days\nhours:\n"
    publish(house, f"{text}  earliest: '{hours[0]}'\n  latest: '{hours[1]}'\n")
    for account, act in ((house.cast.karim, PolicyAct.BOOK), (house.cast.priya, PolicyAct.APPROVE)):
        with house.work(account) as work:
            if accepted:
                accept_policy(work, act, version=policy_in_force(work).version)
