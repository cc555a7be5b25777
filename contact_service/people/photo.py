"""A photo by which the visit supervisor knows an adult.  At rest it is sealed."""

import base64
import json
from dataclasses import dataclass

LARGEST_BYTES = 5_000_000
LONGEST_SIDE = 512


@dataclass(frozen=True, kw_only=True)
class AgencyPhoto:
    """A JPEG of ``LONGEST_SIDE`` pixels at most, with nothing in it but the picture.  At rest it is sealed."""

    jpeg: bytes

    def to_bytes(self) -> bytes:
        """The picture as JSON, to be sealed; in an export it reads as base64."""
        return json.dumps({"jpeg": base64.b64encode(self.jpeg).decode()}).encode()

    @classmethod
    def from_bytes(cls, text: bytes) -> "AgencyPhoto":
        """The inverse of ``to_bytes``."""
        return cls(jpeg=base64.b64decode(json.loads(text)["jpeg"]))
