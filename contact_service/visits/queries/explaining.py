"""Why a visit cannot be booked, and the smallest change that would make it possible, from what is known now."""

from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from contact_service.people.queries import members as people
from contact_service.policy.explaining import Explanation, explain
from contact_service.policy.facts import BookingFacts
from contact_service.visits.queries.asking import booking_facts
from contact_service.visits.wish import Wish
from contact_service.work import Work

_DAYS_TRIED = 14


def why_not(work: Work, wish: Wish) -> Explanation:
    """Every reason, and the nearest way to a yes within the fortnight that follows the wish."""
    zone = ZoneInfo(people.zone_of(work, people.case_of(work, wish.child)))

    def facts_at(at: datetime) -> BookingFacts:
        return _staffed(
            booking_facts(work, replace(wish, wall_start=at.astimezone(zone).replace(tzinfo=None)))
        )

    return explain(_staffed(booking_facts(work, wish)), _other_times(work, wish, zone), facts_at)


def _staffed(facts: BookingFacts) -> BookingFacts:
    """As if staff were found: the question is about a child, people and a time."""
    return replace(facts, supervisor_qualified=True, duty_person_named=True, policy_accepted=True)


def _other_times(work: Work, wish: Wish, zone: ZoneInfo) -> list[datetime]:
    """Whole hours of the days from the wished one on, those nearest to the wished time of day first."""
    first = max(wish.wall_start.date(), work.now.astimezone(zone).date())
    wished = wish.wall_start.hour * 60 + wish.wall_start.minute
    hours = sorted(range(24), key=lambda hour: (abs(hour * 60 - wished), hour))
    days = (first + timedelta(days=ahead) for ahead in range(_DAYS_TRIED))
    return [datetime(day.year, day.month, day.day, hour, tzinfo=zone) for day in days for hour in hours]
