"""What a relay process is told at its start."""

from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey


@dataclass(frozen=True, kw_only=True)
class RelayConfig:
    """``address`` is what participants are told; ``bind`` is where the port listens; port 0 takes a free one."""

    name: str
    key: Ed25519PrivateKey
    link_url: str
    ticket_key: Ed25519PublicKey
    origins: tuple[str, ...]
    address: str
    bind: str
    port: int
    signal_host: str
    signal_port: int
