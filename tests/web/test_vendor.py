import hashlib
import io
import json
import sys
import tarfile
from pathlib import Path

import pytest

from web import vendor

TOP = Path(__file__).resolve().parents[2]
LISTED: dict[str, str] = json.loads(vendor.MANIFEST.read_text(encoding="utf-8"))
LOCK = json.loads(vendor.LOCK.read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", sorted(LISTED))
def test_vendored_file_is_the_one_that_was_checked(path: str) -> None:
    assert hashlib.sha256((TOP / path).read_bytes()).hexdigest() == LISTED[path]


def test_every_vendored_file_is_listed() -> None:
    assert vendor.manifest() == LISTED


def test_every_package_names_version_hash_and_licence() -> None:
    for name, package in LOCK.items():
        assert package["sha512"].startswith("sha512-"), name
        assert package["version"], name
        assert package["licence"] in {"MIT", "MPL-2.0", "Apache-2.0", "Bitstream-Vera"}, name


def test_licences_lie_beside_what_they_cover() -> None:
    for package in ("govuk-frontend",):
        assert (
            (vendor.VENDOR / "LICENSES" / f"{package}.txt").read_text(encoding="utf-8").startswith("The MIT")
        )
    fonts = (vendor.VENDOR / "LICENSES" / "dejavu-fonts-ttf.txt").read_text(encoding="utf-8")
    assert "Bitstream Vera Fonts Copyright" in fonts
    assert "Mozilla Public License" in (vendor.TESTS / "axe-core.LICENSE.txt").read_text(encoding="utf-8")


def test_style_sheet_holds_no_font_and_no_crest_of_others() -> None:
    css = (vendor.VENDOR / "govuk.css").read_text(encoding="utf-8")
    for foreign in ("@font-face", "GDS Transport", "crest", "url("):
        assert foreign not in css, foreign


def test_a_tarball_that_differs_from_the_lock_is_refused(tmp_path: Path) -> None:
    fake = tmp_path / "npm.py"
    with tarfile.open(tmp_path / "made.tgz", "w:gz") as archive:
        archive.addfile(tarfile.TarInfo("package/x"), io.BytesIO())
    fake.write_text("print('made.tgz')\n")
    with pytest.raises(vendor.VendorError, match="the lock says"):
        vendor.fetch("govuk-frontend", LOCK["govuk-frontend"], tmp_path, npm=(sys.executable, str(fake)))
