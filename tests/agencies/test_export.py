"""What an agency takes away is everything it owns, in words anybody can read, and nothing of another agency."""

import hashlib
import json
import re
import stat
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import text

from contact_service import actor
from contact_service.agencies.actions import record_export
from contact_service.agencies.export import LEFT_OUT, LEFT_OUT_COLUMNS, SEALED_AS
from contact_service.agencies.folder import write_export
from contact_service.audit.events import AGENCY_CASE, EventType
from contact_service.audit.note import create_signer
from contact_service.audit.sealer import Seal, seal_once
from contact_service.audit.verifier import verify
from contact_service.database import metadata
from contact_service.errors import BadInput
from contact_service.people.actions.forgetting import forget
from contact_service.wall import BESIDE
from contact_service.work import read
from tests.agencies.conftest import Two
from tests.cast import House


def export(house: House, folder: Path) -> dict[str, list[dict[str, object]]]:
    """The folder as a reader with a text editor sees it: each file of lines by name."""
    with read(house.installation, actor.COMMAND_LINE) as work:
        write_export(work, folder)
    return {
        str(path.relative_to(folder)): [json.loads(line) for line in path.read_text("utf-8").splitlines()]
        for path in folder.rglob("*.jsonl")
    }


def test_every_row_that_is_not_left_out_stands_in_the_folder(house: House, tmp_path: Path) -> None:
    house.live()
    found = export(house, tmp_path / "out")
    with house.installation.engine.connect() as connection:
        for name in metadata.tables.keys() - BESIDE.keys() - LEFT_OUT.keys():
            count = connection.execute(text(f'SELECT count(*) FROM "{name}"')).scalar_one()  # noqa: S608
            assert len(found[f"tables/{name}.jsonl"]) == count, name
    assert len(found["tables/visit.jsonl"]) == 1


def test_words_are_opened_and_secrets_are_left_where_they_are(house: House, tmp_path: Path) -> None:
    found = export(house, tmp_path / "out")
    names = {row["words"]["name"] for row in found["tables/person.jsonl"]}  # type: ignore[index]
    assert any("Mia" in name for name in names)
    everything = "".join(path.read_text("utf-8") for path in (tmp_path / "out").rglob("*.jsonl"))
    for secret in ("argon2", "password_hash", "secret_hash", '"sealed"', "wrapped"):
        assert secret not in everything


def test_the_list_of_files_says_what_each_one_is_and_only_the_owner_may_read(
    house: House, tmp_path: Path
) -> None:
    folder = tmp_path / "out"
    export(house, folder)
    told = json.loads((folder / "manifest.json").read_text("utf-8"))
    listed = {file["name"]: file for file in told["files"]}
    there = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
    assert there == listed.keys() | {"manifest.json"}
    for name, file in listed.items():
        content = (folder / name).read_bytes()
        assert (len(content), hashlib.sha256(content).hexdigest()) == (file["size"], file["sha256"])
        assert stat.S_IMODE((folder / name).stat().st_mode) == 0o600
        assert not name.endswith(".jsonl") or file["rows"] == content.count(b"\n")
    assert told["left_out"] == LEFT_OUT
    assert all(len(reason) > 20 for reason in LEFT_OUT.values())


def test_the_evidence_can_be_checked_from_the_folder_alone(house: House, tmp_path: Path) -> None:
    house.live()
    with house.as_actor(actor.COMMAND_LINE) as work:
        record_export(work)
    signer, verifier = create_signer("tests.example/agency/contact")
    first = Seal(origin="tests.example/agency/contact", signer_key=signer, memory_path=tmp_path / "memory")
    for seal in (first, first.for_log("tests.example/agency/access")):
        seal_once(house.installation.engine, seal.origin, seal.signer_key, seal.memory_path)
    found = export(house, tmp_path / "out")
    report = verify(f"sqlite:///{tmp_path}/out/evidence.db", [verifier])
    assert report.fault is None, report.fault
    entries = {log.log: log.entries for log in report.logs}
    assert entries["tests.example/agency/contact"] == len(found["evidence/contact.jsonl"])
    types = {line["entry"]["type"] for line in found["evidence/contact.jsonl"]}  # type: ignore[index]
    assert {EventType.AGENCY_EXPORTED.value, EventType.VISIT_REQUESTED.value} <= types
    assert EventType.AGENCY_EXPORTED in {EventType(entry.type) for entry in house.entries(AGENCY_CASE)}


def test_who_was_forgotten_has_no_words_any_more(house: House, tmp_path: Path) -> None:
    with house.work(house.cast.karim) as work:
        forget(work, house.cast.viktor)
    found = export(house, tmp_path / "out")
    words = {row["id"]: row["words"] for row in found["tables/person.jsonl"]}
    assert words[house.cast.viktor] is None
    assert words[house.cast.mia] is not None


def test_a_folder_with_something_in_it_is_left_as_it_is(house: House, tmp_path: Path) -> None:
    (tmp_path / "letter").write_text("mine")
    with pytest.raises(BadInput, match="not empty"), read(house.installation, actor.COMMAND_LINE) as work:
        write_export(work, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["letter"]


def test_every_table_with_sealed_words_is_opened_or_left_out() -> None:
    sealed = {
        (table.name, column.name)
        for table in metadata.tables.values()
        for column in table.c
        if "sealed" in column.name and table.name not in LEFT_OUT
    }
    assert sealed == SEALED_AS.keys()
    assert LEFT_OUT.keys() <= metadata.tables.keys()


# What a column that holds a secret is called, and those of such a name that are none.
SECRET = re.compile("hash|secret|nonce|verifier|challenge|token|digest|code$|key$")
NO_SECRET = {
    ("busy_calendar", "digest"): "finds equal addresses, under a key that stays",
    ("channel", "digest"): "finds equal channels, under a key that stays",
    ("consent", "text_hash"): "says which words were agreed to",
    ("external_ref", "digest"): "finds equal names, under a key that stays",
    ("invitation", "device_key"): "the public half",
    ("outbox", "dedupe_key"): "says which message it is",
    ("plan_run", "digest"): "says which plan it was",
    ("plan_run_visit", "key"): "says which visit it is",
    ("resource", "key"): "says who or what is claimed",
    ("staff_passkey", "public_key"): "the public half",
}


def test_every_column_that_may_hold_a_secret_is_left_out_or_said_to_be_none() -> None:
    suspect = {
        (table.name, column.name)
        for table in metadata.tables.values()
        for column in table.c
        if SECRET.search(column.name) and table.name not in {*LEFT_OUT, *BESIDE}
    }
    assert {one for one in suspect if one[1] not in LEFT_OUT_COLUMNS} == NO_SECRET.keys()


@pytest.mark.postgresql
@pytest.mark.parametrize("as_owner", [False, True])
def test_an_export_holds_nothing_of_the_other_agency_even_for_the_owner_of_the_database(
    two: Two,
    tmp_path: Path,
    as_owner: bool,  # noqa: FBT001
) -> None:
    here = replace(two.south.installation, engine=two.owner) if as_owner else two.south.installation
    with read(here, actor.COMMAND_LINE) as work:
        write_export(work, tmp_path / "out")
    text_of_all = "".join(path.read_text("utf-8") for path in (tmp_path / "out").rglob("*.jsonl"))
    for theirs in (two.north.cast.mia, two.north.cast.case, two.north.cast.priya, "tests.example/north"):
        assert theirs not in text_of_all
    assert two.south.cast.mia in text_of_all
    assert b"tests.example/north" not in (tmp_path / "out" / "evidence.db").read_bytes()
