"""Every module says what it is for and stays short; queries and actions take what they need in one order."""

import ast
import re
from pathlib import Path

import pytest

import contact_service

PACKAGE = Path(contact_service.__file__).parent
ROOT = PACKAGE.parent
LONGEST = 400
MODULES = sorted(path for path in PACKAGE.rglob("*.py") if "versions" not in path.parts)
JUNK = re.compile(r"manager|helper|util|common|base|service|handler|processor|data|info")
_BELOW_WORK = {"audit", "keys"}


def named(path: Path) -> str:
    return str(path.relative_to(PACKAGE))


@pytest.mark.parametrize("path", MODULES, ids=named)
def test_a_module_says_what_it_is_for_and_is_short(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert ast.get_docstring(ast.parse(text))
    assert len(text.splitlines()) <= LONGEST


@pytest.mark.parametrize("path", MODULES, ids=named)
def test_a_module_is_named_for_its_idea(path: Path) -> None:
    assert not JUNK.fullmatch(path.stem)


def doors() -> list[tuple[str, ast.FunctionDef]]:
    """Every public function of every queries and actions module."""
    found = []
    for path in MODULES:
        parts = path.relative_to(PACKAGE).with_suffix("").parts
        if {"queries", "actions"} & set(parts):
            body = ast.parse(path.read_text(encoding="utf-8")).body
            functions = (node for node in body if isinstance(node, ast.FunctionDef))
            found += [(".".join(parts), node) for node in functions if not node.name.startswith("_")]
    return found


# What these answer does not depend on a transaction: they turn values into values, or serve a process without keys.
_VALUES = {
    "identity.queries.session_id",
    "invitations.actions.opening.is_usable",
    "invitations.queries.to_invitation",
    "operations.actions.beat_from",
    "people.actions.photo_files.clean_photo",
    "rooms.queries.milliseconds",
    "visits.actions.moving.refusal",
    "visits.actions.recording.outcomes_offered",
    "visits.queries.asking.wish_of",
    "keys.queries.field_context",
}


def test_every_query_and_action_takes_its_transaction_first() -> None:
    wrong = set()
    for module, function in doors():
        first = function.args.args[0].arg if function.args.args else ""
        wanted = "session" if module.partition(".")[0] in _BELOW_WORK else "work"
        if first != wanted:
            wrong.add(f"{module}.{function.name}")
    assert wrong == _VALUES


def test_nothing_but_work_commits() -> None:
    committers = {
        named(path)
        for path in MODULES
        if re.search(r"\.commit\(\)", path.read_text(encoding="utf-8")) and "bench" not in path.parts
    }
    assert committers <= {"work.py", "audit/sealer.py"}


def test_every_setting_is_in_the_deployment_readme_and_none_beyond() -> None:
    from contact_service.settings import PREFIX, Settings  # noqa: PLC0415

    text = (ROOT / "deploy" / "README.md").read_text(encoding="utf-8")
    written = set(re.findall(r"CONTACT_[A-Z_]+", text))
    known = {PREFIX + name.upper() for name in Settings.model_fields}
    assert known <= written
    assert {name.removesuffix("_FILE") for name in written if name.removesuffix("_FILE") not in known} <= {
        "CONTACT_",
        "CONTACT_NAME",
    }
