"""Start everything on this machine with a made-up family, say where to go, and stop cleanly.

Nothing outside is asked for anything: every process talks to 127.0.0.1 only.
"""

import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from threading import Event

from contact_service import actor
from contact_service.database import connect
from contact_service.demo import key_files, story
from contact_service.demo.key_files import KeySet
from contact_service.demo.serving import PASSWORD_VARIABLE
from contact_service.errors import StartRefused
from contact_service.ids import AgencyId
from contact_service.invitations import queries as invitations
from contact_service.keys.provider import KeyProvider
from contact_service.migrations.upgrade import upgrade
from contact_service.people.queries import members as people
from contact_service.settings import PREFIX
from contact_service.visits.visit import Visit
from contact_service.work import Installation, read

HOST = "127.0.0.1"
AGENCY = "demo"
ORIGIN = "contact-service.example"
START_SECONDS = 60
STOP_SECONDS = 10
_OWN = {"serve": ("demo-serve",), "schedule": ("schedule",), "relay": ("relay",), "seal": ("seal",)}
_MARK = "made by contact-service demo"


class PortTaken(StartRefused):
    """Another program uses this port. Stop it, or choose another: make demo PORT=8010."""


class FolderNotOurs(StartRefused):
    """This folder was not made by the demo, so it is left alone. Choose another with --folder."""


class DidNotStart(StartRefused):
    """The processes did not all come up. The lines above say why."""


def run(*, folder: Path, port: int) -> int:
    """Run the demo until Ctrl-C; return 0, or 1 when a process failed."""
    _demand_free(port)
    _fresh(folder)
    keys = key_files.make(folder / "keys", origin=ORIGIN, agency=AGENCY)
    database = f"sqlite:///{folder.resolve()}/contact.db"
    password = "-".join(secrets.token_hex(2) for _ in range(4))
    installation = _installation(database, keys)
    visit = story.tell(installation, password=password)
    stop = Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    children = _start(folder, _environment(keys, database, password, port))
    try:
        _wait_until_healthy(folder, port, children, stop)
        if not stop.is_set():
            _welcome(installation, visit, password, port)
        while not stop.wait(0.5):
            if any(child.poll() is not None for child in children):
                print("A process of the demo ended by itself. Its log is in .demo.", file=sys.stderr)
                return 1
    finally:
        _stop(children)
    print("\nThe demo has stopped.")
    return 0


def _demand_free(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            raise PortTaken from None


def _fresh(folder: Path) -> None:
    """An empty folder of our own; a folder that the demo did not make is never deleted."""
    mark = folder / "README.txt"
    if folder.exists() and any(folder.iterdir()):
        if not mark.exists() or _MARK not in mark.read_text(encoding="utf-8"):
            raise FolderNotOurs
        shutil.rmtree(folder)
    folder.mkdir(parents=True, exist_ok=True)
    mark.write_text(f"This folder was {_MARK}. It is deleted at the next start.\n", encoding="utf-8")


def _installation(database: str, keys: KeySet) -> Installation:
    engine = connect(database)
    upgrade(engine)
    provider = KeyProvider.open(keys.keys_path, keys.passphrase)
    return Installation(engine=engine, keys=provider, agency=AgencyId(AGENCY), log_origin=ORIGIN)


def _free_port(kind: socket.SocketKind = socket.SOCK_STREAM) -> int:
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


def _environment(keys: KeySet, database: str, password: str, port: int) -> dict[str, str]:
    link, signalling, smtp = _free_port(), _free_port(), _free_port()
    ours = keys.environment() | {
        "CONTACT_DATABASE_URL": database,
        "CONTACT_AGENCY": AGENCY,
        "CONTACT_LOG_ORIGIN": ORIGIN,
        "CONTACT_DEMO": "true",
        "CONTACT_PUBLIC_URL": f"http://localhost:{port}",
        "CONTACT_LISTEN": f"{HOST}:{port}",
        "CONTACT_LINK_LISTEN": f"{HOST}:{link}",
        "CONTACT_RELAY_LINK_URL": f"ws://{HOST}:{link}/link",
        "CONTACT_RELAY_ADDRESS": os.environ.get("CONTACT_RELAY_ADDRESS", HOST),
        "CONTACT_RELAY_PORT": str(_free_port(socket.SOCK_DGRAM)),
        "CONTACT_RELAY_SIGNAL_LISTEN": f"{HOST}:{signalling}",
        "CONTACT_SIGNAL_PIPE": f"ws://{HOST}:{signalling}",
        "CONTACT_SMTP_HOST": HOST,
        "CONTACT_SMTP_PORT": str(smtp),
        "CONTACT_DEMO_SMTP_LISTEN": f"{HOST}:{smtp}",
        "CONTACT_MAIL_FROM": "visits@demo.example",
        PASSWORD_VARIABLE: password,
    }
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
    return inherited | ours


def _start(folder: Path, environment: Mapping[str, str]) -> list[subprocess.Popen[bytes]]:
    """One process of each kind, each with a log of its own, in a session of its own so that Ctrl-C reaches us first."""
    children = []
    for name, command in _OWN.items():
        with (folder / f"{name}.log").open("wb") as log:
            children.append(
                subprocess.Popen(
                    [sys.executable, "-m", "contact_service", *command],
                    env=dict(environment),
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                )
            )
    return children


def _wait_until_healthy(
    folder: Path, port: int, children: list[subprocess.Popen[bytes]], stop: Event
) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not stop.is_set():
        if any(child.poll() is not None for child in children) or time.monotonic() > deadline:
            _show_logs(folder)
            raise DidNotStart
        try:
            with urllib.request.urlopen(f"http://{HOST}:{port}/healthz", timeout=2):
                return
        except OSError:
            stop.wait(0.2)


def _show_logs(folder: Path) -> None:
    for log in sorted(folder.glob("*.log")):
        lines = log.read_text(encoding="utf-8", errors="replace").splitlines()[-5:]
        print(f"--- {log}", *lines, sep="\n", file=sys.stderr)


def _stop(children: list[subprocess.Popen[bytes]]) -> None:
    for child in children:
        if child.poll() is None:
            child.terminate()
    deadline = time.monotonic() + STOP_SECONDS
    for child in children:
        try:
            child.wait(timeout=max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


def _welcome(installation: Installation, visit: Visit, password: str, port: int) -> None:
    base = f"http://localhost:{port}"
    print(f"""
The demo runs. Everybody in it is made up.

  Start here     {base}/demo
  Staff sign in  {base}/w/sign-in    password: {password}
                   karim@demo.example   worker
                   priya@demo.example   approver
                   lena@demo.example    visit supervisor
                   noor@demo.example    auditor
                   ola@demo.example     administrator
  Messages sent  {base}/demo/messages

Mia’s visit with Dana starts at {visit.starts_at.astimezone():%H:%M}. The links, one per person:""")
    with read(installation, actor.SCHEDULE) as work:
        for invitation in invitations.invitations_of(work, visit.id):
            name = people.details_of(work, invitation.person).known_as
            print(f"  {name:<6} {base}/v#{invitations.secret_for(work, invitation)}")
    print("\nOne browser can play everybody, each in a tab of its own. Ctrl-C stops everything.", flush=True)
