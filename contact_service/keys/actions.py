"""Makes, rotates and uses keys.  Runs inside the caller's transaction; the caller records and commits."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import bindparam, inspect
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, SQLModel, col, delete, select, update

from contact_service.keys import queries, wrapping
from contact_service.keys.errors import KeyMissing
from contact_service.keys.provider import KeyProvider
from contact_service.keys.stored import (
    ROOT_PURPOSE,
    CaseKey,
    PersonKey,
    Root,
    StoredCaseKey,
    StoredKey,
    StoredPersonKey,
    StoredRoot,
    case_key_purpose,
    person_key_purpose,
)
from contact_service.keys.tables import AgencyRoot, CaseKeyRow, PersonKeyRow
from contact_service.keys.wrapping import KEY_BYTES, KEY_ID_BYTES, NONCE_BYTES, Label

_MOVE_CHAIN = update(CaseKeyRow).where(col(CaseKeyRow.key_id) == bindparam("of_key"))


def insert_if_new(session: Session, table: type[SQLModel], values: dict[str, Any]) -> None:
    """Insert a row unless one with the same key stands; wait for a racing transaction rather than fail."""
    session.exec(_insert(session, table).values(values).on_conflict_do_nothing())


def insert_or(
    session: Session, table: type[SQLModel], values: dict[str, Any], instead: dict[str, Any]
) -> None:
    """Insert a row, or change as ``instead`` says the one of the same primary key; wait for a racing transaction."""
    key = inspect(table).primary_key
    session.exec(
        _insert(session, table).values(values).on_conflict_do_update(index_elements=key, set_=instead)
    )


def _insert(session: Session, table: type[SQLModel]) -> postgresql.Insert | sqlite.Insert:
    if session.get_bind().dialect.name == "postgresql":
        return postgresql.insert(table)
    return sqlite.insert(table)


def create_agency_root(session: Session, provider: KeyProvider, agency: str) -> None:
    """See to it that the agency has a root key; one that stands is kept.  Raises ``KekMismatch``."""
    _root(session, provider, agency)


def case_key(session: Session, provider: KeyProvider, *, agency: str, case: str, log: str) -> CaseKey:
    """The case's key in this log; random, made at first use, and then ``created`` says so."""
    if (found := queries.newest_case_key(session, provider, agency=agency, case=case, log=log)) is not None:
        return found
    key_id = secrets.token_bytes(KEY_ID_BYTES)
    _insert_case_key(session, _root(session, provider, agency), key_id=key_id, case=case, log=log)
    kept = queries.newest_case_key(session, provider, agency=agency, case=case, log=log)
    assert kept is not None
    return replace(kept, created=kept.key_id == key_id)


def note_entries(session: Session, ends: Mapping[bytes, Mapping[str, Any]]) -> None:
    """Write down where each case's chain stands: by key id, ``entries`` so far and ``last_leaf``."""
    session.connection().execute(_MOVE_CHAIN, [{"of_key": key_id, **end} for key_id, end in ends.items()])


def seal_for_person(
    session: Session, provider: KeyProvider, *, agency: str, person: str, plaintext: bytes, field: str
) -> bytes:
    """Return ``plaintext`` under the person's key, which is made at first use.

    The bytes are format, key id, nonce, ciphertext; ``queries.open_for_person`` opens them.
    """
    key = _person_key(session, provider, agency=agency, person=person)
    nonce = secrets.token_bytes(NONCE_BYTES)
    bound = queries.field_context(key, agency=agency, person=person, field=field)
    return queries.SEALED_FORMAT + key.key_id + nonce + AESGCM(key.key).encrypt(nonce, plaintext, bound)


def shred_person(session: Session, *, agency: str, person: str) -> int:
    """Destroy every key of a person, so that nothing sealed for them can be opened again; return how many."""
    wanted = (col(PersonKeyRow.agency) == agency, col(PersonKeyRow.person) == person)
    return session.exec(delete(PersonKeyRow).where(*wanted)).rowcount


def rotate_agency_root(session: Session, provider: KeyProvider, *, agency: str) -> int:
    """Make a new root and wrap every case and person key under it; return its version.

    Nothing that was sealed changes.  The caller holds the heads of the agency's logs (``audit.queries.locked_head``):
    an append locks the head first and then the keys, and the other way round the two would wait for each other.
    """
    if (old := queries.newest_root(session, provider, agency=agency)) is None:
        raise KeyMissing
    new = _new_root(session, provider, agency=agency, version=old.version + 1)
    _rewrap(session, provider, new)
    session.flush()
    return new.version


