"""The first visit with a mother who uses Firefox: what the relay says must suit its DTLS, ICE and RTP too."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.browser.firefox import FIREFOX
from tests.browser.firefox_visit import ADDRESS
from tests.conftest import CHROMIUM

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(400)]


@pytest.fixture(scope="module")
def network() -> list[str]:
    """The command that gives a program a network of its own."""
    if not shutil.which("ip"):
        pytest.skip("no `ip` is installed (Debian package iproute2)")
    for found in (["unshare", "-n"], ["unshare", "-Urn"]):
        if subprocess.run([*found, "true"], check=False, capture_output=True).returncode == 0:
            return found
    pytest.skip("this machine lets nobody make a network of their own (unshare -n)")


@pytest.mark.skipif(not FIREFOX.exists(), reason="no Firefox is installed (Debian package firefox-esr)")
@pytest.mark.skipif(not CHROMIUM.exists(), reason="no Chromium is installed (Debian package chromium)")
def test_a_mother_at_firefox_is_let_in_held_and_goes_on(network: list[str], tmp_path: Path) -> None:
    ran = subprocess.run(
        [*network, sys.executable, "-m", "tests.browser.firefox_visit", tmp_path],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=False,
        timeout=350,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    seen = json.loads(ran.stdout.splitlines()[-1])
    assert "Firefox/" in seen["agent"]
    assert seen["before"] == 0, "nothing flows to somebody who waits"
    assert seen["still"] == seen["held"], "nothing flows while the visit is held"
    assert seen["addresses"] == [ADDRESS], "she learns the relay's address and no other"
    lost, came = seen["lost"]
    assert came > 100
    assert lost == 0
