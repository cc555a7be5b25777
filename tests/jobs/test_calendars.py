"""Addresses of people's own calendars are asked with care: over TLS, no host of the house, within bounds."""

import contextlib
import datetime as dt
import ipaddress
import ssl
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from sqlalchemy import text

from contact_service.jobs.calendars import ask_calendars
from contact_service.jobs.web import NO_ANSWER, NOT_FOUND, NOT_OURS, TOO_FAR, Web
from contact_service.visits.queries.doubting import doubts
from contact_service.working_hours import actions, queries
from contact_service.working_hours.addresses import is_of_the_web
from contact_service.working_hours.calendar_file import LARGEST_BYTES
from contact_service.working_hours.errors import CalendarNotReadable
from contact_service.working_hours.hours import BusyCalendar
from tests.actions.test_busy_times import DENTIST, ics
from tests.cast import House

HOST = "calendar.example"


class Answers(BaseHTTPRequestHandler):
    """A host of calendars, good and bad."""

    told = ics(DENTIST)

    def do_GET(self) -> None:
        away = {
            "/moved": "/basic.ics",
            "/round": "/round",
            "/home": "http://calendar.example/",
            "/in": "https://127.0.0.1/",
            "/no-place": "https://[x",
        }
        if self.path in away:
            self.send_response(302)
            self.send_header("Location", away[self.path])
            self.end_headers()
        elif self.path == "/gone":
            self.send_error(404)
        elif self.path == "/slow":
            self.send_response(200)
            self.end_headers()
            self._slowly()
        elif self.path == "/slow-from-the-start":
            self._slowly()
        elif self.path == "/huge":
            self._tell(b"x" * (LARGEST_BYTES + 100_000))
        else:
            self._tell(self.told)

    def _tell(self, body: bytes) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(body)

    def _slowly(self) -> None:
        with contextlib.suppress(OSError):
            for _ in range(100):
                self.wfile.write(b"x")
                time.sleep(0.1)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Say nothing."""


def certificate(folder: Path) -> tuple[Path, Path]:
    """A certificate of the host, for this hour, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOST)])
    names = x509.SubjectAlternativeName(
        [x509.DNSName(HOST), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    )
    built = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(dt.datetime(2020, 1, 1, tzinfo=dt.UTC))
        .not_valid_after(dt.datetime(2120, 1, 1, tzinfo=dt.UTC))
        .add_extension(names, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    shown, kept = folder / "shown.pem", folder / "kept.pem"
    shown.write_bytes(built.public_bytes(serialization.Encoding.PEM))
    kept.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    return shown, kept


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    """The web with one host, on this machine."""
    shown, kept = certificate(tmp_path_factory.mktemp("host"))
    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(shown, kept)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield Web(
        numbers_of=lambda host: ["127.0.0.1"],  # noqa: ARG005
        may_ask=lambda number: number == "127.0.0.1",
        port=server.server_port,
        trusted=ssl.create_default_context(cafile=str(shown)),
        seconds=2,
    )
    server.shutdown()
    server.server_close()
    thread.join(10)


@pytest.mark.parametrize("path", ["basic.ics", "moved", "basic.ics?token=1"])
def test_a_calendar_is_fetched_also_where_it_moved_to(web: Web, path: str) -> None:
    assert web.ask(f"https://{HOST}/{path}") == Answers.told


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("gone", NOT_FOUND),
        ("round", TOO_FAR),
        ("home", TOO_FAR),
        ("in", TOO_FAR),
        ("no-place", TOO_FAR),
        ("slow", NO_ANSWER),
        ("slow-from-the-start", NO_ANSWER),
    ],
)
def test_what_an_address_should_not_do_is_a_plain_refusal_within_its_time(
    web: Web, path: str, words: str
) -> None:
    began = time.monotonic()
    with pytest.raises(CalendarNotReadable, match=words.split(".", maxsplit=1)[0]):
        web.ask(f"https://{HOST}/{path}")
    assert time.monotonic() - began < 5


