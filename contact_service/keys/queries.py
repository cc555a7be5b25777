"""Finds keys and opens what they sealed.  Takes a session, because ``work`` stands above."""

import hmac
from collections.abc import Mapping
from typing import TypeVar

import rfc8785
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy import LargeBinary, bindparam
from sqlmodel import Session, col, select

from contact_service.keys.errors import KeyMissing, SealedTextDamaged
from contact_service.keys.provider import KeyProvider
from contact_service.keys.stored import (
    CaseKey,
    PersonKey,
    Root,
    StoredCaseKey,
    StoredPersonKey,
    StoredRoot,
)
from contact_service.keys.tables import AgencyRoot, CaseKeyRow, PersonKeyRow
from contact_service.keys.wrapping import KEY_ID_BYTES, NONCE_BYTES

Person = TypeVar("Person", bound=str)

SEALED_FORMAT = b"\x01"
_HEAD_BYTES = len(SEALED_FORMAT) + KEY_ID_BYTES
# Built once.  Every key comes with its root in the same look, as proof that it still stands.
_CASE_KEYS = (
    select(CaseKeyRow, AgencyRoot)
    .outerjoin(
        AgencyRoot,
        (col(AgencyRoot.agency) == CaseKeyRow.agency) & (col(AgencyRoot.version) == CaseKeyRow.root_version),
    )
    .where(col(CaseKeyRow.agency) == bindparam("of_agency"), col(CaseKeyRow.log) == bindparam("of_log"))
    .where(col(CaseKeyRow.case_ref) == bindparam("of_case"))
    .order_by(col(CaseKeyRow.epoch))
)
_PERSON_KEYS = (
    select(PersonKeyRow, AgencyRoot)
    .outerjoin(
        AgencyRoot,
        (col(AgencyRoot.agency) == PersonKeyRow.agency)
        & (col(AgencyRoot.version) == PersonKeyRow.root_version),
    )
    .order_by(col(PersonKeyRow.epoch))
)
_SOME_PERSON_KEYS = _PERSON_KEYS.where(
    col(PersonKeyRow.key_id).in_(bindparam("of_keys", expanding=True, type_=LargeBinary))
)
_PERSON_KEY = _PERSON_KEYS.where(col(PersonKeyRow.key_id) == bindparam("of_key"))
_KEYS_OF_PERSON = _PERSON_KEYS.where(
    col(PersonKeyRow.agency) == bindparam("of_agency"), col(PersonKeyRow.person) == bindparam("of_person")
)


def demand_provider(session: Session, provider: KeyProvider, *, agency: str) -> None:
    """Raise ``KekMismatch`` when the agency's root is wrapped by another provider key.

    For a process that starts.
    """
    newest_root(session, provider, agency=agency)


def newest_root(session: Session, provider: KeyProvider, *, agency: str) -> Root | None:
    """The agency's root key in force, None before the first; raise ``KekMismatch``."""
    newest = col(AgencyRoot.version).desc()
    row = session.exec(select(AgencyRoot).where(AgencyRoot.agency == agency).order_by(newest)).first()
    return _opened_root(row, provider) if row else None


def root(session: Session, provider: KeyProvider, *, agency: str, version: int) -> Root:
    """The agency's root key of ``version``; raise ``KeyMissing`` or ``KekMismatch``."""
    row = session.get(AgencyRoot, (agency, version))
    if row is None:
        raise KeyMissing
    return _opened_root(row, provider)


def search_digests(
    session: Session, provider: KeyProvider, *, agency: str, purpose: str, text: str
) -> list[bytes]:
    """HMAC-SHA256 of ``text`` under a key derived from each root of the agency, newest first.

    Store the first and look for all: what was stored before a rotation is still found.  Empty before the first root.
    """
    newest = col(AgencyRoot.version).desc()
    rows = session.exec(select(AgencyRoot).where(AgencyRoot.agency == agency).order_by(newest))
    found = [_search_key(_opened_root(row, provider), purpose) for row in rows]
    return [hmac.digest(key, text.encode(), "sha256") for key in found]


def _search_key(root: Root, purpose: str) -> bytes:
    info = b"contact-service/search/1/" + purpose.encode()
    return HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=info).derive(root.key)


