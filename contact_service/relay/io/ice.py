"""ICE-lite for one leg (RFC 8445 section 2.5, RFC 8489): addresses are learnt from authenticated checks only.

No check takes the address of a living leg.  A leg moves to another address only after that address answered a
request of ours, so nobody can turn its media on a third party.
"""

import os
import struct
from dataclasses import dataclass, field

from aioice import stun

Address = tuple[str, int]
MOST_PROBES = 4
_PROBE_SECONDS = 2.0
_HEADER = struct.Struct("!HHI")
_ATTRIBUTE = struct.Struct("!HH")
_USERNAME = 0x0006
_COOKIE = 0x2112A442
_PRIORITY = 1_853_817_087  # a peer-reflexive UDP address, RFC 8445 section 5.1.2.1
SHORTEST = 20


def ufrag_of(datagram: bytes) -> str | None:
    """Our user fragment in a binding request, None for anything else; cheap, so that strangers cost little."""
    if len(datagram) < SHORTEST:
        return None
    kind, length, cookie = _HEADER.unpack_from(datagram)
    if kind != stun.Method.BINDING or cookie != _COOKIE or length + SHORTEST != len(datagram):
        return None
    at = SHORTEST
    while at + 4 <= len(datagram):
        name, size = _ATTRIBUTE.unpack_from(datagram, at)
        if name == _USERNAME:
            value = datagram[at + 4 : at + 4 + size]
            return value.partition(b":")[0].decode("ascii", "replace")
        at += 4 + size + (-size & 3)
    return None


def parse(datagram: bytes) -> stun.Message | None:
    """The STUN message in ``datagram``, None if it is none."""
    try:
        return stun.parse_message(datagram)
    except (
        ValueError,
        struct.error,
        IndexError,
        KeyError,
    ):  # what the parser was seen to raise on broken input
        return None


@dataclass(slots=True)
class _Probe:
    address: Address
    sent_at: float


@dataclass(slots=True)
class Checks:
    """Connectivity checks of one leg."""

    remote_ufrag: str
    remote_password: str
    ufrag: str = field(default_factory=lambda: os.urandom(6).hex())
    password: str = field(default_factory=lambda: os.urandom(16).hex())
    _probes: dict[bytes, _Probe] = field(default_factory=dict)

    def is_ours(self, message: stun.Message) -> bool:
        """Whether a request names both of us and knows our password (RFC 8489 section 9.1.3)."""
        named = message.attributes.get("USERNAME") == f"{self.ufrag}:{self.remote_ufrag}"
        return named and message.check_message_integrity(self.password.encode())

    def answer(self, message: stun.Message, source: Address) -> bytes:
        """The success response that tells ``source`` its address."""
        response = stun.Message(
            message_method=stun.Method.BINDING,
            message_class=stun.Class.RESPONSE,
            transaction_id=message.transaction_id,
            attributes={"XOR-MAPPED-ADDRESS": source},
        )
        response.add_message_integrity(self.password.encode())
        return bytes(response)

    def probe(self, source: Address, now: float) -> bytes | None:
        """A request of ours that ``source`` must answer before we move there; None if enough are under way."""
        for transaction, probe in list(self._probes.items()):
            if now - probe.sent_at > _PROBE_SECONDS:
                del self._probes[transaction]
        if len(self._probes) >= MOST_PROBES or any(
            probe.address == source for probe in self._probes.values()
        ):
            return None
        request = stun.Message(message_method=stun.Method.BINDING, message_class=stun.Class.REQUEST)
        request.attributes["USERNAME"] = f"{self.remote_ufrag}:{self.ufrag}"
        request.attributes["PRIORITY"] = _PRIORITY
        request.attributes["ICE-CONTROLLED"] = 1
        request.add_message_integrity(self.remote_password.encode())
        self._probes[request.transaction_id] = _Probe(source, now)
        return bytes(request)

    def confirmed(self, message: stun.Message, source: Address) -> bool:
        """Whether ``message`` is the answer from ``source`` to a probe that was sent there."""
        probe = self._probes.get(message.transaction_id)
        if probe is None or probe.address != source:
            return False
        if message.message_class != stun.Class.RESPONSE:
            return False
        if not message.check_message_integrity(self.remote_password.encode()):
            return False
        del self._probes[message.transaction_id]
        return True

    def awaits(self, transaction: bytes) -> bool:
        """Whether a probe of ours has this transaction id."""
        return transaction in self._probes
