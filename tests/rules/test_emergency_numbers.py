"""What is dialled for help where somebody is."""

import pytest

from contact_service.visits.whereabouts import ANYWHERE, emergency_number


@pytest.mark.parametrize(
    ("zone", "number"),
    [
        ("Europe/London", "999"),
        ("Europe/Dublin", "999"),
        ("America/New_York", "911"),
        ("America/Toronto", "911"),
        ("Pacific/Honolulu", "911"),
        ("Australia/Sydney", "000"),
        ("Pacific/Auckland", "111"),
        ("Europe/Berlin", ANYWHERE),
        ("Asia/Kolkata", ANYWHERE),
        ("UTC", ANYWHERE),
        ("no/such zone", ANYWHERE),
    ],
)
def test_each_zone_has_the_number_of_its_country(zone: str, number: str) -> None:
    assert emergency_number(zone) == number
