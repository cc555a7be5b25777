"""A7 and A8: what a device says of the time is never read."""

import re
from datetime import timedelta
from email.utils import format_datetime

import pytest
from starlette.types import ASGIApp

from tests.cast import House, Phone
from tests.pages.conftest import Browser, browser

LIES = [timedelta(days=-1), timedelta(hours=-1), timedelta(0), timedelta(hours=1), timedelta(days=1)]


def open_at(one: Browser, house: House, secret: str, lie: timedelta) -> str:
    """Open a link with every header by which a device could tell the time; says what was answered."""
    found = re.search(r"\d{8,12}\.[0-9a-f]{64}", one.get("/v").text)
    assert found is not None
    told = house.clock.at + lie
    headers = {
        "date": format_datetime(told),
        "if_modified_since": format_datetime(told),
        "x_timezone": "Pacific/Kiritimati",
        "x_client_time": told.isoformat(),
    }
    body = {"secret": secret, "nonce": found[0], "device_key": Phone().key}
    return one.send("/v/open", body, **headers).text


@pytest.mark.parametrize("lie", LIES)
def test_a8_a_device_whose_clock_is_a_day_wrong_opens_its_link(
    app: ASGIApp, house: House, lie: timedelta
) -> None:
    visit = house.waiting()
    assert '"go"' in open_at(browser(app), house, house.secret(visit, house.cast.dana), lie)


@pytest.mark.parametrize("lie", LIES)
def test_a7_no_date_opens_a_link_early_or_late(app: ASGIApp, house: House, lie: timedelta) -> None:
    visit = house.approved()
    secret = house.secret(visit, house.cast.dana)
    house.clock.at = visit.starts_at - timedelta(minutes=16)
    assert "15:45" in open_at(browser(app), house, secret, lie)
    house.clock.at = visit.ends_at + timedelta(minutes=15)
    assert "does not work" in open_at(browser(app), house, secret, lie)
    assert not house.invitation(visit, house.cast.dana).device_key
