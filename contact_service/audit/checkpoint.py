"""Checkpoints as C2SP tlog-checkpoint defines them: three lines for origin, size and root.  Pure."""

import base64
import re
from dataclasses import dataclass

from contact_service.audit.errors import NoteMalformed, OriginMismatch
from contact_service.audit.merkle import HASH_BYTES
from contact_service.audit.note import decode_base64, open_note, sign

_SIZE = re.compile(r"0|[1-9][0-9]{0,18}", re.ASCII)
_LINES = 3


@dataclass(frozen=True, kw_only=True)
class Checkpoint:
    """The head of one log: how many entries it had and what they hash to."""

    origin: str
    size: int
    root: bytes

    def to_text(self) -> str:
        """The three lines, each ended by a newline."""
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"

    def signed(self, signer_key: str) -> bytes:
        """The checkpoint as a signed note."""
        return sign(self.to_text(), signer_key)

    @classmethod
    def from_text(cls, text: str) -> "Checkpoint":
        """The inverse of ``to_text``; raise ``NoteMalformed`` for anything else, extension lines included."""
        lines = text.split("\n")
        if len(lines) != _LINES + 1 or lines[-1] or not lines[0] or not _SIZE.fullmatch(lines[1]):
            raise NoteMalformed
        root = decode_base64(lines[2])
        if len(root) != HASH_BYTES:
            raise NoteMalformed
        return cls(origin=lines[0], size=int(lines[1]), root=root)


def open_checkpoint(note: bytes, *, origin: str, verifier_keys: list[str]) -> Checkpoint:
    """The checkpoint in ``note``; raise ``OriginMismatch`` or what ``open_note`` raises."""
    checkpoint = Checkpoint.from_text(open_note(note, verifier_keys).text)
    if checkpoint.origin != origin:
        raise OriginMismatch
    return checkpoint
