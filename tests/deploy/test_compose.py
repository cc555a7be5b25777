"""No container engine is needed to see that the files name settings that exist, and give each process only its own."""

import asyncio
import re
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Any

import pytest
import yaml
from starlette.types import Receive, Scope, Send

from contact_service.app import server_config
from contact_service.settings import PREFIX, Settings

ROOT = Path(__file__).parents[2]
OURS = ("serve", "schedule", "relay", "seal", "migrate")


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    return loaded


def settings_of(compose: dict[str, Any], service: str) -> set[str]:
    names = {name for name in compose["services"][service]["environment"] if name.startswith(PREFIX)}
    return {name.removesuffix("_FILE").removeprefix(PREFIX).lower() for name in names}


@pytest.mark.parametrize("service", OURS)
def test_every_variable_of_a_process_is_a_setting(compose: dict[str, Any], service: str) -> None:
    assert settings_of(compose, service) <= set(Settings.model_fields)


@pytest.mark.parametrize("service", OURS)
def test_every_secret_of_a_process_is_mounted_and_declared(compose: dict[str, Any], service: str) -> None:
    definition = compose["services"][service]
    used = {
        v.rpartition("/")[2] for v in map(str, definition["environment"].values()) if "/run/secrets/" in v
    }
    assert used == set(definition["secrets"])
    assert used <= set(compose["secrets"])


def test_secrets_are_never_given_as_plain_variables(compose: dict[str, Any]) -> None:
    secret = {
        "keys_passphrase",
        "seal_key",
        "ticket_key",
        "relay_key",
        "smtp_password",
        "sms_key",
        "oidc_client_secret",
        "database_url",
    }
    for service in OURS:
        names = {name for name in compose["services"][service]["environment"] if name.startswith(PREFIX)}
        plain = {name.removeprefix(PREFIX).lower() for name in names if not name.endswith("_FILE")}
        assert not plain & secret


def test_the_relay_gets_no_database_no_mail_and_no_agency_key(compose: dict[str, Any]) -> None:
    relay = compose["services"]["relay"]
    assert relay["secrets"] == ["relay_key"]
    assert "state" not in relay["networks"]
    assert not {
        s for s in settings_of(compose, "relay") if s.startswith(("database", "smtp", "sms", "keys", "seal"))
    }


def test_the_sealer_cannot_read_what_it_seals(compose: dict[str, Any]) -> None:
    assert "agency_key" not in compose["services"]["seal"]["secrets"]


@pytest.mark.parametrize("service", OURS)
def test_processes_run_without_privileges(compose: dict[str, Any], service: str) -> None:
    definition = compose["services"][service]
    assert definition["read_only"] is True
    assert definition["cap_drop"] == ["ALL"]
    assert "no-new-privileges:true" in definition["security_opt"]


def test_every_variable_that_compose_asks_for_is_in_the_example() -> None:
    asked = set(re.findall(r"\$\{(\w+)", (ROOT / "docker-compose.yml").read_text()))
    given = set(re.findall(r"^(\w+)=", (ROOT / "deploy/example.env").read_text(), flags=re.MULTILINE))
    assert asked == given


def filled(text: str, given: dict[str, str]) -> str:
    """``${NAME}`` and ``${NAME:-default}`` as Compose fills them in."""
    return re.sub(r"\$\{(\w+)(?::-([^}]*))?\}", lambda m: given.get(m[1]) or m[2] or "", text)


def served_with(compose: dict[str, Any], given: dict[str, str], secret: Path) -> Settings:
    """The settings of ``serve`` as Compose hands them over; every secret but this one stands in a file elsewhere."""
    said = compose["services"]["serve"]["environment"]
    plain = {name: filled(value, given) for name, value in said.items() if not name.endswith("_FILE")}
    return Settings.from_environment(plain | {"CONTACT_OIDC_CLIENT_SECRET_FILE": str(secret)})


def test_an_installation_without_single_sign_on_starts_as_before(compose: dict[str, Any]) -> None:
    lines = (ROOT / "deploy/example.env").read_text().splitlines()
    before = dict(line.split("=", 1) for line in lines if "=" in line and not line.startswith("#"))
    for new in [name for name in before if "OIDC" in name or name == "CONTACT_DEMAND_PASSKEYS"]:
        del before[new]
    file = ROOT / filled(compose["secrets"]["oidc_client_secret"]["file"], before)
    assert file.read_text() == ""
    settings = served_with(compose, before, file)
    assert (settings.oidc_issuer, settings.demand_passkeys) == ("", False)