def test_no_more_is_read_than_a_calendar_may_have(web: Web) -> None:
    assert len(web.ask(f"https://{HOST}/huge")) == LARGEST_BYTES + 1


@pytest.mark.parametrize("numbers", [["127.0.0.1"], ["10.0.0.1"], ["93.184.216.34", "169.254.169.254"], []])
def test_a_host_with_a_number_of_the_house_is_not_asked(web: Web, numbers: list[str]) -> None:
    real = Web(numbers_of=lambda host: numbers, may_ask=is_of_the_web, port=web.port, trusted=web.trusted)  # noqa: ARG005
    with pytest.raises(CalendarNotReadable, match=NOT_OURS.split(",")[0]):
        real.ask(f"https://{HOST}/basic.ics")


def test_a_host_that_nobody_vouches_for_is_not_believed(web: Web) -> None:
    real = Web(numbers_of=web.numbers_of, may_ask=web.may_ask, port=web.port)
    with pytest.raises(CalendarNotReadable, match="did not answer"):
        real.ask(f"https://{HOST}/basic.ics")


def own(house: House) -> BusyCalendar:
    with house.reading(house.cast.lena) as work:
        return queries.busy_calendars_of(work, house.cast.lena)[0]


@pytest.mark.rule("R56")
def test_a_calendar_that_changes_is_read_again_and_puts_in_doubt_what_it_hits(house: House, web: Web) -> None:
    house.approved()
    with house.work(house.cast.lena) as work:
        actions.add_address(work, house.cast.lena, f"https://{HOST}/basic.ics", zone="Europe/London")
    ask_calendars(house.installation, web)
    with house.reading(house.cast.priya) as work:
        assert [[reason.code for reason in doubt.reasons] for doubt in doubts(work)] == [["busy"]]
    Answers.told = ics()
    try:
        ask_calendars(house.installation, web)
        assert own(house).times == 1  # it is not asked twice within the hour
        house.clock.forward(dt.timedelta(hours=1))
        ask_calendars(house.installation, web)
    finally:
        Answers.told = ics(DENTIST)
    assert own(house).times == 0


def test_a_calendar_that_cannot_be_read_says_why_and_stops_no_other(house: House, web: Web) -> None:
    with house.work(house.cast.priya) as work:
        actions.add_address(work, house.cast.lena, f"https://{HOST}/huge", zone="Europe/London")
        actions.add_address(work, house.cast.karim, f"https://{HOST}/basic.ics", zone="Europe/London")
    ask_calendars(house.installation, web)
    assert "larger than 5 MB" in own(house).failure
    with house.reading(house.cast.karim) as work:
        assert queries.busy_calendars_of(work, house.cast.karim)[0].times == 1


def test_one_address_that_cannot_be_opened_keeps_no_other_and_is_noted(house: House, web: Web) -> None:
    with house.work(house.cast.lena) as work:
        broken = actions.add_address(work, house.cast.lena, f"https://{HOST}/a.ics", zone="Europe/London")
    with house.work(house.cast.priya) as work:
        actions.add_address(work, house.cast.priya, f"https://{HOST}/b.ics", zone="Europe/London")
    spoiled = text("UPDATE busy_calendar SET sealed = :nothing WHERE id = :id")
    with house.installation.engine.begin() as connection:
        connection.execute(spoiled, {"nothing": b"nothing", "id": broken})
    with pytest.raises(Exception):  # noqa: B017, PT011  said, whatever it is, when the others are done
        ask_calendars(house.installation, web)
    with house.reading(house.cast.lena) as work:
        assert queries.due_calendars(work) == []
        [lenas] = queries.busy_calendars_of(work, house.cast.lena)
    with house.reading(house.cast.priya) as work:
        [priyas] = queries.busy_calendars_of(work, house.cast.priya)
    assert (lenas.failure, lenas.times) == (NO_ANSWER, 0)
    assert (priyas.failure, priyas.times) == ("", 1)
