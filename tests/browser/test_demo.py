"""The demo as a program: it stops cleanly, leaves nothing behind, and says plainly what keeps it from starting."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.browser.stage import Demo, until

pytestmark = [pytest.mark.browser, pytest.mark.alone, pytest.mark.timeout(180)]


def test_ctrl_c_leaves_no_process_and_a_taken_port_is_said_plainly(tmp_path: Path) -> None:
    demo = Demo(tmp_path / "demo")
    demo.start()
    assert demo.healthy()
    children = _children_of(demo.process.pid)
    assert {_command(child)[-1] for child in children} == {"demo-serve", "schedule", "relay", "seal"}

    second = subprocess.run(
        [
            sys.executable,
            "-m",
            "contact_service",
            "demo",
            "--port",
            str(demo.port),
            "--folder",
            str(tmp_path / "second"),
        ],
        check=False,
        capture_output=True,
        text=True,
    )
    assert second.returncode != 0
    assert "Another program uses this port." in second.stderr
    assert "Traceback" not in second.stderr
    assert not (tmp_path / "second").exists()
    assert demo.healthy()

    assert demo.stop() == 0
    until(lambda: not any(_is_alive(child) for child in children), "every process is gone", seconds=2)


def _children_of(process: int) -> list[int]:
    text = Path(f"/proc/{process}/task/{process}/children").read_text()
    return [int(child) for child in text.split()]


def _command(process: int) -> list[str]:
    return Path(f"/proc/{process}/cmdline").read_text().rstrip("\0").split("\0")


def _is_alive(process: int) -> bool:
    return Path(f"/proc/{process}/cmdline").exists()