def newest_case_key(
    session: Session, provider: KeyProvider, *, agency: str, case: str, log: str
) -> CaseKey | None:
    """The case's key in force in this log, None before the first."""
    rows = _case_rows(session, agency=agency, case=case, log=log)
    return rows[-1].opened(provider.key_in(rows[-1])) if rows else None


def case_keys(session: Session, provider: KeyProvider, *, agency: str, case: str, log: str) -> list[CaseKey]:
    """Every key the case ever had in this log, oldest epoch first."""
    rows = _case_rows(session, agency=agency, case=case, log=log)
    return [row.opened(provider.key_in(row)) for row in rows]


def newest_person_key(
    session: Session, provider: KeyProvider, *, agency: str, person: str
) -> PersonKey | None:
    """The person's key in force, None before the first."""
    values = {"of_agency": agency, "of_person": person}
    rows = session.connection().execute(_KEYS_OF_PERSON, values).all()
    return _person_key(StoredPersonKey.of(rows[-1]), provider) if rows else None


def open_for_person(
    session: Session, provider: KeyProvider, *, agency: str, person: str, sealed: bytes, field: str
) -> bytes:
    """Return what ``actions.seal_for_person`` sealed for this person and field.

    Raises ``KeyMissing`` when the person's key is gone and ``SealedTextDamaged`` when anything else differs.
    """
    if len(sealed) < _HEAD_BYTES + NONCE_BYTES or not sealed.startswith(SEALED_FORMAT):
        raise SealedTextDamaged
    values = {"of_key": sealed[len(SEALED_FORMAT) : _HEAD_BYTES]}
    row = session.connection().execute(_PERSON_KEY, values).first()
    if row is None:
        raise KeyMissing
    key = _person_key(StoredPersonKey.of(row), provider)
    return _opened(key, sealed, agency=agency, person=person, field=field)


def open_for_each(
    session: Session, provider: KeyProvider, *, agency: str, sealed: Mapping[Person, bytes], field: str
) -> dict[Person, bytes]:
    """What was sealed for each person and this field, with one look for all their keys.

    Whose key is gone is left out; raises ``SealedTextDamaged`` when anything else differs.
    """
    if any(len(s) < _HEAD_BYTES + NONCE_BYTES or not s.startswith(SEALED_FORMAT) for s in sealed.values()):
        raise SealedTextDamaged
    ids = {person: text[len(SEALED_FORMAT) : _HEAD_BYTES] for person, text in sealed.items()}
    rows = session.connection().execute(_SOME_PERSON_KEYS, {"of_keys": list(set(ids.values()))})
    found = {row.key_id: row for row in map(StoredPersonKey.of, rows)}
    return {
        person: _opened(
            _person_key(found[key], provider), sealed[person], agency=agency, person=person, field=field
        )
        for person, key in ids.items()
        if key in found
    }


def _opened(key: PersonKey, sealed: bytes, *, agency: str, person: str, field: str) -> bytes:
    bound = field_context(key, agency=agency, person=person, field=field)
    nonce, ciphertext = sealed[_HEAD_BYTES : _HEAD_BYTES + NONCE_BYTES], sealed[_HEAD_BYTES + NONCE_BYTES :]
    try:
        return AESGCM(key.key).decrypt(nonce, ciphertext, bound)
    except InvalidTag:
        raise SealedTextDamaged from None


def field_context(key: PersonKey, *, agency: str, person: str, field: str) -> bytes:
    """The canonical bytes that a sealed field is bound to."""
    facts: dict[str, str | int] = {
        "agency": agency,
        "epoch": key.epoch,
        "field": field,
        "key": key.key_id.hex(),
        "person": person,
    }
    return rfc8785.dumps(facts)


def _opened_root(row: AgencyRoot, provider: KeyProvider) -> Root:
    return Root(agency=row.agency, version=row.version, key=provider.root_in(StoredRoot(**row.model_dump())))


def _person_key(row: StoredPersonKey, provider: KeyProvider) -> PersonKey:
    return PersonKey(key_id=row.key_id, epoch=row.epoch, key=provider.key_in(row))


def _case_rows(session: Session, *, agency: str, case: str, log: str) -> list[StoredCaseKey]:
    # Not through the session: it would hand out a row seen earlier, which another transaction may have moved on since.
    values = {"of_agency": agency, "of_log": log, "of_case": case}
    return [StoredCaseKey.of(row) for row in session.connection().execute(_CASE_KEYS, values)]
