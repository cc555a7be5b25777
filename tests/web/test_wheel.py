import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

TOP = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """The names inside a wheel built from a copy of the house in which somebody left things lying about."""
    house = tmp_path_factory.mktemp("house")
    for name in ("contact_service", "web", "deploy"):
        shutil.copytree(TOP / name, house / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "LICENSE"):
        shutil.copy(TOP / name, house / name)
    (house / "README.md").write_text("Built for a test.\n")
    for stray in ("web/.env", "web/static/.env", "web/room/node_modules/x/index.js", "web/static/notes.key"):
        (house / stray).parent.mkdir(parents=True, exist_ok=True)
        (house / stray).write_text("SECRET=1\n")
    (house / "web/templates/.hidden").mkdir()
    (house / "web/templates/.hidden/page.html").write_text("no\n")
    (house / "web/static/passwd.svg").symlink_to("/etc/passwd")
    out = house / "out"
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(out)]
    done = subprocess.run(command, cwd=house, check=False, capture_output=True, text=True, timeout=100)
    assert done.returncode == 0, done.stdout + done.stderr
    with zipfile.ZipFile(next(out.glob("*.whl"))) as archive:
        return archive.namelist()


@pytest.mark.slow
def test_wheel_carries_pages_style_scripts_and_licences(wheel: list[str]) -> None:
    inside = {name.removeprefix("contact_service/_web/") for name in wheel if "/_web/" in name}
    wanted = {
        "templates/base.html",
        "locale/es/LC_MESSAGES/contact.po",
        "messages/invitation.sms.es.txt",
        "static/app.css",
        "room/family.js",
        "vendor/govuk.css",
        "vendor/MANIFEST.json",
    }
    assert wanted | {"vendor/LICENSES/govuk-frontend.txt"} <= inside


@pytest.mark.slow
def test_wheel_leaves_strays_behind(wheel: list[str]) -> None:
    strays = [
        name
        for name in wheel
        if any(part in name for part in (".env", "node_modules", ".key", ".hidden", "passwd"))
    ]
    assert strays == []
    assert not [name for name in wheel if name.startswith(("web/", "deploy/", "tests/"))]
    assert not [name for name in wheel if "/_web/" in name and name.endswith((".py", ".lock.json"))]