def test_single_sign_on_and_the_demand_for_passkeys_reach_the_process_that_serves(
    compose: dict[str, Any], tmp_path: Path
) -> None:
    (tmp_path / "secret").write_text("of the client\n")
    given = {
        "CONTACT_AGENCY": "agency",
        "CONTACT_OIDC_ISSUER": "https://id.example",
        "CONTACT_OIDC_CLIENT_ID": "visits",
        "CONTACT_OIDC_PROOF": "acr:phr",
        "CONTACT_DEMAND_PASSKEYS": "true",
    }
    settings = served_with(compose, given, tmp_path / "secret")
    settings.require("oidc_issuer", "oidc_client_id", "oidc_client_secret", "oidc_proof")
    assert settings.demand_passkeys
    own = filled(compose["secrets"]["oidc_client_secret"]["file"], {"OIDC_CLIENT_SECRET": "./secrets/x"})
    assert own == "./secrets/x"


def test_the_proxy_routes_signalling_to_the_relay_without_cookies() -> None:
    caddy = (ROOT / "deploy/Caddyfile").read_text()
    block = caddy[caddy.index("handle /signal/relay-1") :]
    block = block[: block.index("\n\t}\n")]
    assert "reverse_proxy relay:8002" in block
    assert "header_up -Cookie" in block


def test_the_proxy_alone_is_believed_about_who_a_client_is(compose: dict[str, Any]) -> None:
    trusted = compose["services"]["serve"]["environment"]["CONTACT_TRUSTED_PROXIES"]
    assert compose["services"]["proxy"]["networks"]["front"]["ipv4_address"] == trusted
    (given,) = compose["networks"]["front"]["ipam"]["config"]
    assert ip_address(trusted) in ip_network(given["subnet"])
    assert ip_address(trusted) not in ip_network(given["ip_range"])  # nothing else is given it


@pytest.mark.parametrize("trusted", ["*", "proxy", "10.0.0.0/8", "10.0.0.1,,10.0.0.2"])
def test_only_addresses_are_trusted(trusted: str) -> None:
    from contact_service.errors import SettingsInvalid  # noqa: PLC0415

    with pytest.raises(SettingsInvalid, match="CONTACT_TRUSTED_PROXIES is wrong"):
        Settings.from_environment({"CONTACT_TRUSTED_PROXIES": trusted})


@pytest.mark.parametrize(
    ("trusted", "peer", "seen"),
    [
        ("", "127.0.0.1", "127.0.0.1"),
        ("10.0.0.1", "10.0.0.2", "10.0.0.2"),
        ("10.0.0.1", "10.0.0.1", "198.51.100.7"),
        ("10.0.0.9, 10.0.0.1", "10.0.0.1", "198.51.100.7"),
    ],
)
def test_a_header_says_who_a_client_is_only_from_a_trusted_proxy(trusted: str, peer: str, seen: str) -> None:
    found = []

    async def application(scope: Scope, _receive: Receive, _send: Send) -> None:
        found.append(scope["client"][0])

    config = server_config(
        Settings.from_environment({"CONTACT_TRUSTED_PROXIES": trusted} if trusted else {}), application
    )
    config.load()
    headers = [(b"x-forwarded-for", b"203.0.113.5, 198.51.100.7")]
    scope = {"type": "http", "client": (peer, 1), "scheme": "http", "headers": headers}
    asyncio.run(config.loaded_app(scope, None, None))
    assert found == [seen]


def test_the_image_installs_by_hash_and_runs_as_nobody_in_particular() -> None:
    dockerfile = (ROOT / "deploy/Dockerfile").read_text()
    assert "--require-hashes -r requirements.lock" in dockerfile
    assert re.search(r"^USER contact$", dockerfile, flags=re.MULTILINE)
    copied = re.findall(r"^COPY (?!--from)(.+) \S+$", dockerfile, flags=re.MULTILINE)
    for path in " ".join(copied).split():
        assert (ROOT / path).exists(), path


def test_every_setting_is_described_for_operators() -> None:
    described = set(
        re.findall(r"^\| `CONTACT_(\w+)`", (ROOT / "deploy/README.md").read_text(), flags=re.MULTILINE)
    )
    assert described == {name.upper() for name in Settings.model_fields}


def test_an_unknown_or_unreadable_setting_is_named() -> None:
    from contact_service.errors import SettingsInvalid  # noqa: PLC0415

    with pytest.raises(SettingsInvalid, match="CONTACT_DATABSE_URL is not a setting"):
        Settings.from_environment({"CONTACT_DATABSE_URL": "sqlite://"})
    with pytest.raises(SettingsInvalid, match="CONTACT_RELAY_PORT is wrong"):
        Settings.from_environment({"CONTACT_RELAY_PORT": "many"})
    with pytest.raises(SettingsInvalid, match="CONTACT_SEAL_KEY_FILE names a file that cannot be read"):
        Settings.from_environment({"CONTACT_SEAL_KEY_FILE": "/nowhere/at/all"})


def test_a_secret_may_come_from_a_file_and_never_shows(tmp_path: Path) -> None:
    (tmp_path / "passphrase").write_text("very secret words\n")
    settings = Settings.from_environment({"CONTACT_KEYS_PASSPHRASE_FILE": str(tmp_path / "passphrase")})
    assert settings.keys_passphrase is not None
    assert settings.keys_passphrase.get_secret_value() == "very secret words"
    assert "very secret" not in repr(settings)
