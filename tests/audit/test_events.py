from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, strategies as st

from contact_service.actor import Actor, Authentication, Role
from contact_service.audit.errors import NotACode
from contact_service.audit.events import DISPLAY, AuditEvent, ConsentFact, EventType, Subject, is_code
from contact_service.audit.fields import Stamp, entry_fields, from_milliseconds, milliseconds
from contact_service.ids import Ref

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
LENA = Actor(
    ref=Ref("lena"), roles=(Role.WORKER, Role.VISIT_SUPERVISOR), authentication=Authentication.PASSWORD
)
STAMP = Stamp(
    entry_id=bytes(16), actor=LENA, recorded_at=NOON, case_seq=7, prev_case=b"\xab" * 32, software="0.1.0"
)


def test_every_event_type_has_a_text_for_people() -> None:
    assert DISPLAY.keys() == set(EventType)
    assert all(text and not text.endswith(".") for text in DISPLAY.values())
    assert len(set(DISPLAY.values())) == len(EventType)


def test_no_display_text_uses_a_word_that_families_must_not_meet() -> None:
    assert not [text for text in DISPLAY.values() if "placement" in text.lower() or "session" in text.lower()]


def test_a_full_event_becomes_the_documented_fields() -> None:
    event = AuditEvent(
        type=EventType.VISIT_ENDED,
        case="c1",
        visit="v1",
        subjects=(Subject(ref="p1", role="child"),),
        occurred_at=NOON - timedelta(seconds=1),
        planned=(NOON, NOON + timedelta(minutes=30)),
        actual=(NOON, NOON + timedelta(seconds=90, milliseconds=999)),
        modality="video",
        level="supervised",
        supervisor="lena",
        consent=(ConsentFact(ref="k1", basis="consent", scope="video", until=NOON),),
        decision_code="permitted",
        rules=("R1", "R2"),
        incident_code="none",
        incident_severity="low",
        corrects="aa",
        reason="completed",
        policy_version=1,
        plan_version=2,
        facts=(("held", 3), ("code", "x")),
    )
    noon = milliseconds(NOON)
    assert entry_fields(event, STAMP) == {
        "v": 1, "id": "00" * 16, "type": "visit.ended", "occurred_at": noon - 1000, "recorded_at": noon,
        "clock": {"source": "system"}, "case": "c1", "case_seq": 7, "prev_case": "ab" * 32, "visit": "v1",
        "actor": {"ref": "lena", "role": "worker+visit_supervisor", "authentication": "password"},
        "subjects": [{"ref": "p1", "role": "child"}], "modality": "video", "level": "supervised",
        "planned": {"start": noon, "end": noon + 1_800_000},
        "actual": {"start": noon, "end": noon + 90_999, "seconds": 90}, "supervisor": "lena",
        "consent": [{"ref": "k1", "basis": "consent", "scope": "video", "until": noon}],
        "decision": {"code": "permitted", "rules": ["R1", "R2"]}, "incident": {"code": "none", "severity": "low"},
        "corrects": "aa", "reason": "completed", "policy_version": 1, "plan_version": 2,
        "software_version": "0.1.0", "facts": {"held": 3, "code": "x"},
    }  # fmt: skip


def test_what_an_event_does_not_say_is_left_out() -> None:
    fields = entry_fields(AuditEvent(type=EventType.STAFF_SIGNED_IN), STAMP)
    assert fields["case"] == "agency"
    assert fields["occurred_at"] == fields["recorded_at"]
    assert not fields.keys() & {"visit", "subjects", "planned", "decision", "consent", "facts", "reason"}


FREE_TEXT: list[dict[str, Any]] = [
    {"case": "Mia Novak"}, {"reason": "he was late"}, {"visit": ""}, {"supervisor": "x" * 81},
    {"rules": ("R1", "because")} | {"reason": "said: no!"}, {"facts": (("note", "free text"),)},
    {"facts": (("Not A Name", 1),)}, {"facts": (("big", 2**53),)}, {"facts": (("flag", True),)},
    {"decision_code": "caf\u00e9"}, {"occurred_at": datetime(2026, 1, 1)}, {"plan_version": True},  # noqa: DTZ001  that is the point
    {"planned": (datetime(2026, 1, 1), NOON)}, {"corrects": "line\nbreak"},  # noqa: DTZ001
]  # fmt: skip


@pytest.mark.parametrize("facts", FREE_TEXT)
def test_free_text_never_enters_an_event(facts: dict[str, Any]) -> None:
    with pytest.raises(NotACode):
        AuditEvent(type=EventType.VISIT_ENDED, **facts)


def test_free_text_never_enters_a_subject_or_a_consent() -> None:
    with pytest.raises(NotACode):
        Subject(ref="Dana Novak", role="family_member")
    with pytest.raises(NotACode):
        ConsentFact(ref="k1", basis="she said yes", scope="video")


@given(st.text(max_size=90))
def test_a_code_is_short_ascii_without_spaces(text: str) -> None:
    if is_code(text):
        assert text.isascii()
        assert 0 < len(text) <= 80
        assert not any(letter.isspace() for letter in text)


@given(st.datetimes(datetime(1970, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001  bounds are naive there
def test_instants_survive_as_whole_milliseconds(instant: datetime) -> None:
    assert timedelta() <= instant - from_milliseconds(milliseconds(instant)) < timedelta(milliseconds=1)
