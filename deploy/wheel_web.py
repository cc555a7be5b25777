"""Carries ``web`` into the wheel as ``contact_service/_web``, file by file from a list of what may go.

Naming a whole folder would also carry what happens to lie there: a forgotten ``.env``, ``node_modules``, a key.
"""

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

# Folder of web/ -> endings that may leave it.
CARRIED = {
    "templates": {".html"},
    "static": {".css", ".svg", ".png", ".woff2", ".mp3"},
    "room": {".js"},
    "messages": {".txt"},
    "vendor": {".css", ".txt", ".json", ".ttf"},
    "locale": {".po"},
}
NEVER = {"node_modules"}


class WebInWheel(BuildHookInterface):  # type: ignore[type-arg]  # its configuration has no type of its own
    """Adds the files of ``carried`` to a wheel; an editable install reads ``web`` where it is."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Name every file that goes into the wheel."""
        if version == "editable":
            return
        web = Path(self.root) / "web"
        for path in carried(web):
            place = path.relative_to(web).as_posix()
            build_data["force_include"][str(path)] = f"contact_service/_web/{place}"


def carried(web: Path) -> list[Path]:
    """The files of ``web`` that may leave the house, in order: no hidden ones, no links, only known endings."""
    return [
        path
        for folder, endings in sorted(CARRIED.items())
        for path in sorted((web / folder).rglob("*"))
        if path.suffix in endings and path.is_file() and _is_plain(path, web=web)
    ]


def _is_plain(path: Path, *, web: Path) -> bool:
    """No part of the path is hidden, forbidden or a symbolic link."""
    steps = [path, *path.parents[: len(path.relative_to(web).parts) - 1]]
    return not any(step.name.startswith(".") or step.name in NEVER or step.is_symlink() for step in steps)
