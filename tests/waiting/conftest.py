"""The house with a waiting list."""

import pytest

from tests.cast import House
from tests.waiting.listed import Listed


@pytest.fixture
def listed(house: House) -> Listed:
    """The cast, who may wait for a time."""
    return Listed(house=house)
