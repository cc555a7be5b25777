"""Every number a rule looks at.  Source of the defaults: domain rules, section 4.

The bounds say what is possible at all: a policy outside them is refused, whoever approves it.
"""

from datetime import timedelta
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from contact_service.agency_policy.spans import Span

_MINUTE, _HOUR, _DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
_SECOND, _NONE = timedelta(seconds=1), timedelta(0)


class Part(BaseModel):
    """A part of the document: fixed once made, and nothing unknown in it."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Limits(Part):
    """Spans and numbers that an agency may choose within the bounds."""

    early_entry: Annotated[Span, Field(ge=_NONE, le=_HOUR)] = 15 * _MINUTE
    late_exit: Annotated[Span, Field(ge=_NONE, le=_HOUR)] = 15 * _MINUTE
    minimum_notice: Annotated[Span, Field(ge=_NONE, le=30 * _DAY)] = 24 * _HOUR
    furthest_ahead: Annotated[Span, Field(ge=_DAY, le=730 * _DAY)] = 366 * _DAY
    freeze_before_start: Annotated[Span, Field(ge=_NONE, le=2 * _DAY)] = 30 * _MINUTE
    request_lapses_before_start: Annotated[Span, Field(ge=_NONE, le=7 * _DAY)] = 2 * _HOUR
    supervisor_grace: Annotated[Span, Field(ge=30 * _SECOND, le=15 * _MINUTE)] = 5 * _MINUTE
    shortest: Annotated[Span, Field(ge=5 * _MINUTE, le=3 * _HOUR)] = 5 * _MINUTE
    longest: Annotated[Span, Field(ge=5 * _MINUTE, le=3 * _HOUR)] = 3 * _HOUR
    late_at_most: Annotated[Span, Field(ge=5 * _MINUTE, le=30 * _MINUTE)] = 15 * _MINUTE
    ring_adult_after: Annotated[Span, Field(ge=_NONE, le=30 * _MINUTE)] = 3 * _MINUTE
    ring_carer_after: Annotated[Span, Field(ge=_NONE, le=30 * _MINUTE)] = 5 * _MINUTE
    ring_duty_after: Annotated[Span, Field(ge=_NONE, le=30 * _MINUTE)] = 10 * _MINUTE
    urgent_stop: Annotated[Span, Field(ge=_DAY, le=7 * _DAY)] = 7 * _DAY
    urgent_stop_alarm_days: tuple[Annotated[int, Field(ge=1, le=6)], ...] = (3, 5, 6)
    override_lasts: Annotated[Span, Field(ge=_HOUR, le=7 * _DAY)] = 48 * _HOUR
    note_due: Annotated[Span, Field(ge=_HOUR, le=14 * _DAY)] = 72 * _HOUR
    shared_with_parents_working_days: Annotated[int, Field(ge=1, le=65)] = 10
    explain_absence_working_days: Annotated[int, Field(ge=5, le=30)] = 5
    plan_review_months: Annotated[int, Field(ge=1, le=6)] = 3
    cases_read_a_day: Annotated[int, Field(ge=5, le=1000)] = 40
    emergency_access_lasts: Annotated[Span, Field(ge=30 * _MINUTE, le=24 * _HOUR)] = 4 * _HOUR
    emergency_access_reviewed_within: Annotated[Span, Field(ge=_HOUR, le=14 * _DAY)] = 3 * _DAY

    @model_validator(mode="after")
    def _possible(self) -> Self:
        if self.longest < self.shortest:
            raise ValueError("The longest visit is shorter than the shortest.")
        if self.request_lapses_before_start > max(self.minimum_notice, _NONE):
            raise ValueError(
                "A request would lapse before it could be made: make the notice longer, or the cut-off later."
            )
        if not self.ring_adult_after <= self.ring_carer_after <= self.ring_duty_after:
            raise ValueError("The adult is rung first, then the carer, then the duty desk.")
        days = self.urgent_stop_alarm_days
        if list(days) != sorted(set(days)) or (days and days[-1] * _DAY >= self.urgent_stop):
            raise ValueError("The alarms of an urgent stop come in order, each before it ends.")
        return self


class Promises(Part):
    """How fast media and links stop.  Relay and jobs keep these; nobody may promise to be faster than that."""

    hold: Annotated[Span, Field(ge=_SECOND / 4, le=_SECOND)] = _SECOND / 4
    withdrawal: Annotated[Span, Field(ge=_SECOND, le=5 * _SECOND)] = _SECOND
    order_in_a_live_visit: Annotated[Span, Field(ge=_SECOND, le=5 * _SECOND)] = _SECOND
    order_before_a_visit: Annotated[Span, Field(ge=_MINUTE, le=5 * _MINUTE)] = _MINUTE
    supervisor_lost: Annotated[Span, Field(ge=3 * _SECOND, le=10 * _SECOND)] = 3 * _SECOND
