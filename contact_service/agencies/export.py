"""What an agency takes away: every row it owns as a line of JSON, its words opened, and a list of all files.  Pure.

What is left out is named, each with its reason: keys and whatever opens a door by itself stay where they are.
"""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

FORMAT = "contact-service-export/1"

LEFT_OUT = {
    "agency_question": "opens a door by itself, and is good for five minutes",
    "audit_checkpoint": "stands in evidence.db, as it was signed",
    "audit_entry": "stands in evidence.db, as it was sealed, and opened in evidence/",
    "audit_head": "stands in evidence.db",
    "agency_root": "a key: what it sealed is in the export in plain words",
    "case_key": "a key: what it sealed is in the export in plain words",
    "first_run_code": "opens a door by itself, and is good for an hour",
    "half_sign_in": "opens a door by itself, and is good for five minutes",
    "idempotency_key": "answers given twice, kept for a day",
    "job_heartbeat": "says how the processes fare, and nothing of the agency",
    "job_turn": "says how the processes fare, and nothing of the agency",
    "link_code": "opens a door by itself, and is good for ten minutes",
    "link_nonce": "random numbers, good for seconds",
    "passkey_challenge": "random numbers, good for five minutes",
    "person_key": "a key: what it sealed is in the export in plain words",
    "staff_app": "secrets of sign-in: nobody may take them elsewhere",
    "staff_password_code": "opens a door by itself, and is good for an hour",
    "staff_recovery_code": "secrets of sign-in: nobody may take them elsewhere",
    "staff_session": "opens a door by itself, until somebody signs out",
    "throttle": "counts tries, and is kept for a day",
    "whereabouts": "where people were during visits of the last day, for an emergency and nothing else",
}
# What is left out of a row that is there otherwise.
LEFT_OUT_COLUMNS = ("password_hash", "token_hash", "secret_hash", "code_hash", "cookie_hash")
# The logs, as they are copied to be checked without us.
LOGS = ("audit_head", "audit_entry", "audit_checkpoint")
# Under which name the words of each sealed column were sealed for the person whom they are about.
SEALED_AS = {
    ("agreed_question", "sealed"): "agreed-question",
    ("busy_calendar", "sealed"): "calendar_address",
    ("channel", "sealed"): "channel",
    ("clearance", "sealed"): "clearance",
    ("court_order", "sealed"): "court-order",
    ("emergency_access", "sealed"): "emergency_access",
    ("emergency_access", "finding_sealed"): "emergency_access_review",
    ("owed_decision", "sealed"): "owed-decision",
    ("person", "sealed"): "details",
    ("person_photo", "sealed"): "photo",
    ("placement", "sealed"): "placement",
    ("reading_purpose", "sealed"): "reading_purpose",
    ("side_reason", "sealed"): "side-reason",
    ("staff_conflict", "sealed"): "staff_conflict",
    ("visit_note", "sealed"): "visit-note",
    ("visit_record", "sealed"): "visit-record",
}


@dataclass(frozen=True, kw_only=True)
class File:
    """One file of an export: its name in the folder, what it hashes to, and how many lines it has."""

    name: str
    sha256: str
    size: int
    rows: int


def line_of(row: Mapping[str, object], opened: Mapping[str, bytes | None]) -> str:
    """A row as one line of JSON: times in UTC (ISO 8601), bytes in base64, sealed words ``opened``, by their column.

    ``sealed`` is gone then; ``words`` stands in its place, null where the key was destroyed or nothing was sealed.
    """
    plain = {name: _plain(value) for name, value in row.items() if name not in (*LEFT_OUT_COLUMNS, *opened)}
    for column, words in opened.items():
        plain[column.replace("sealed", "words")] = None if words is None else words_in(words)
    return json.dumps(plain, ensure_ascii=False, sort_keys=True) + "\n"


def words_in(opened: bytes) -> object:
    """Sealed words as what they are: an object, or a text."""
    text = opened.decode()
    try:
        words: object = json.loads(text)
    except ValueError:
        return text
    return words


def _plain(value: object) -> object:
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    return value


def manifest(*, agency: str, made_at: datetime, files: list[File]) -> str:
    """The list of all files, for whoever checks that none was lost or changed on the way."""
    content = {
        "format": FORMAT,
        "agency": agency,
        "made_at": made_at.isoformat(),
        "files": [vars(file) for file in files],
        "left_out": LEFT_OUT,
        "left_out_columns": list(LEFT_OUT_COLUMNS),
    }
    return json.dumps(content, indent=1, ensure_ascii=False) + "\n"


def read_me(*, agency: str, made_at: datetime) -> str:
    """What the folder is, in plain words."""
    return f"""Everything that the agency "{agency}" owns, as of {made_at:%d %B %Y %H:%M} UTC.

These files name children and where they live. Keep them as you keep a child's file.

tables/     one file for each table, one line of JSON for each row (JSON Lines, UTF-8). "words" holds what was
            sealed, opened; it is null where a person was forgotten. Times are UTC.
evidence/   contact.jsonl is what happened, access.jsonl who read what: each entry opened, by case.
evidence.db the same logs as they were sealed, an SQLite file. Check them without us:
            contact-service audit verify --database sqlite:///evidence.db --key VKEY
            where VKEY is the verifier key that you wrote down on the first day.
manifest.json   each file with its SHA-256, its size in bytes and its number of lines, and what was left out and why.
"""
