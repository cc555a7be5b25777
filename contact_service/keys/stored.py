"""Rows of the key tables as they stand, and what each key is bound to.  Pure; a provider opens them."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from contact_service.keys.wrapping import Label

ROOT_PURPOSE = "agency-root/1"


def case_key_purpose(*, log: str, case: str, epoch: int) -> str:
    """What the wrapping of a case's key is for."""
    return f"case-key/1/{log}/{case}/{epoch}"


def person_key_purpose(*, person: str, epoch: int) -> str:
    """What the wrapping of a person's key is for."""
    return f"person-key/1/{person}/{epoch}"


@dataclass(frozen=True, kw_only=True)
class Root:
    """An agency's root key of one version."""

    agency: str
    version: int
    key: bytes


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


@dataclass(frozen=True, kw_only=True)
class StoredRoot:
    """A row of ``agency_root``."""

    agency: str
    version: int
    key_id: bytes
    provider_key_id: bytes
    wrapped: bytes

    @classmethod
    def of(cls, columns: Sequence[Any]) -> "StoredRoot | None":
        """From the columns of ``agency_root``, which are all null where there is no row."""
        agency, version, key_id, provider_key_id, wrapped = columns
        if version is None:
            return None
        return cls(
            agency=agency, version=version, key_id=key_id, provider_key_id=provider_key_id, wrapped=wrapped
        )

    @property
    def label(self) -> Label:
        """What the root is bound to."""
        return Label(purpose=ROOT_PURPOSE, agency=self.agency, key_id=self.key_id, version=self.version)


@dataclass(frozen=True, kw_only=True)
class StoredKey(ABC):
    """What rows of ``case_key`` and ``person_key`` share, and the root that wraps them, None if it is gone."""

    key_id: bytes
    agency: str
    epoch: int
    wrapped: bytes
    root: StoredRoot | None

    @property
    @abstractmethod
    def purpose(self) -> str:
        """What the wrapping is bound to besides agency, key id and the root's version."""

    def label_under(self, root_version: int) -> Label:
        """What this key is bound to when a root of that version wraps it."""
        return Label(purpose=self.purpose, agency=self.agency, key_id=self.key_id, version=root_version)


@dataclass(frozen=True, kw_only=True)
class StoredCaseKey(StoredKey):
    """A row of ``case_key``."""

    log: str
    case_ref: str
    entries: int
    last_leaf: bytes | None

    @classmethod
    def of(cls, row: Sequence[Any]) -> "StoredCaseKey":
        """From the columns of ``case_key`` and, behind them, of ``agency_root``."""
        key_id, agency, log, case_ref, epoch, _, wrapped, entries, last_leaf, *root = row
        return cls(
            key_id=key_id,
            agency=agency,
            epoch=epoch,
            wrapped=wrapped,
            root=StoredRoot.of(root),
            log=log,
            case_ref=case_ref,
            entries=entries,
            last_leaf=last_leaf,
        )

    def opened(self, key: bytes) -> CaseKey:
        """The row with its key out of the wrapping."""
        return CaseKey(
            key_id=self.key_id,
            case=self.case_ref,
            epoch=self.epoch,
            key=key,
            entries=self.entries,
            last_leaf=self.last_leaf,
        )

    @property
    def purpose(self) -> str:
        """Log, case and epoch."""
        return case_key_purpose(log=self.log, case=self.case_ref, epoch=self.epoch)


@dataclass(frozen=True, kw_only=True)
class StoredPersonKey(StoredKey):
    """A row of ``person_key``."""

    person: str

    @classmethod
    def of(cls, row: Sequence[Any]) -> "StoredPersonKey":
        """From the columns of ``person_key`` and, behind them, of ``agency_root``."""
        key_id, agency, person, epoch, _, wrapped, *root = row
        of_root = StoredRoot.of(root)
        return cls(key_id=key_id, agency=agency, epoch=epoch, wrapped=wrapped, root=of_root, person=person)

    @property
    def purpose(self) -> str:
        """Person and epoch."""
        return person_key_purpose(person=self.person, epoch=self.epoch)
