"""Schemathesis reads our OpenAPI description and calls every operation, as described and as not described.

``DESCRIBED=300`` for a long run: so many examples of each operation in each phase (about 50,000 calls).
"""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from starlette.types import ASGIApp

from contact_service.api.v1.application import api_routes
from tests.api.conftest import BASE, Api, Machine, Person
from tests.api.test_every_door import Passed, operations, story
from tests.api.test_relay_link import served
from tests.cast import House

EXAMPLES = int(os.environ.get("DESCRIBED", "1"))
TREE = Path(__file__).parents[2]
# Our rules refuse much that a description cannot rule out: a Sunday for a Monday, an end before its start.
NOT_CHECKED = "positive_data_acceptance"


def ids_of(operation: str, door: Passed) -> dict[str, Any]:
    """The ids with which a door was opened, by the names of path and body."""
    template = re.sub(r"{(\w+)}", r"(?P<\1>[^/]+)", operations()[operation].path)
    found = re.fullmatch(template, door.way)
    assert found
    said = door.query | door.body | found.groupdict()
    return {name: one for name, one in said.items() if re.fullmatch("[0-9a-f]{32}", str(one))}


def who(one: Api) -> dict[str, dict[str, str]]:
    """How somebody says who they are."""
    return {"headers": one.headers, "cookies": dict(one.cookies.items())}


@pytest.mark.slow
@pytest.mark.timeout(300 + 100 * EXAMPLES)
def test_every_operation_does_what_its_description_says(
    house: House, app: ASGIApp, machine: Machine, person: Person, tmp_path: Path
) -> None:
    walk = story(house, machine, person)
    known, description, report = (tmp_path / name for name in ("known.json", "openapi.json", "report.json"))
    doors = {name: {"ids": ids_of(name, door), "who": who(door.one)} for name, door in walk.passed.items()}
    known.write_text(json.dumps(doors))
    description.write_text(json.dumps(api_routes(described=False).openapi()))
    phases = "coverage,fuzzing,stateful" if EXAMPLES > 1 else "fuzzing,stateful"
    with served(app) as base:
        ran = subprocess.run(
            [
                Path(sys.executable).parent / "st", "run", description, f"--header=Host:{BASE.partition('//')[2]}",
                f"--url={base.replace('ws', 'http')}/api", f"--phases={phases}", "--checks=all",
                f"--exclude-checks={NOT_CHECKED}", f"--max-examples={EXAMPLES}", "--continue-on-failure",
                "--suppress-health-check=all", "--seed=4", "--generation-database=none", "--no-shrink", "--no-color",
                f"--report-json-path={report}",
            ],
            cwd=tmp_path,
            env=os.environ
            | {"KNOWN_DOORS": str(known)}
            | {"SCHEMATHESIS_HOOKS": "tests.api.described_hooks", "PYTHONPATH": str(TREE)},
            capture_output=True,
            text=True,
            check=False,
        )  # fmt: skip
    if EXAMPLES > 1:
        print(ran.stdout[-3000:])  # noqa: T201  the figures of a long run
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert f"Tested: {len(operations())}" in ran.stdout
