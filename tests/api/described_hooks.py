"""What Schemathesis cannot know: ids that are there, and that an Idempotency-Key is used once.

It loads this module itself (``SCHEMATHESIS_HOOKS``).  ``KNOWN_DOORS`` names a file with what the walk through every
door used: ``{operation: {"ids": ..., "who": {"headers": ..., "cookies": ...}}}``.
"""

import json
import os
import random
import re
import secrets
from pathlib import Path
from typing import Any

import schemathesis

Case = schemathesis.Case[Any]

_DOORS: dict[str, Any] = json.loads(Path(os.environ["KNOWN_DOORS"]).read_text(encoding="ascii"))
_AN_ID = re.compile("[0-9a-f]{32}")
_OFTEN = 0.8
_chance = random.Random(4)  # noqa: S311  which of two ids, not a secret


@schemathesis.auth(refresh_interval=None)
class WhoOpensThisDoor:
    """The service account or the person who opened it in the walk; whether it heeds that is asked without."""

    def get(self, case: Case, _context: schemathesis.AuthContext) -> dict[str, dict[str, str]]:
        """``{"headers": ..., "cookies": ...}`` of whom the walk sent to this operation."""
        who: dict[str, dict[str, str]] = _door(case)["who"]
        return who

    def set(self, case: Case, data: dict[str, dict[str, str]], _context: schemathesis.AuthContext) -> None:
        """Say so in the call."""
        case.headers.update(data["headers"])
        case.cookies.update(data["cookies"])


@schemathesis.hook
def before_call(_context: schemathesis.HookContext, case: Case, _kwargs: dict[str, Any]) -> None:
    """Mostly ids that are there; what is not an id at all stays as wrong as it is."""
    if case.headers.get("Idempotency-Key"):
        case.headers["Idempotency-Key"] = secrets.token_hex(8)
    if _chance.random() > _OFTEN:
        return
    ids = _door(case)["ids"]
    case.path_parameters = _with_known(case.path_parameters, ids)
    case.query = _with_known(case.query, ids)
    case.body = _with_known(case.body, ids)


def _door(case: Case) -> Any:  # noqa: ANN401  JSON
    return _DOORS[case.operation.definition.raw["operationId"]]


def _with_known(value: Any, known: dict[str, str], member: str = "") -> Any:  # noqa: ANN401  whatever was made up
    if isinstance(value, dict):
        return {name: _with_known(one, known, str(name)) for name, one in value.items()}
    if isinstance(value, list):
        return [_with_known(one, known, member) for one in value]
    is_id = isinstance(value, str) and _AN_ID.fullmatch(value)
    return known.get(member, value) if is_id else value
