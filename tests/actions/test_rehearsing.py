"""What a draft policy would say about the visits that are booked, and about those of the past."""

from datetime import datetime, timedelta

from contact_service.agency_policy.document import Document, Group, Hours, LevelRule
from contact_service.agency_policy.limits import Limits
from contact_service.people.person import Relation
from contact_service.plans.terms import SupervisionLevel
from contact_service.visits.queries.rehearsing import Affected, rehearse, would_now_refuse
from tests.cast import House

EVENINGS_ONLY = Document(hours=Hours(earliest=17 * 60, latest=20 * 60))
LONG_NOTICE = Document(limits=Limits(minimum_notice=timedelta(days=3)))


def refused(house: House, document: Document) -> list[tuple[str, list[str]]]:
    with house.reading(house.cast.priya) as work:
        return [_told(one) for one in would_now_refuse(work, document).seen]


def _told(affected: Affected) -> tuple[str, list[str]]:
    return affected.visit.id, [f"{reason.rule} {reason.code}" for reason in affected.reasons]


def test_booked_and_requested_visits_that_a_draft_refuses_are_named_with_reasons(house: House) -> None:
    booked = house.approved()
    asked = house.requested(wall_start=datetime(2030, 5, 16, 16, 30))  # noqa: DTZ001  wall time
    evening = house.requested(wall_start=datetime(2030, 5, 16, 18, 0))  # noqa: DTZ001
    found = refused(house, EVENINGS_ONLY)
    assert found == [(booked.id, ["R28 hours"]), (asked.id, ["R28 hours"])]
    assert evening.id not in dict(found)
    assert refused(house, Document()) == []


def test_whoever_sees_no_case_learns_only_how_many(house: House) -> None:
    house.approved()
    with house.reading(house.cast.ola) as work:
        found = would_now_refuse(work, EVENINGS_ONLY)
    assert (found.seen, found.more) == ((), 1)


def test_the_notice_of_what_is_booked_already_is_not_asked_again(house: House) -> None:
    house.approved()
    assert refused(house, LONG_NOTICE) == []


def test_a_group_or_a_level_that_is_no_longer_allowed_is_named(house: House) -> None:
    visit = house.approved(people=(house.cast.dana, house.cast.jonas))
    assert refused(house, Document(group=Group(most_people=2))) == [(visit.id, ["R27 too_many_people"])]
    rosa = house.approved(
        people=(house.cast.rosa,),
        level=SupervisionLevel.MONITORED,
        wall_start=datetime(2030, 5, 17, 16, 0),  # noqa: DTZ001
    )
    strict = Document(levels=(LevelRule(relation=Relation.KIN, least=SupervisionLevel.SUPERVISED),))
    assert refused(house, strict) == [(rosa.id, ["R29 agency_level"])]


def test_a_rehearsal_decides_every_past_booking_as_of_when_it_was_asked_for(house: House) -> None:
    visit = house.live()
    house.clock.forward(timedelta(days=30))
    with house.reading(house.cast.priya) as work:
        rehearsal = rehearse(work, LONG_NOTICE, Document())
        unchanged = rehearse(work, Document(), Document())
        loosened = rehearse(work, Document(), LONG_NOTICE)
    assert rehearsal.looked_at == 1
    assert [_told(one) for one in rehearsal.newly_refused] == [(visit.id, ["R5 too_soon"])]
    assert (unchanged.newly_refused, unchanged.no_longer_refused) == ((), ())
    assert [_told(one) for one in loosened.no_longer_refused] == [(visit.id, ["R5 too_soon"])]


def test_a_rehearsal_changes_nothing(house: House) -> None:
    house.approved()
    before = house.history()
    with house.reading(house.cast.priya) as work:
        rehearse(work, EVENINGS_ONLY, Document())
        would_now_refuse(work, EVENINGS_ONLY)
    assert house.history() == before
