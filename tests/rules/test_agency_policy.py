"""The agency's policy as text and as a document: what is read, what is refused and where, what is different."""

from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings, strategies as st

import contact_service.agency_policy
from contact_service.agency_policy.difference import Change, difference, source_of
from contact_service.agency_policy.document import ApprovedAct, Document, Duty, Force, LevelRule
from contact_service.agency_policy.limits import Limits
from contact_service.agency_policy.reading import (
    LONGEST_TEXT,
    PolicyNotValid,
    entries,
    read_policy,
    write_policy,
)
from contact_service.agency_policy.spans import clock_face, minute_of_day, span, written
from contact_service.consent.consent import Purpose
from contact_service.people.person import Relation
from contact_service.plans.hours import Weekday
from contact_service.plans.terms import Risk, SupervisionLevel

PACKS = sorted(Path(contact_service.agency_policy.__file__).parent.glob("packs/*.yaml"))


def faults(text: str) -> list[tuple[int, str]]:
    with pytest.raises(PolicyNotValid) as caught:
        read_policy(text)
    return list(caught.value.faults)


@pytest.mark.parametrize("pack", PACKS, ids=lambda path: path.stem)
def test_every_pack_is_a_policy_that_cites_what_is_its_own(pack: Path) -> None:
    document = read_policy(pack.read_text(encoding="utf-8"))
    assert document.title
    for change in difference(Document(), document):
        if change.after is not None and not change.place.startswith(("title", "hours.", "limits.note_due")):
            assert source_of(document, change.place), f"{change.place} has no source"


def test_there_is_a_pack_for_every_place_the_product_speaks_of() -> None:
    assert [pack.stem for pack in PACKS] == ["england", "generic", "scotland", "washington"]


def test_the_generic_pack_is_what_the_product_does_by_default() -> None:
    generic = read_policy(next(p for p in PACKS if p.stem == "generic").read_text(encoding="utf-8"))
    assert generic.model_copy(update={"sources": ()}) == Document()


def test_what_is_left_out_has_the_default_and_what_is_kept_is_complete() -> None:
    document = read_policy("title: Ours\nlimits: {minimum_notice: 2 days}\n")
    assert document.limits == Limits(minimum_notice=timedelta(days=2))
    assert read_policy(write_policy(document)) == document
    assert set(entries(document)) >= {f"limits.{name}" for name in Limits.model_fields}


def test_times_of_day_stay_times_of_day() -> None:
    hours = read_policy("hours: {earliest: 08:30, latest: 20:00, days: [monday, saturday]}").hours
    assert (hours.earliest, hours.latest) == (8 * 60 + 30, 20 * 60)
    assert hours.days == (Weekday.MONDAY, Weekday.SATURDAY)


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("", 1, "empty"),
        ("- a list", 1, "entries"),
        ("title: Ours\nlimitz: {}", 2, "limitz"),
        ("title: Ours\nlimits:\n  minimum_notice: 24", 3, "unit"),
        ("limits:\n  early_entry: 2 h", 2, "too large"),
        ("limits:\n  shortest: 1 h\n  longest: 30 min", 1, "shorter"),
        ("limits:\n  minimum_notice: 1 h\n  request_lapses_before_start: 2 h", 1, "lapse"),
        ("limits:\n  urgent_stop: 8 days", 2, "too large"),
        ("limits:\n  urgent_stop_alarm_days: [5, 3]", 1, "order"),
        ("limits:\n  urgent_stop: 3 days\n  urgent_stop_alarm_days: [3]", 1, "before it ends"),
        ("limits:\n  ring_adult_after: 6 min", 1, "rung first"),
        ("promises:\n  withdrawal: 500 ms", 2, "too small"),
        ("promises:\n  supervisor_lost: 2 s", 2, "too small"),
        ("title: A\ntitle: B", 2, "twice"),
        ("title: &a Ours", 1, "Anchors"),
        ("title: Ours\nlevels: *a", 2, "Anchors"),
        ("levels:\n  - {relation: cousin, least: supervised}", 2, "cousin"),
        ("levels:\n  - {least: supervised}\n  - {least: monitored}", 1, "same relation"),
        ("levels:\n  - {relation: parent}", 2, "least"),
        ("hours: {earliest: 21:00, latest: 08:00}", 1, "not after"),
        ("hours: {earliest: '8'}", 1, "time of day"),
        ("hours: {latest: 24:30}", 1, "time of day"),
        ("hours: {days: [monday, monday]}", 1, "once"),
        ("group: {most_people: many}", 1, "whole number"),
        ("group: {most_people: 9}", 1, "too large"),
        ("lengths:\n  - {under: 6, minutes: 20}\n  - {under: 2, minutes: 15}", 1, "in order"),
        ("consents: {take_part: optional}", 1, "always"),
        ("consents: {dance: required}", 1, "dance"),
        ("approvals:\n  roles: {visit: [worker]}", 1, "Only an approver"),
        ("approvals:\n  roles: {visit: []}", 2, "at least one"),
        ("floors:\n  - {name: x, relations: [sibling], times: 1}", 2, "per period"),
        ("floors:\n  - {name: x, relations: [sibling], first_within: 72 h, times: 1, per: week}", 2, "floor"),
        ("sources:\n  - {of: limits.nothing, force: law, says: Somewhere}", 2, "limits.nothing"),
        ("format: 2", 1, "1"),
        ("title: [unclosed", 1, "expected"),
        ("a: {b: {c: {d: {e: {f: {g: {h: {i: {j: 1}}}}}}}}}", 1, "nested"),
        ("title: x\n" * 9000, 1, "64 KiB"),
    ],
)
def test_what_is_not_a_policy_is_refused_with_its_line(text: str, line: int, says: str) -> None:
    found = faults(text)
    assert any(at == line and says in fault for at, fault in found), found


