"""Make a whole set of keys in one folder: for the demo, and for a new installation to take apart.

The agency's key file and the seal's key belong on different machines; `deploy/README.md` says where each goes.
"""

import secrets
from dataclasses import dataclass
from pathlib import Path

from contact_service.audit.note import create_signer
from contact_service.errors import StartRefused
from contact_service.keys.provider import KeyProvider
from contact_service.keys.text import new_pair


class FolderNotEmpty(StartRefused):
    """The folder holds keys already. Choose an empty one: a key that is lost cannot be made again."""


@dataclass(frozen=True, kw_only=True)
class KeySet:
    """Every key of an installation, as text; the agency's key is a file with a passphrase."""

    keys_path: Path
    passphrase: str
    ticket: tuple[str, str]
    relay: tuple[str, str]
    seal: tuple[str, str]
    seal_memory_path: Path

    def environment(self) -> dict[str, str]:
        """The settings that name these keys.  Give each process only its own."""
        return {
            "CONTACT_KEYS_PATH": str(self.keys_path),
            "CONTACT_KEYS_PASSPHRASE": self.passphrase,
            "CONTACT_TICKET_KEY": self.ticket[0],
            "CONTACT_TICKET_PUBLIC_KEY": self.ticket[1],
            "CONTACT_RELAY_KEY": self.relay[0],
            "CONTACT_RELAYS": f"relay-1={self.relay[1]}",
            "CONTACT_SEAL_KEY": self.seal[0],
            "CONTACT_SEAL_VERIFIER_KEY": self.seal[1],
            "CONTACT_SEAL_MEMORY_PATH": str(self.seal_memory_path),
        }


def make(folder: Path, *, origin: str, agency: str) -> KeySet:
    """Make a set in ``folder``; raises ``FolderNotEmpty`` rather than write over one."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = folder / "agency.key"
    if path.exists():
        raise FolderNotEmpty
    passphrase = secrets.token_urlsafe(24)
    KeyProvider.create(path, passphrase)
    return KeySet(
        keys_path=path,
        passphrase=passphrase,
        ticket=new_pair(),
        relay=new_pair(),
        seal=create_signer(f"{origin}/{agency}/contact"),
        seal_memory_path=folder / "seal-memory",
    )
