"""Settings, read once from the environment when a process starts, then frozen.

Every setting is ``CONTACT_`` and a field name in capitals.  A secret may be given as ``CONTACT_NAME_FILE``, the path
of a file that holds it.  An unknown ``CONTACT_`` variable is refused: a misspelt setting must not become a default.
``deploy/README.md`` lists every setting; a test compares.
"""

from collections.abc import Mapping
from ipaddress import ip_address
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator

from contact_service.errors import SettingsInvalid

PREFIX = "CONTACT_"


class Settings(BaseModel):
    """What an operator decides.  Processes take what they need with ``require``."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    # State
    database_url: str = "sqlite:///contact.db"
    database_role: str = ""
    agency: str = Field(default="agency", pattern=r"^[a-z0-9][a-z0-9-]{0,40}$")
    agency_name: str = "Family Visits"
    zone: str = "Europe/London"
    log_level: str = Field(default="INFO", pattern="^(DEBUG|INFO|WARNING|ERROR)$")

    # Keys and the evidence log
    keys_path: Path | None = None
    keys_passphrase: SecretStr | None = None
    log_origin: str = "contact-service.example"
    seal_key: SecretStr | None = None
    seal_verifier_key: str = ""
    seal_memory_path: Path | None = None

    # Pages
    public_url: str = "http://localhost:8000"
    listen: str = "127.0.0.1:8000"
    trusted_proxies: str = ""
    openapi: bool = False
    request_limits_times: int = Field(default=1, ge=1, le=1000)
    demand_passkeys: bool = False
    oidc_issuer: str = ""
    oidc_client_id: str = ""
    oidc_client_secret: SecretStr | None = None
    oidc_proof: str = Field(default="", pattern=r"^(|(acr|amr):[^\s:]\S*)$")
    help_name: str = "the family time team"
    help_phone: str = "01632 960000"

    # The relay, seen from serve
    link_listen: str = "127.0.0.1:8001"
    relays: str = ""
    ticket_key: SecretStr | None = None
    signal_pipe: str = ""

    # The relay, seen from itself
    relay_name: str = "relay-1"
    relay_key: SecretStr | None = None
    relay_link_url: str = "ws://127.0.0.1:8001/link"
    relay_address: str = "127.0.0.1"
    relay_bind: str = ""
    relay_port: int = Field(default=40000, ge=1, le=65535)
    relay_signal_listen: str = "127.0.0.1:8002"
    ticket_public_key: str = ""

    # Messages
    smtp_host: str = "127.0.0.1"
    smtp_port: int = Field(default=25, ge=1, le=65535)
    smtp_starttls: bool = False
    smtp_user: str = ""
    smtp_password: SecretStr | None = None
    mail_from: str = "visits@contact-service.example"
    sms_provider: str = Field(default="", pattern="^(|own|twilio|govuk-notify)$")
    sms_url: str = ""
    sms_account: str = ""
    sms_key: SecretStr | None = None
    sms_from: str = ""
    sms_template: str = ""
    sms_country: str = Field(default="GB", pattern="^[A-Z]{2}$")

    # Only in the demo
    demo: bool = False
    demo_smtp_listen: str = ""

    @field_validator("trusted_proxies")
    @classmethod
    def _addresses(cls, value: str) -> str:
        for one in value.split(",") if value else ():
            ip_address(one.strip())  # names, networks and "*" are refused: each would trust more than a proxy
        return value

    @field_validator("sms_url")
    @classmethod
    def _over_tls(cls, value: str) -> str:
        if value and not _is_over_tls(value):
            raise ValueError("text messages carry links: write an address that begins with https://")
        return value

    @field_validator("oidc_issuer")
    @classmethod
    def _issuer(cls, value: str) -> str:
        parts = urlsplit(value)
        if value and (not _is_over_tls(value) or parts.query or parts.fragment or "@" in parts.netloc):
            raise ValueError("write the issuer as the provider does: https://, and no ? and no #")
        return value

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Self:
        """Read and check every ``CONTACT_*`` variable; raise ``SettingsInvalid`` naming the first that is wrong."""
        try:
            return cls.model_validate(_values(environment, known=cls.model_fields.keys()))
        except ValidationError as error:
            first = error.errors()[0]
            name = PREFIX + "_".join(str(part) for part in first["loc"]).upper()
            what = "is not a setting" if first["type"] == "extra_forbidden" else f"is wrong: {first['msg']}"
            message = f"{name} {what}. deploy/README.md lists every setting."
            raise SettingsInvalid(message) from None

    def require(self, *names: str) -> None:
        """Raise ``SettingsInvalid`` naming every setting of ``names`` that is missing."""
        missing = [PREFIX + name.upper() for name in names if _is_empty(getattr(self, name))]
        if missing:
            message = f"Set {', '.join(missing)}. deploy/README.md says what each one is."
            raise SettingsInvalid(message)


def _is_over_tls(value: str) -> bool:
    """Whether an address is of TLS, or of this machine."""
    parts = urlsplit(value)
    here = parts.hostname in {"127.0.0.1", "::1", "localhost"}
    return bool(parts.hostname) and (parts.scheme == "https" or (here and parts.scheme == "http"))


def _is_empty(value: object) -> bool:
    return value is None or (value.get_secret_value() if isinstance(value, SecretStr) else value) == ""


def address(listen: str) -> tuple[str, int]:
    """``HOST:PORT`` as a pair."""
    host, _, port = listen.rpartition(":")
    if not host or not port.isdigit():
        message = f"{listen!r} is not HOST:PORT."
        raise SettingsInvalid(message)
    return host, int(port)


def secret(value: SecretStr | None) -> str:
    """The text of a secret that ``require`` has already demanded."""
    assert value is not None
    return value.get_secret_value()


def _values(environment: Mapping[str, str], *, known: object) -> dict[str, str]:
    assert hasattr(known, "__contains__")
    values = {}
    for variable, value in environment.items():
        if not variable.startswith(PREFIX):
            continue
        name = variable.removeprefix(PREFIX).lower()
        stem = name.removesuffix("_file")
        if name != stem and stem in known:
            name, value = stem, _contents(variable, value)  # noqa: PLW2901
        values[name] = value
    return values


def _contents(variable: str, path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except OSError as error:
        message = f"{variable} names a file that cannot be read ({error.strerror})."
        raise SettingsInvalid(message) from None
