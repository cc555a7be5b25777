"""What commands are made of: argparse's types, the settings of a process, a file as text."""

import argparse
import os
from pathlib import Path
from typing import TypeAlias

from contact_service import logs
from contact_service.errors import BadInput
from contact_service.settings import Settings

# argparse exports no public name for what add_subparsers returns.
Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"  # noqa: SLF001
Options = argparse.Namespace


def settings_of(process: str) -> Settings:
    """The settings from the environment, with this process's log started; raises ``SettingsError``."""
    settings = Settings.from_environment(os.environ)
    logs.start(process, level=settings.log_level)
    return settings


def text_of(file: Path) -> str:
    """A file as text; raises ``BadInput`` with one line that says why not."""
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"{file} cannot be read as UTF-8 text: {error}") from None
