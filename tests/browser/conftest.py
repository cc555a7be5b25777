"""One demo per test module; the browser is everybody's (tests/conftest.py)."""

from collections.abc import Iterator

import pytest

from tests.browser.stage import Demo


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    demo = Demo(tmp_path_factory.mktemp("demo") / "demo")
    demo.start()
    yield demo
    demo.stop()