def change_provider(session: Session, *, agency: str, old: KeyProvider, new: KeyProvider) -> None:
    """Wrap every root of the agency under ``new``.  What ``old`` derived is not carried over."""
    rows: Sequence[AgencyRoot] = session.exec(select(AgencyRoot).where(AgencyRoot.agency == agency)).all()
    for row in rows:
        root = queries.root(session, old, agency=agency, version=row.version)
        row.wrapped = new.wrap(
            root.key, purpose=ROOT_PURPOSE, agency=agency, key_id=row.key_id, version=row.version
        )
        row.provider_key_id = new.key_id
    session.flush()


def _root(session: Session, provider: KeyProvider, agency: str) -> Root:
    found = queries.newest_root(session, provider, agency=agency)
    return found or _new_root(session, provider, agency=agency, version=1)


def _new_root(session: Session, provider: KeyProvider, *, agency: str, version: int) -> Root:
    key, key_id = secrets.token_bytes(KEY_BYTES), secrets.token_bytes(KEY_ID_BYTES)
    wrapped = provider.wrap(key, purpose=ROOT_PURPOSE, agency=agency, key_id=key_id, version=version)
    values = {"agency": agency, "version": version, "key_id": key_id, "wrapped": wrapped}
    insert_if_new(session, AgencyRoot, values | {"provider_key_id": provider.key_id})
    return queries.root(session, provider, agency=agency, version=version)


def _insert_case_key(session: Session, root: Root, *, key_id: bytes, case: str, log: str) -> None:
    purpose = case_key_purpose(log=log, case=case, epoch=1)
    values = {"key_id": key_id, "log": log, "case_ref": case, "entries": 0}
    insert_if_new(session, CaseKeyRow, values | _new_key(root, purpose=purpose, key_id=key_id))


def _person_key(session: Session, provider: KeyProvider, *, agency: str, person: str) -> PersonKey:
    found = queries.newest_person_key(session, provider, agency=agency, person=person)
    if found is not None:
        return found
    root, key_id = _root(session, provider, agency), secrets.token_bytes(KEY_ID_BYTES)
    purpose = person_key_purpose(person=person, epoch=1)
    values = {"key_id": key_id, "person": person} | _new_key(root, purpose=purpose, key_id=key_id)
    insert_if_new(session, PersonKeyRow, values)
    kept = queries.newest_person_key(session, provider, agency=agency, person=person)
    assert kept is not None
    return kept


def _new_key(root: Root, *, purpose: str, key_id: bytes) -> dict[str, Any]:
    """The columns that case keys and person keys share, with a random key in them."""
    label = Label(purpose=purpose, agency=root.agency, key_id=key_id, version=root.version)
    wrapped = _wrapped(secrets.token_bytes(KEY_BYTES), root=root, label=label)
    return {"agency": root.agency, "epoch": 1, "root_version": root.version, "wrapped": wrapped}


def _rewrap(session: Session, provider: KeyProvider, new: Root) -> None:
    """Wrap every case and person key of the agency under ``new``."""
    of_agency = select(AgencyRoot).where(AgencyRoot.agency == new.agency)
    roots = {row.version: StoredRoot(**row.model_dump()) for row in session.exec(of_agency)}
    cases = session.exec(select(CaseKeyRow).where(CaseKeyRow.agency == new.agency))
    people = session.exec(select(PersonKeyRow).where(PersonKeyRow.agency == new.agency))
    rows: list[tuple[CaseKeyRow | PersonKeyRow, type[StoredKey]]] = [(row, StoredCaseKey) for row in cases]
    rows += [(row, StoredPersonKey) for row in people]
    for row, stored in rows:
        old = stored(**row.model_dump(exclude={"root_version"}), root=roots.get(row.root_version))
        row.wrapped = _wrapped(provider.key_in(old), root=new, label=old.label_under(new.version))
        row.root_version = new.version


def _wrapped(key: bytes, *, root: Root, label: Label) -> bytes:
    return wrapping.wrap(key, under=root.key, label=label, nonce=secrets.token_bytes(NONCE_BYTES))
