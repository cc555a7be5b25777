"""A database of the first release, with rows in it, becomes one of this release and loses nothing."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine, MetaData, insert, select, text
from sqlalchemy.exc import IntegrityError

from contact_service.agency_policy.document import Document
from contact_service.database import connect
from contact_service.migrations.upgrade import demand_current, upgrade
from contact_service.wall import AgenciesMixed, RoleMissing
from tests.conftest import empty_database

AT = datetime(2026, 5, 1, 12, tzinfo=UTC)
STAFF = ("worker", "approver")


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def old(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """A database of the first release with one visit, everything it rests on, and two policies."""
    if request.param == "sqlite":
        engine = connect(f"sqlite:///{tmp_path}/old.db")
        upgrade(engine, "0002")
        _fill(engine)
        yield engine
        engine.dispose()
        return
    with empty_database(request.getfixturevalue("postgresql")) as url:
        engine = connect(url)
        upgrade(engine, "0002")
        _fill(engine)
        yield engine
        engine.dispose()


def _fill(engine: Engine) -> None:
    tables = MetaData()
    tables.reflect(engine)
    rows: list[tuple[str, dict[str, object]]] = [
        *(("staff_account", _account(role)) for role in STAFF),
        ("case", {"id": "case", "agency": "agency", "zone": "Europe/London", "opened_at": AT}),
        ("person", {"id": "child", "agency": "agency", "sealed": b"sealed"}),
        ("person", {"id": "mother", "agency": "agency", "sealed": b"sealed"}),
        ("case_member", {"case_id": "case", "person_id": "child", "ref": "r1", "role": "child"}),
        ("contact_plan", {"id": "plan", "case_id": "case", "child_id": "child", "version": 1}
         | {"review_on": AT.date(), "recorded_by": "worker", "recorded_at": AT}),
        ("plan_person", {"plan_id": "plan", "person_id": "mother", "level": "supervised", "length_minutes": 30}),
        ("agency_policy", {"agency": "agency", "version": 1, "limits": {"early_entry": 600}, "published_at": AT}),
        ("agency_policy", {"agency": "agency", "version": 2, "limits": {"longest": 3600}, "published_at": AT}),
        ("visit", _visit()),
        ("visit_participant", {"id": "participant", "visit_id": "visit", "person_id": "mother"}
         | {"role": "family_member", "stage": "invited", "stage_before": "", "identity_method": "", "muted": False}
         | {"mute_boot": "", "mute_generation": 0, "unmuted_boot": "", "unmuted_generation": 0}
         | {"asked_break": False, "checked": ""}),
    ]  # fmt: skip
    with engine.begin() as connection:
        for table, row in rows:
            connection.execute(insert(tables.tables[table]).values(row))


def _account(role: str) -> dict[str, object]:
    names = dict.fromkeys(("id", "ref", "name", "roles", "password_hash"), role)
    return {"agency": "agency", "email": f"{role}@demo.example", **names}


def _visit() -> dict[str, object]:
    return {
        "id": "visit", "case_id": "case", "child_id": "child", "state": "approved", "starts_at": AT,
        "ends_at": AT.replace(hour=13), "zone": "Europe/London", "level": "supervised", "plan_id": "plan",
        "plan_version": 1, "policy_version": 1, "requested_by": "worker", "approved_by": "approver",
        "supervisor_id": "worker", "duty_id": "worker", "room": "room", "reason": "", "was_ready": False,
        "hold_reason": "", "hold_boot": "", "hold_generation": 0, "cleared_boot": "", "cleared_generation": 0,
        "revision": 1,
    }  # fmt: skip


def rows_of(engine: Engine, table: str) -> list[dict[str, object]]:
    tables = MetaData()
    tables.reflect(engine)
    with engine.connect() as connection:
        return [dict(row._mapping) for row in connection.execute(select(tables.tables[table]))]


@pytest.mark.slow
def test_every_row_is_still_there_and_the_schema_is_current(old: Engine) -> None:
    before = {
        name: len(rows_of(old, name)) for name in ("visit", "visit_participant", "plan_person", "person")
    }
    upgrade(old)
    demand_current(old)
    assert {name: len(rows_of(old, name)) for name in before} == before


def test_limits_in_seconds_become_a_document_in_force(old: Engine) -> None:
    upgrade(old)
    first, second = sorted(rows_of(old, "agency_policy"), key=lambda row: str(row["version"]))
    assert (first["state"], second["based_on"]) == ("published", 1)
    document = Document.model_validate_json(str(first["document"]))
    assert document.limits.early_entry.total_seconds() == 600
    assert document.limits.late_exit == Document().limits.late_exit


def test_references_hold_again_after_a_rebuild(old: Engine) -> None:
    upgrade(old)
    with pytest.raises(Exception, match=r"(?i)foreign key"), old.begin() as connection:
        connection.execute(text("DELETE FROM visit"))


def test_a_plan_of_the_first_release_stands_as_it_stood(old: Engine) -> None:
    upgrade(old)
    (plan,) = rows_of(old, "contact_plan")
    (terms,) = rows_of(old, "plan_person")
    assert (plan["state"], plan["decided_by"], plan["decided_at"]) == ("approved", None, plan["recorded_at"])
    assert (terms["medium"], terms["level"], terms["length_minutes"]) == ("video", "supervised", 30)
    assert (terms["earliest"], terms["latest"], terms["risk"]) == (0, 1440, "standard")


def test_the_time_of_what_is_booked_is_claimed_and_nobody_is_claimed_twice(old: Engine) -> None:
    upgrade(old, "0012")
    tables = MetaData()
    tables.reflect(old)
    [visit] = rows_of(old, "visit")
    later, again = (visit | {"id": name, "room": name} for name in ("later", "again"))
    later |= {"starts_at": AT.replace(hour=13), "ends_at": AT.replace(hour=14)}
    with (
        old.begin() as connection
    ):  # a visit right after it, and one at the same hour, as could be booked before
        for row in (later, again):
            connection.execute(insert(tables.tables["visit"]).values(row))
    upgrade(old)
    claims = rows_of(old, "claim")
    assert {str(claim["visit_id"]) for claim in claims} == {"again", "later"} or {
        str(claim["visit_id"]) for claim in claims
    } == {"visit", "later"}
    assert {(claim["from_second"], claim["until_second"]) for claim in claims} == {
        (int(AT.timestamp()), int(AT.timestamp()) + 3600),
        (int(AT.timestamp()) + 3600, int(AT.timestamp()) + 7200),
    }
    keys = {row["number"]: row["key"] for row in rows_of(old, "resource")}
    assert {keys[claim["resource"]] for claim in claims} >= {"person/child", "account/worker"}


def test_a_sign_in_of_before_has_a_handle_to_be_ended_by(old: Engine) -> None:
    upgrade(old, "0028")
    tables = MetaData()
    tables.reflect(old)
    session = {"id": "5e" * 32, "account_id": "worker", "csrf": "c", "started_at": AT, "seen_at": AT}
    with old.begin() as connection:
        connection.execute(insert(tables.tables["staff_session"]).values(session))
    upgrade(old)
    assert [row["handle"] for row in rows_of(old, "staff_session")] == ["5e" * 16]


@pytest.fixture
def walless(postgresql: str) -> Iterator[Engine]:
    """A database of the release before the wall between agencies."""
    with empty_database(postgresql) as url:
        engine = connect(url)
        upgrade(engine, "0038")
        yield engine
        engine.dispose()


def _insert(engine: Engine, table: str, row: dict[str, object]) -> None:
    tables = MetaData()
    tables.reflect(engine)
    with engine.begin() as connection:
        connection.execute(insert(tables.tables[table]).values(row))


_PERSON: dict[str, object] = {"id": "child", "agency": "agency", "sealed": b"sealed"}
_COUNTED: dict[str, object] = {"id": "somebody", "window": 1, "attempts": 3}


@pytest.mark.postgresql
def test_rows_from_before_the_wall_belong_to_the_one_agency_that_is_there(walless: Engine) -> None:
    _insert(walless, "person", _PERSON)
    _insert(walless, "throttle", _COUNTED)
    upgrade(walless)
    upgrade(walless)  # and once more, which changes nothing
    with walless.connect() as connection:
        assert connection.execute(text("SELECT id, agency FROM throttle")).all() == [("somebody", "agency")]


@pytest.mark.postgresql
def test_what_was_counted_before_there_was_an_agency_is_forgotten(walless: Engine) -> None:
    _insert(walless, "throttle", _COUNTED)
    upgrade(walless)
    with walless.connect() as connection:
        assert connection.execute(text("SELECT id, agency FROM throttle")).all() == []


@pytest.mark.postgresql
def test_rows_of_two_agencies_without_a_wall_stop_the_migration(walless: Engine) -> None:
    _insert(walless, "person", _PERSON)
    _insert(walless, "person", _PERSON | {"id": "other", "agency": "another"})
    with pytest.raises(AgenciesMixed):
        upgrade(walless)
    with walless.connect() as connection:
        assert connection.execute(text("SELECT to_regclass('agency')")).scalar() is None


@pytest.mark.postgresql
def test_rows_of_nobody_stop_the_migration_and_are_kept(walless: Engine) -> None:
    _insert(walless, "first_run_code", {"hash": "h", "made_at": AT})
    with pytest.raises(IntegrityError):
        upgrade(walless)
    with walless.connect() as connection:
        assert len(connection.execute(text("SELECT * FROM first_run_code")).all()) == 1


@pytest.mark.postgresql
def test_a_role_that_is_not_there_stops_the_migration(walless: Engine) -> None:
    with pytest.raises(RoleMissing):
        upgrade(walless, role="nobody_of_this_name")
