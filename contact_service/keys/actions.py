"""Makes, rotates and uses keys.  Runs inside the caller's transaction; the caller records and commits."""

import secrets
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import bindparam
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, SQLModel, col, select, update

from contact_service.keys import queries, wrapping
from contact_service.keys.errors import KeyMissing
from contact_service.keys.provider import KeyProvider
from contact_service.keys.queries import CaseKey, PersonKey, Root, StoredCaseKey
from contact_service.keys.tables import AgencyRoot, CaseKeyRow, PersonKeyRow
from contact_service.keys.wrapping import KEY_BYTES, KEY_ID_BYTES, NONCE_BYTES

_MOVE_CHAIN = update(CaseKeyRow).where(col(CaseKeyRow.key_id) == bindparam("of_key"))


def insert_if_new(session: Session, table: type[SQLModel], values: dict[str, Any]) -> None:
    """Insert a row unless one with the same key stands; wait for a racing transaction rather than fail."""
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    session.exec(dialect.insert(table).values(values).on_conflict_do_nothing())


def create_agency_root(session: Session, provider: KeyProvider, agency: str) -> None:
    """See to it that the agency has a root key; one that stands is kept.  Raises ``KekMismatch``."""
    _root(session, provider, agency)


def case_key(session: Session, provider: KeyProvider, *, agency: str, case: str, log: str) -> CaseKey:
    """The case's key in this log; random, made at first use, and then ``created`` says so."""
    found = queries.newest_case_key(session, provider, agency=agency, case=case, log=log)
    if found is not None:
        return found
    root = _root(session, provider, agency)
    key, key_id = secrets.token_bytes(KEY_BYTES), secrets.token_bytes(KEY_ID_BYTES)
    row = StoredCaseKey(
        key_id=key_id, agency=agency, log=log, case_ref=case, epoch=1, root_version=root.version
    )
    wrapped = _wrapped(key, root=root, label=queries.case_label(row))
    insert_if_new(session, CaseKeyRow, vars(row) | {"wrapped": wrapped})
    kept = queries.newest_case_key(session, provider, agency=agency, case=case, log=log)
    assert kept is not None
    return CaseKey(**vars(kept) | {"created": kept.key_id == key_id})


def note_entries(session: Session, chains: Sequence[CaseKey]) -> None:
    """Write down where each case's chain stands."""
    values = [
        {"of_key": chain.key_id, "entries": chain.entries, "last_leaf": chain.last_leaf} for chain in chains
    ]
    session.connection().execute(_MOVE_CHAIN, values)


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


def rotate_agency_root(session: Session, provider: KeyProvider, *, agency: str) -> int:
    """Make a new root and wrap every case and person key under it; return its version.

    Nothing that was sealed changes.
    """
    if (old := queries.newest_root(session, provider, agency=agency)) is None:
        raise KeyMissing
    new = _new_root(session, provider, agency=agency, version=old.version + 1)
    _rewrap_case_keys(session, provider, new)
    _rewrap_person_keys(session, provider, new)
    session.flush()
    return new.version


def change_provider(session: Session, *, agency: str, old: KeyProvider, new: KeyProvider) -> None:
    """Wrap every root of the agency under ``new``.  What ``old`` derived is not carried over."""
    rows: Sequence[AgencyRoot] = session.exec(select(AgencyRoot).where(AgencyRoot.agency == agency)).all()
    for row in rows:
        root = queries.root(session, old, agency=agency, version=row.version)
        row.wrapped = new.wrap(
            root.key, purpose=queries.ROOT_PURPOSE, agency=agency, key_id=row.key_id, version=row.version
        )
        row.provider_key_id = new.key_id
    session.flush()


def _root(session: Session, provider: KeyProvider, agency: str) -> Root:
    found = queries.newest_root(session, provider, agency=agency)
    return found or _new_root(session, provider, agency=agency, version=1)


def _new_root(session: Session, provider: KeyProvider, *, agency: str, version: int) -> Root:
    key, key_id = secrets.token_bytes(KEY_BYTES), secrets.token_bytes(KEY_ID_BYTES)
    wrapped = provider.wrap(key, purpose=queries.ROOT_PURPOSE, agency=agency, key_id=key_id, version=version)
    values = {"agency": agency, "version": version, "key_id": key_id, "wrapped": wrapped}
    insert_if_new(session, AgencyRoot, values | {"provider_key_id": provider.key_id})
    return queries.root(session, provider, agency=agency, version=version)


def _person_key(session: Session, provider: KeyProvider, *, agency: str, person: str) -> PersonKey:
    wanted = (PersonKeyRow.agency == agency, PersonKeyRow.person == person)
    newest = select(PersonKeyRow).where(*wanted).order_by(col(PersonKeyRow.epoch).desc())
    if (row := session.exec(newest).first()) is None:
        root = _root(session, provider, agency)
        key_id = secrets.token_bytes(KEY_ID_BYTES)
        made = PersonKeyRow(
            key_id=key_id, agency=agency, person=person, epoch=1, root_version=root.version, wrapped=b""
        )
        made.wrapped = _wrapped(secrets.token_bytes(KEY_BYTES), root=root, label=queries.person_label(made))
        insert_if_new(session, PersonKeyRow, made.model_dump())
        row = session.exec(newest).one()
    return queries.opened_person_key(session, provider, row)


def _rewrap_case_keys(session: Session, provider: KeyProvider, new: Root) -> None:
    for row in session.exec(select(CaseKeyRow).where(CaseKeyRow.agency == new.agency)):
        old = StoredCaseKey(**row.model_dump())
        key = queries.opened_case_key(session, provider, old).key
        label = queries.case_label(replace(old, root_version=new.version))
        row.root_version, row.wrapped = new.version, _wrapped(key, root=new, label=label)


def _rewrap_person_keys(session: Session, provider: KeyProvider, new: Root) -> None:
    for row in session.exec(select(PersonKeyRow).where(PersonKeyRow.agency == new.agency)):
        key = queries.opened_person_key(session, provider, row).key
        row.root_version = new.version
        row.wrapped = _wrapped(key, root=new, label=queries.person_label(row))


def _wrapped(key: bytes, *, root: Root, label: wrapping.Label) -> bytes:
    return wrapping.wrap(key, under=root.key, label=label, nonce=secrets.token_bytes(NONCE_BYTES))
