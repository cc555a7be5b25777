"""Finds keys and opens what they sealed.  Takes a session, because ``work`` stands above."""

from dataclasses import dataclass

import rfc8785
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import bindparam
from sqlmodel import Session, col, select

from contact_service.keys import wrapping
from contact_service.keys.errors import KekMismatch, KeyMissing, SealedTextDamaged
from contact_service.keys.provider import KeyProvider
from contact_service.keys.tables import AgencyRoot, CaseKeyRow, PersonKeyRow
from contact_service.keys.wrapping import KEY_ID_BYTES, NONCE_BYTES, Label

ROOT_PURPOSE = "agency-root/1"
SEALED_FORMAT = b"\x01"
# Built once: every change looks for a case's key.
_CASE_KEYS = (
    select(CaseKeyRow)
    .where(col(CaseKeyRow.agency) == bindparam("of_agency"), col(CaseKeyRow.log) == bindparam("of_log"))
    .where(col(CaseKeyRow.case_ref) == bindparam("of_case"))
    .order_by(col(CaseKeyRow.epoch))
)
_HEAD_BYTES = len(SEALED_FORMAT) + KEY_ID_BYTES


@dataclass(frozen=True, kw_only=True)
class Root:
    """An agency's root key of one version."""

    agency: str
    version: int
    key: bytes


@dataclass(frozen=True, kw_only=True)
class StoredCaseKey:
    """A row of ``case_key`` as it stands.  Cheaper than the row object on the path every change takes."""

    key_id: bytes
    agency: str
    log: str
    case_ref: str
    epoch: int
    root_version: int
    wrapped: bytes = b""
    entries: int = 0
    last_leaf: bytes | None = None


@dataclass(frozen=True, kw_only=True)
class CaseKey:
    """A case's unwrapped key of one epoch, and its chain: entries so far, leaf hash of the last."""

    key_id: bytes
    case: str
    epoch: int
    key: bytes
    entries: int
    last_leaf: bytes | None
    created: bool = False


@dataclass(frozen=True, kw_only=True)
class PersonKey:
    """A person's unwrapped key of one epoch."""

    key_id: bytes
    epoch: int
    key: bytes


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


def newest_case_key(
    session: Session, provider: KeyProvider, *, agency: str, case: str, log: str
) -> CaseKey | None:
    """The case's key in force in this log, None before the first."""
    rows = _case_rows(session, agency=agency, case=case, log=log)
    return opened_case_key(session, provider, rows[-1]) if rows else None


def case_keys(session: Session, provider: KeyProvider, *, agency: str, case: str, log: str) -> list[CaseKey]:
    """Every key the case ever had in this log, oldest epoch first."""
    rows = _case_rows(session, agency=agency, case=case, log=log)
    return [opened_case_key(session, provider, row) for row in rows]


def opened_case_key(session: Session, provider: KeyProvider, row: StoredCaseKey) -> CaseKey:
    """The unwrapped key of ``row``; raise ``KekMismatch`` or ``WrappedKeyDamaged``."""
    key = _unwrapped(session, provider, wrapped=row.wrapped, label=case_label(row))
    return CaseKey(
        key_id=row.key_id,
        case=row.case_ref,
        epoch=row.epoch,
        key=key,
        entries=row.entries,
        last_leaf=row.last_leaf,
    )


def opened_person_key(session: Session, provider: KeyProvider, row: PersonKeyRow) -> PersonKey:
    """The unwrapped key of ``row``; raise ``KekMismatch`` or ``WrappedKeyDamaged``."""
    key = _unwrapped(session, provider, wrapped=row.wrapped, label=person_label(row))
    return PersonKey(key_id=row.key_id, epoch=row.epoch, key=key)


def open_for_person(
    session: Session, provider: KeyProvider, *, agency: str, person: str, sealed: bytes, field: str
) -> bytes:
    """Return what ``actions.seal_for_person`` sealed for this person and field.

    Raises ``KeyMissing`` when the person's key is gone and ``SealedTextDamaged`` when anything else differs.
    """
    if len(sealed) < _HEAD_BYTES + NONCE_BYTES or not sealed.startswith(SEALED_FORMAT):
        raise SealedTextDamaged
    row = session.get(PersonKeyRow, sealed[len(SEALED_FORMAT) : _HEAD_BYTES])
    if row is None:
        raise KeyMissing
    key = opened_person_key(session, provider, row)
    bound = field_context(key, agency=agency, person=person, field=field)
    nonce, ciphertext = sealed[_HEAD_BYTES : _HEAD_BYTES + NONCE_BYTES], sealed[_HEAD_BYTES + NONCE_BYTES :]
    try:
        return AESGCM(key.key).decrypt(nonce, ciphertext, bound)
    except InvalidTag:
        raise SealedTextDamaged from None


def case_label(row: StoredCaseKey) -> Label:
    """What a case key is bound to: agency, log, case, epoch, its own id and the root's version."""
    purpose = f"case-key/1/{row.log}/{row.case_ref}/{row.epoch}"
    return Label(purpose=purpose, agency=row.agency, key_id=row.key_id, version=row.root_version)


def person_label(row: PersonKeyRow) -> Label:
    """What a person key is bound to: agency, person, epoch, its own id and the root's version."""
    purpose = f"person-key/1/{row.person}/{row.epoch}"
    return Label(purpose=purpose, agency=row.agency, key_id=row.key_id, version=row.root_version)


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


def _unwrapped(session: Session, provider: KeyProvider, *, wrapped: bytes, label: Label) -> bytes:
    def unwrap() -> bytes:
        wrapped_by = root(session, provider, agency=label.agency, version=label.version)
        return wrapping.unwrap(wrapped, under=wrapped_by.key, label=label)

    return provider.remember(label.to_bytes(), wrapped, unwrap)


def _opened_root(row: AgencyRoot, provider: KeyProvider) -> Root:
    if row.provider_key_id != provider.key_id:
        raise KekMismatch
    label = Label(purpose=ROOT_PURPOSE, agency=row.agency, key_id=row.key_id, version=row.version)
    key = provider.remember(
        label.to_bytes(), row.wrapped, lambda: provider.unwrap(row.wrapped, **vars(label))
    )
    return Root(agency=row.agency, version=row.version, key=key)


def _case_rows(session: Session, *, agency: str, case: str, log: str) -> list[StoredCaseKey]:
    # Not through the session: it would hand out a row seen earlier, which another transaction may have moved on since.
    values = {"of_agency": agency, "of_log": log, "of_case": case}
    return [StoredCaseKey(**row) for row in session.connection().execute(_CASE_KEYS, values).mappings()]
