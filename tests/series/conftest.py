"""The house with series in it."""

import pytest

from tests.cast import House
from tests.series.asked import Serial


@pytest.fixture
def serial(house: House) -> Serial:
    """The cast, who may ask for series."""
    return Serial(house=house)
