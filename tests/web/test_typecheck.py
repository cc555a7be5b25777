import json
import subprocess
import sys
from pathlib import Path

import pytest

from web import typecheck

TOP = Path(__file__).resolve().parents[2]


@pytest.mark.slow
def test_scripts_of_the_room_have_no_type_error() -> None:
    done = subprocess.run(
        [sys.executable, TOP / "web" / "typecheck.py"], check=False, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.slow
def test_the_check_would_see_an_error(tmp_path: Path) -> None:
    (tmp_path / "wrong.js").write_text("// @ts-check\n/** @type {number} */\nexport const n = 'one';\n")
    settings = {"extends": str(TOP / "web" / "tsconfig.json"), "include": ["*.js"]}
    (tmp_path / "tsconfig.json").write_text(json.dumps(settings))
    command = [*typecheck.node(), str(typecheck.compiler()), "--project", str(tmp_path)]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert "TS2322" in done.stdout
    assert done.returncode != 0
