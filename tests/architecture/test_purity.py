"""Domain modules are pure unless their name says otherwise: same inputs, same answer, today and in thirty years."""

import ast
import sys
from pathlib import Path

import pytest

import contact_service

PACKAGE = Path(contact_service.__file__).parent
DOMAIN = (
    "agencies",
    "agency_policy", "agency_week", "approvals", "audit", "calendars", "claims", "clearances", "consent", "factors",
    "follow_ups",
    "emergency_access", "identity",
    "invitations", "proposals",
    "keys", "notifications", "operations", "people", "plans",
    "policy", "pools", "protocol", "repeats", "reports", "request_limits", "restrictions",
    "retention", "rooms", "scheduling",
    "service_accounts", "suitability", "visits", "week", "working_hours", "relay.core",
)  # fmt: skip
TOUCHES_THE_WORLD = {"tables", "queries", "actions"}
# Besides: these read and write the files they are named for (design of the log and of the keys), the verifier with what
# it opens and shares out.
KEEPS_FILES = {"audit.reading", "audit.sealer", "audit.stretches", "audit.verifier", "keys.provider"}
# These carry a search out: a process of its own, a thread that waits for it, and transactions around both.
KEEPS_FILES |= {
    f"agency_week.{name}" for name in ("accepting_parts", "carrying", "replaying", "search_process")
}
# The salt of a hash is drawn by whoever makes it.
KEEPS_FILES |= {"identity.hashing"}
# An export is a folder.
KEEPS_FILES |= {"agencies.folder"}
# A letter is drawn with the fonts that lie beside the pages.
KEEPS_FILES |= {"invitations.paper"}
# The words of a message lie beside the pages.
KEEPS_FILES |= {"notifications.files"}
GROUND = {"errors", "ids", "actor", "texts"}
IMPURE = {
    "asyncio", "http", "logging", "multiprocessing", "os", "pathlib", "random", "secrets", "smtplib", "socket",
    "sqlite3", "ssl", "subprocess", "threading", "time", "urllib", "uuid", "tempfile", "shutil",
}  # fmt: skip
# Functions of their arguments: ciphers, canonical JSON, YAML, checked values, local dates, days of the year, calendars.
LIBRARIES = {
    "babel",
    "cryptography",
    "holidays",
    "hijridate",
    "icalendar",
    "pydantic",
    "pydantic_core",
    "pyotp",
    "rfc8785",
    "webauthn",
    "yaml",
    "zxcvbn",
}
# The generator's type, for chance that is passed in.
NAMED = {
    "random.Random",
    "urllib.parse.urlsplit",
    "contact_service.relay.errors.RequestRefused",
    "contact_service.relay.errors.MalformedPacket",
}
CLOCKS = {"now", "utcnow", "today"}

# A signer's key pair is made where its format is known; everything else there is pure.
MAKES_KEYS = {"audit/note.py": {"secrets"}}


def pure_modules() -> list[Path]:
    """Every domain module whose path does not announce that it touches the world."""
    found = []
    for name in DOMAIN:
        for path in sorted(PACKAGE.joinpath(*name.split(".")).rglob("*.py")):
            parts = path.relative_to(PACKAGE).with_suffix("").parts
            if not TOUCHES_THE_WORLD & set(parts) and ".".join(parts) not in KEEPS_FILES:
                found.append(path)
    return found


def imports(tree: ast.AST) -> set[str]:
    """Dotted names of everything imported, however deep in the module."""
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def is_pure_import(name: str) -> bool:
    top, *rest = name.split(".")
    if name in NAMED:
        return True
    if top != "contact_service":
        return top not in IMPURE and (top in sys.stdlib_module_names or top in LIBRARIES)
    if rest[0] in GROUND:
        return True
    inside = ".".join(rest[:2]) in DOMAIN or rest[0] in DOMAIN
    return inside and not TOUCHES_THE_WORLD & set(rest) and ".".join(rest[:2]) not in KEEPS_FILES


def clock_readings(tree: ast.AST) -> list[int]:
    """Lines that ask what time it is."""
    return [
        node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in CLOCKS
    ]


@pytest.mark.parametrize("path", pure_modules(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_pure_module_imports_only_what_is_pure_and_reads_no_clock(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    allowed = MAKES_KEYS.get(str(path.relative_to(PACKAGE)), set())
    assert [name for name in sorted(imports(tree) - allowed) if not is_pure_import(name)] == []
    assert clock_readings(tree) == []


def test_the_rules_of_practice_are_among_the_pure_modules() -> None:
    names = {str(path.relative_to(PACKAGE)) for path in pure_modules()}
    assert {"policy/booking.py", "visits/visit.py", "scheduling/local_time.py", "audit/merkle.py"} <= names


def test_only_the_clock_reads_the_clock() -> None:
    readers = {
        str(path.relative_to(PACKAGE))
        for path in PACKAGE.rglob("*.py")
        if "bench" not in path.parts and clock_readings(ast.parse(path.read_text(encoding="utf-8")))
    }
    assert readers == {"clock.py"}
