"""Times over the API: what the page says of a day without one is answered too."""

from contact_service.plans.actions import add_quiet_hours
from contact_service.plans.hours import QuietHours, QuietKind, Weekday, Window
from tests.api.conftest import Person
from tests.cast import House

SUNDAYS = Window(days=(Weekday.SUNDAY,), earliest=0, latest=24 * 60)


def test_a_day_without_a_time_says_when_it_could_be_but_for_what_is_in_the_way(
    house: House, person: Person
) -> None:
    with house.work(house.cast.karim) as work:
        add_quiet_hours(work, house.cast.mia, QuietHours(kind=QuietKind.OTHER, window=SUNDAYS))
    karim = person("karim")
    karim.post("/policy/acceptances", {"version": 1, "act": "book"})
    those = [house.cast.dana, house.cast.ines]
    found = karim.get("/visits/times", child=house.cast.mia, person=those).json()
    [sunday] = [one for one in found["without"] if one["day"] == "2030-05-19"]
    assert sunday["in_the_way"] == [{"what": "quiet_hours", "whom": house.cast.mia}]
    assert sunday["free_at"] == "2030-05-19T14:00:00Z"  # three in the afternoon where Mia lives
