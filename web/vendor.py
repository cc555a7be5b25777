"""Fetches what we carry from others, checks it, cleans it, keeps it in ``web/vendor`` (maintainers only).

Run ``python web/vendor.py`` after changing a version in ``web/vendor.lock.json``.  Packages come through
npm's own client; one whose sha512 is not the one in the lock writes nothing.  Nothing is fetched at run time.
"""

import base64
import hashlib
import json
import re
import subprocess
import tarfile
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

WEB = Path(__file__).resolve().parent
LOCK = WEB / "vendor.lock.json"
VENDOR = WEB / "vendor"
MANIFEST = VENDOR / "MANIFEST.json"
TESTS = WEB.parent / "tests" / "web" / "vendor"


class VendorError(Exception):
    """A package is not what the lock says. Do not use it; find out why."""


def integrity(content: bytes) -> str:
    """The sha512 of ``content`` as npm writes it."""
    return "sha512-" + base64.b64encode(hashlib.sha512(content).digest()).decode()


def fetch(name: str, locked: dict[str, str], folder: Path, *, npm: Sequence[str] = ("npm",)) -> Path:
    """The checked tarball of ``name``; raises ``VendorError`` when it differs from the lock."""
    wanted = f"{name}@{locked['version']}"
    command = [*npm, "pack", wanted, "--silent", "--pack-destination", str(folder)]
    done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=300)
    tarball = folder / done.stdout.split()[-1]
    found = integrity(tarball.read_bytes())
    if found != locked["sha512"]:
        message = f"{wanted}: the lock says {locked['sha512']}, the tarball is {found}."
        raise VendorError(message)
    return tarball


def clean_css(css: str) -> str:
    """GOV.UK's style sheet without what is theirs alone: fonts not declared, font names ours, no crest."""
    css = re.sub(r"/\*!.*?\*/", "", css, flags=re.DOTALL)
    css = re.sub(r"@font-face\{[^}]*\}", "", css)
    css = re.sub(r"font-family:(GDS Transport,arial,)?sans-serif", "font-family:var(--app-font)", css)
    css = re.sub(r"url\(/assets/images/govuk-crest\.svg\)", "none", css)
    return re.sub(r"/\*# sourceMappingURL=.*?\*/", "", css).strip() + "\n"


CLEANERS: dict[str, Callable[[str], str]] = {"clean_css": clean_css}


def member(tarball: Path, path: str) -> bytes:
    """The content of one file of a package."""
    with tarfile.open(tarball) as archive:
        file = archive.extractfile(f"package/{path}")
        assert file is not None
        return file.read()


def write(package: dict[str, object], tarball: Path) -> None:
    """Write the files the lock names, cleaned where it says so."""
    folder = VENDOR if package["for"] == "pages" else TESTS
    files = package["files"]
    assert isinstance(files, list)
    for file in files:
        content = member(tarball, file["from"])
        target = folder / file["to"]
        target.parent.mkdir(parents=True, exist_ok=True)
        if "clean" in file:
            content = CLEANERS[file["clean"]](content.decode("utf-8")).encode("utf-8")
        target.write_bytes(content)


def manifest() -> dict[str, str]:
    """The sha256 of every vendored file, by its path from the top of the repository."""
    top = WEB.parent
    paths = [path for folder in (VENDOR, TESTS) for path in sorted(folder.rglob("*")) if path.is_file()]
    return {
        path.relative_to(top).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in paths
        if path != MANIFEST
    }


def main() -> None:
    """Fetch, check and write every package of the lock, then the manifest."""
    lock = json.loads(LOCK.read_text(encoding="utf-8"))
    with tempfile.TemporaryDirectory() as scratch:
        for name, package in lock.items():
            if package["for"] != "checks":
                write(package, fetch(name, package, Path(scratch)))
    MANIFEST.write_text(json.dumps(manifest(), indent=2, sort_keys=True) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
