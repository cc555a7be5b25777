"""The relay process: what it is told, and that it ends when it is told to."""

import base64
import os
import signal
import subprocess
import sys

import pytest

from contact_service.errors import SettingsInvalid
from contact_service.relay.main import config_of
from contact_service.settings import Settings

KEY = base64.b64encode(bytes(range(32))).decode()
ENVIRONMENT = {
    "CONTACT_RELAY_KEY": KEY,
    "CONTACT_TICKET_PUBLIC_KEY": KEY,
    "CONTACT_RELAY_ADDRESS": "127.0.0.2",
    "CONTACT_RELAY_LINK_URL": "ws://127.0.0.1:9/link",
    "CONTACT_PUBLIC_URL": "https://visits.example/",
}


def settings(**changes: str) -> Settings:
    return Settings.from_environment(ENVIRONMENT | changes)


def test_the_config_is_what_the_settings_say() -> None:
    config = config_of(settings())
    assert (config.address, config.bind, config.port) == ("127.0.0.2", "127.0.0.2", 40_000)
    assert config.origins == ("https://visits.example",)
    assert (config.signal_host, config.signal_port) == ("127.0.0.1", 8_002)


def test_the_port_may_listen_elsewhere_than_it_is_advertised() -> None:
    assert config_of(settings(CONTACT_RELAY_BIND="0.0.0.0")).bind == "0.0.0.0"  # noqa: S104  what a container needs


@pytest.mark.parametrize("name", ["CONTACT_RELAY_KEY", "CONTACT_TICKET_PUBLIC_KEY"])
@pytest.mark.parametrize("value", ["", "short", base64.b64encode(bytes(31)).decode(), "%%%"])
def test_a_key_that_is_none_stops_the_start_and_is_named(name: str, value: str) -> None:
    with pytest.raises(SettingsInvalid, match=name):
        config_of(settings(**{name: value}))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_the_process_ends_cleanly_when_told(number: signal.Signals) -> None:
    program = (
        "import os; from contact_service.relay.main import run; from contact_service.settings import Settings;"
        "run(Settings.from_environment(os.environ))"
    )
    environment = dict(os.environ) | ENVIRONMENT
    environment |= {"CONTACT_RELAY_PORT": "45871", "CONTACT_RELAY_SIGNAL_LISTEN": "127.0.0.1:45872"}
    with subprocess.Popen(
        [sys.executable, "-c", program], env=environment, stderr=subprocess.PIPE, text=True
    ) as relay:
        assert relay.stderr is not None
        lines = iter(relay.stderr.readline, "")
        assert any("relay listens" in line for line in lines)
        relay.send_signal(number)
        rest = relay.stderr.read()
        assert relay.wait(timeout=10) == 0
    assert "Traceback" not in rest