def test_every_fault_is_told_at_once() -> None:
    found = faults("title: Ours\nfoo: 1\nlimits:\n  early_entry: x\n  bar: 1\n")
    assert [line for line, _ in found] == [2, 4, 5]


@settings(max_examples=300)
@given(st.text(max_size=200) | st.binary(max_size=200).map(lambda raw: raw.decode("latin-1")))
def test_no_text_does_more_than_be_refused(text: str) -> None:
    try:
        document = read_policy(text)
    except PolicyNotValid as refused:
        assert refused.faults  # noqa: PT017  either way is right, a third is not
    else:
        assert isinstance(document, Document)


@pytest.mark.timeout(20)
@pytest.mark.parametrize(
    "piece", ["[", "{a: ", "- ", "? ", "a: [b, ", "!x ", "'", '"', "| ", "#", "\t", "a:\n ", "%x\n"]
)
def test_no_text_of_the_greatest_length_takes_long(piece: str) -> None:
    with suppress(PolicyNotValid):
        read_policy(piece * (LONGEST_TEXT // len(piece)))


def test_a_difference_names_each_entry_that_changed() -> None:
    after = read_policy(
        "limits: {minimum_notice: 2 h}\nfloors:\n  - {name: x, relations: [sibling], times: 1, per: month}"
    )
    assert difference(Document(), after) == (
        Change(place="limits.minimum_notice", before="1 day", after="2 h"),
        Change(place="floors.x.relations", before=None, after="sibling"),
        Change(place="floors.x.times", before=None, after="1"),
        Change(place="floors.x.per", before=None, after="month"),
    )
    assert difference(after, after) == ()


def test_items_of_lists_are_called_by_what_they_are_about() -> None:
    found = entries(read_policy("levels:\n  - {relation: parent, risk: low, least: monitored}"))
    assert found["levels.parent_at_low_risk"] == "monitored"
    assert found["lengths.under_6"] == "20"


def test_the_source_of_a_part_stands_for_its_entries_until_one_has_its_own() -> None:
    text = "sources:\n  - {of: limits, force: practice, says: All}\n  - {of: limits.note_due, force: law, says: Own}"
    document = read_policy(text)
    own, all_ = source_of(document, "limits.note_due"), source_of(document, "limits.longest")
    assert own
    assert all_
    assert (own.force, own.says, all_.says) == (Force.LAW, "Own", "All")
    assert source_of(document, "title") is None


@pytest.mark.parametrize(
    ("relation", "risk", "least"),
    [
        (Relation.PARENT, Risk.LOW, SupervisionLevel.MONITORED),
        (Relation.PARENT, Risk.HIGH, SupervisionLevel.SUPERVISED),
        (Relation.SIBLING, Risk.LOW, SupervisionLevel.UNSUPERVISED),
    ],
)
def test_the_strictest_rule_about_somebody_counts(
    relation: Relation, risk: Risk, least: SupervisionLevel
) -> None:
    document = Document(
        levels=(
            LevelRule(relation=Relation.PARENT, least=SupervisionLevel.MONITORED),
            LevelRule(risk=Risk.HIGH, least=SupervisionLevel.SUPERVISED),
        )
    )
    assert document.least_level(relation, risk) is least


@pytest.mark.parametrize(
    ("age", "minutes"), [(0, 15), (1, 15), (2, 20), (5, 20), (6, 30), (12, 45), (17, 45), (40, 45)]
)
def test_a_length_is_suggested_by_age(age: int, minutes: int) -> None:
    assert Document().suggested_minutes(age) == minutes


def test_what_the_policy_does_not_name_must_be_agreed_to_and_is_decided_by_an_approver() -> None:
    document = read_policy("consents: {notes_kept: optional}")
    assert document.duty(Purpose.NOTES_KEPT) is Duty.OPTIONAL
    assert document.duty(Purpose.BE_SUPERVISED) is Duty.REQUIRED
    roles = read_policy("approvals: {roles: {policy: [administrator]}}").approvals
    assert [role.value for role in roles.who(ApprovedAct.POLICY)] == ["administrator"]
    assert [role.value for role in roles.who(ApprovedAct.VISIT)] == ["approver"]
    default = Document().approvals.who(ApprovedAct.POLICY)
    assert [role.value for role in default] == ["approver", "administrator"]


@given(st.integers(min_value=1, max_value=999_999), st.sampled_from(["ms", "s", "min", "h", "days"]))
def test_a_span_is_written_as_it_is_read(number: int, unit: str) -> None:
    assert span(written(span(f"{number} {unit}"))) == span(f"{number} {unit}")


@given(st.integers(min_value=0, max_value=24 * 60))
def test_a_time_of_day_is_written_as_it_is_read(minutes: int) -> None:
    assert minute_of_day(clock_face(minutes)) == minutes


def test_a_written_policy_is_plain_yaml_that_any_reader_takes() -> None:
    assert yaml.safe_load(write_policy(Document()))["limits"]["late_exit"] == "15 min"
