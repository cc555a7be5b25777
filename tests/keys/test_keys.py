"""The key tables, on both databases: made once, rotated without touching what they sealed, useless when moved."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import Engine, text
from sqlmodel import Session

from contact_service.keys import actions, queries
from contact_service.keys.errors import KekMismatch, KeyMissing, SealedTextDamaged, WrappedKeyDamaged
from contact_service.keys.key_file import OpenedKey
from contact_service.keys.provider import KeyProvider
from contact_service.keys.stored import CaseKey

KEYS = KeyProvider(OpenedKey(key=bytes(32), key_id=bytes(16)))
LOG = "log.example/kent/contact"


def sealed_name(
    engine: Engine, person: str = "p1", plaintext: bytes = b"Mia", keys: KeyProvider = KEYS
) -> bytes:
    with engine.begin() as connection, Session(connection) as session:
        return actions.seal_for_person(
            session, keys, agency="kent", person=person, plaintext=plaintext, field="name"
        )


def opened(
    engine: Engine, sealed: bytes, person: str = "p1", field: str = "name", keys: KeyProvider = KEYS
) -> bytes:
    with Session(engine) as session:
        return queries.open_for_person(
            session, keys, agency="kent", person=person, sealed=sealed, field=field
        )


def case_key(engine: Engine, case: str = "c1", keys: KeyProvider = KEYS) -> CaseKey:
    with engine.begin() as connection, Session(connection) as session:
        return actions.case_key(session, keys, agency="kent", case=case, log=LOG)


def test_a_sealed_name_opens_for_the_same_person_and_field_only(engine: Engine) -> None:
    sealed = sealed_name(engine)
    assert opened(engine, sealed) == b"Mia"
    assert b"Mia" not in sealed
    for person, field in (("p2", "name"), ("p1", "phone")):
        with pytest.raises(SealedTextDamaged):
            opened(engine, sealed, person, field)


def test_every_changed_byte_of_a_sealed_name_is_found(engine: Engine) -> None:
    sealed = sealed_name(engine)
    for at in range(len(sealed)):
        changed = bytearray(sealed)
        changed[at] ^= 1
        with pytest.raises((SealedTextDamaged, KeyMissing)):
            opened(engine, bytes(changed))
    for length in (0, 1, 17, 28):
        with pytest.raises(SealedTextDamaged):
            opened(engine, sealed[:length])


def test_each_person_has_one_key_and_it_is_kept(engine: Engine) -> None:
    first, second, other = sealed_name(engine), sealed_name(engine), sealed_name(engine, "p2")
    assert first[1:17] == second[1:17] != other[1:17]
    assert first != second


def test_a_person_whose_key_is_destroyed_cannot_be_read(engine: Engine) -> None:
    sealed = sealed_name(engine)
    with engine.begin() as connection:
        connection.execute(text("DELETE FROM person_key"))
    with pytest.raises(KeyMissing):
        opened(engine, sealed)


def test_a_case_key_is_made_once_and_says_so(engine: Engine) -> None:
    first, again, other = case_key(engine), case_key(engine), case_key(engine, "c2")
    assert (first.created, again.created) == (True, False)
    assert first.key == again.key != other.key
    assert len(first.key) == 32


def test_no_key_is_stored_bare(engine: Engine) -> None:
    key = case_key(engine).key
    sealed_name(engine)
    with engine.connect() as connection:
        for table in ("agency_root", "case_key", "person_key"):
            for row in connection.execute(text(f"SELECT * FROM {table}")):  # noqa: S608  a constant
                assert key not in b"|".join(value for value in row if isinstance(value, bytes))


def test_first_use_by_many_at_once_makes_one_key(engine: Engine) -> None:
    with ThreadPoolExecutor(6) as pool:
        keys = list(pool.map(lambda _: case_key(engine).key, range(6)))
        names = list(pool.map(lambda _: sealed_name(engine)[1:17], range(6)))
    assert len(set(keys)) == len(set(names)) == 1


def test_rotation_of_root_and_provider_three_times_keeps_everything_opening(engine: Engine) -> None:
    sealed, key, keys = sealed_name(engine), case_key(engine).key, KEYS
    for turn in range(1, 4):
        new = KeyProvider(OpenedKey(key=bytes([turn]) * 32, key_id=bytes([turn]) * 16))
        with engine.begin() as connection, Session(connection) as session:
            assert actions.rotate_agency_root(session, keys, agency="kent") == turn + 1
            actions.change_provider(session, agency="kent", old=keys, new=new)
        assert opened(engine, sealed, keys=new) == b"Mia"
        assert case_key(engine, keys=new).key == key
        with pytest.raises(KekMismatch):
            opened(engine, sealed, keys=KeyProvider(OpenedKey(key=bytes(32), key_id=b"\xff" * 16)))
        keys = new


def test_an_old_root_is_not_needed_after_rotation(engine: Engine) -> None:
    sealed = sealed_name(engine)
    with engine.begin() as connection, Session(connection) as session:
        actions.rotate_agency_root(session, KEYS, agency="kent")
        session.connection().execute(text("DELETE FROM agency_root WHERE version = 1"))
    fresh = KeyProvider(OpenedKey(key=bytes(32), key_id=bytes(16)))
    assert opened(engine, sealed, keys=fresh) == b"Mia"


def test_a_database_of_another_key_file_is_refused_at_start(engine: Engine) -> None:
    other = KeyProvider(OpenedKey(key=b"\1" * 32, key_id=b"\1" * 16))
    with engine.begin() as connection, Session(connection) as session:
        queries.demand_provider(session, KEYS, agency="kent")
        actions.create_agency_root(session, KEYS, "kent")
        actions.create_agency_root(session, KEYS, "kent")
        queries.demand_provider(session, KEYS, agency="kent")
        with pytest.raises(KekMismatch):
            queries.demand_provider(session, other, agency="kent")
    with pytest.raises(KekMismatch):
        sealed_name(engine, keys=other)


@pytest.mark.parametrize("column", ["wrapped", "case_ref", "epoch", "root_version", "key_id"])
def test_a_case_key_row_that_was_changed_is_refused(engine: Engine, column: str) -> None:
    key = case_key(engine)
    value = {"case_ref": "c9", "epoch": 2, "root_version": 1}.get(
        column, bytes(16 if column == "key_id" else 60)
    )
    with engine.begin() as connection, Session(connection) as session:
        actions.rotate_agency_root(session, KEYS, agency="kent")
    with engine.begin() as connection:
        connection.execute(text(f"UPDATE case_key SET {column} = :value"), {"value": value})  # noqa: S608  a constant
    fresh = KeyProvider(OpenedKey(key=bytes(32), key_id=bytes(16)))
    with pytest.raises(WrappedKeyDamaged):
        case_key(engine, "c9" if column == "case_ref" else key.case, keys=fresh)


def test_rotating_what_does_not_exist_is_refused(engine: Engine) -> None:
    with Session(engine) as session, pytest.raises(KeyMissing):
        actions.rotate_agency_root(session, KEYS, agency="kent")


def test_a_destroyed_or_replaced_key_bites_at_once_though_it_is_remembered(engine: Engine) -> None:
    sealed, key = sealed_name(engine), case_key(engine)
    assert opened(engine, sealed) == b"Mia"
    with engine.begin() as connection:
        connection.execute(text("DELETE FROM person_key"))
        connection.execute(text("UPDATE case_key SET wrapped = :other"), {"other": bytes(60)})
    with pytest.raises(KeyMissing):
        opened(engine, sealed)
    with pytest.raises(WrappedKeyDamaged):
        case_key(engine)
    with engine.begin() as connection:
        connection.execute(text("DELETE FROM case_key"))
    assert case_key(engine).key != key.key


def test_a_destroyed_root_takes_every_key_with_it_at_once(engine: Engine) -> None:
    sealed, _ = sealed_name(engine), case_key(engine)
    with engine.begin() as connection:
        connection.execute(text("DELETE FROM agency_root"))
    with pytest.raises(KeyMissing):
        opened(engine, sealed)
    with pytest.raises(KeyMissing):
        case_key(engine)


def test_a_rotation_leaves_no_older_wrapping_in_memory(engine: Engine) -> None:
    provider = KeyProvider(OpenedKey(key=bytes(32), key_id=bytes(16)))
    case_key(engine, keys=provider)
    before = dict(provider._remembered)
    with engine.begin() as connection, Session(connection) as session:
        actions.rotate_agency_root(session, provider, agency="kent")
    case_key(engine, keys=provider)
    kept = before.keys() & provider._remembered.keys()
    assert [key_id for key_id in kept if provider._remembered[key_id][0] == before[key_id][0]] == [
        key_id for key_id in before if key_id not in case_key_ids(engine)
    ]


def case_key_ids(engine: Engine) -> set[bytes]:
    with engine.connect() as connection:
        return set(connection.execute(text("SELECT key_id FROM case_key")).scalars())


def test_a_root_whose_wrapping_was_changed_opens_nothing_though_all_is_remembered(engine: Engine) -> None:
    sealed, _ = sealed_name(engine), case_key(engine)
    with engine.begin() as connection:
        connection.execute(text("UPDATE agency_root SET wrapped = :other"), {"other": bytes(60)})
    with pytest.raises(WrappedKeyDamaged):
        opened(engine, sealed)
    with pytest.raises(WrappedKeyDamaged):
        case_key(engine)
