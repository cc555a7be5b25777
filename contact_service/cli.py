"""The command line: parse, call one function, say in one line what is wrong.

Each command imports what it needs when it runs: a relay loads no database code, and nothing waits for the rest.
"""

import argparse
import os
import signal
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeAlias

from contact_service import logs
from contact_service.errors import ContactServiceError
from contact_service.settings import Settings, secret

# argparse exports no public name for what add_subparsers returns.
Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"  # noqa: SLF001
Options = argparse.Namespace


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    options = _parser().parse_args(arguments)
    run: Callable[[Options], int | None] = options.run
    try:
        return run(options) or 0
    except ContactServiceError as error:
        print(f"contact-service: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="contact-service", description="Supervised video visits for foster care."
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for name, run, text in (
        ("serve", _serve, "pages, JSON and the relays' links"),
        ("schedule", _schedule, "send messages, open and close doors"),
        ("relay", _relay, "carry the media of visits"),
        ("seal", _seal, "sign the evidence log"),
        ("migrate", _migrate, "bring the database to this release"),
    ):
        commands.add_parser(name, help=text).set_defaults(run=run)
    _add_demo(commands)
    _add_keys(commands)
    _add_staff(commands)
    _add_audit(commands)
    _add_policy(commands)
    _add_bench(commands)
    return parser


def _add_demo(commands: Commands) -> None:
    demo = commands.add_parser("demo", help="everything on this machine, with a made-up family")
    demo.add_argument("--port", type=int, default=8000, help="where the pages are (8000)")
    demo.add_argument("--folder", type=Path, default=Path(".demo"), help="made anew at each start (.demo)")
    demo.set_defaults(run=_demo)
    commands.add_parser("demo-serve").set_defaults(run=_demo_serve)


def _add_keys(commands: Commands) -> None:
    keys = commands.add_parser("keys", help="make keys").add_subparsers(required=True, metavar="ACTION")
    new = keys.add_parser("new", help="a whole new set in an empty folder")
    new.add_argument("folder", type=Path)
    new.add_argument("--origin", default="contact-service.example", help="CONTACT_LOG_ORIGIN")
    new.add_argument("--agency", default="agency", help="CONTACT_AGENCY")
    new.set_defaults(run=_keys_new)


def _add_staff(commands: Commands) -> None:
    staff = commands.add_parser("staff", help="accounts").add_subparsers(required=True, metavar="ACTION")
    add = staff.add_parser("add", help="make an account; the password is asked for")
    add.add_argument("email")
    add.add_argument(
        "--role", required=True, help="worker, approver, visit_supervisor, auditor, administrator"
    )
    add.add_argument("--name", default="", help="as colleagues see it")
    add.set_defaults(run=_staff_add)


def _add_audit(commands: Commands) -> None:
    audit = commands.add_parser("audit", help="the evidence log").add_subparsers(
        required=True, metavar="ACTION"
    )
    verify = audit.add_parser("verify", help="check bytes, leaves, root and signature, offline")
    where = verify.add_mutually_exclusive_group(required=True)
    where.add_argument("--database", metavar="URL")
    where.add_argument("--data", metavar="DIR", type=Path, help="the folder of an embedded installation")
    verify.add_argument("--key", required=True, metavar="VKEY", help="the sealer's verifier key")
    verify.set_defaults(run=_audit_verify)


def _add_policy(commands: Commands) -> None:
    policy = commands.add_parser("policy", help="the agency's rules").add_subparsers(
        required=True, metavar="ACTION"
    )
    check = policy.add_parser("check", help="read a policy file and name every fault with its line")
    check.add_argument("file", type=Path)
    check.set_defaults(run=_policy_check)
    show = policy.add_parser("show", help="print a pack to start from")
    show.add_argument("pack", choices=["generic", "england", "scotland", "washington"])
    show.set_defaults(run=_policy_show)
    start = policy.add_parser(
        "start", help="an agency's first policy, and the first wording of every question"
    )
    start.add_argument("file", type=Path)
    start.set_defaults(run=_policy_start)
    rehearse = policy.add_parser("rehearse", help="what a draft would have said about past bookings")
    rehearse.add_argument("file", type=Path)
    rehearse.set_defaults(run=_policy_rehearse)
    explain = policy.add_parser(
        "explain", help="why not, and the smallest change that would make it possible"
    )
    explain.add_argument("--child", required=True, metavar="ID")
    explain.add_argument("--person", required=True, metavar="ID", action="append")
    explain.add_argument("--at", required=True, metavar="2030-05-15T16:00", help="by the clock of the case")
    explain.add_argument("--minutes", type=int, default=30)
    explain.add_argument("--level", default="supervised")
    explain.set_defaults(run=_policy_explain)


def _add_bench(commands: Commands) -> None:
    bench = commands.add_parser("bench", help="measure").add_subparsers(required=True, metavar="WHAT")
    media = bench.add_parser("relay", help="CPU and latency of the relay on reference visits")
    media.add_argument("--visits", type=int, default=8)
    media.add_argument("--people", type=int, default=4)
    media.add_argument("--seconds", type=int, default=10)
    media.add_argument("--peer", choices=["mediarelay"])
    media.add_argument("--json", action="store_true")
    media.set_defaults(run=_bench_relay)
    rules = bench.add_parser("policy", help="booking questions decided per second, on one core")
    rules.add_argument("--questions", type=int, default=20_000)
    rules.add_argument("--json", action="store_true")
    rules.set_defaults(run=_bench_policy)
    log = bench.add_parser("audit", help="appends and verification of the evidence log")
    log.add_argument("--entries", type=int, default=2000)
    log.add_argument(
        "--database", metavar="URL", help="an empty database; a temporary SQLite file by default"
    )
    log.add_argument("--json", action="store_true")
    log.set_defaults(run=_bench_audit)


def _settings(process: str) -> Settings:
    settings = Settings.from_environment(os.environ)
    logs.start(process, level=settings.log_level)
    return settings


def _serve(_: Options) -> None:
    from contact_service import app

    app.serve(_settings("serve"))


def _schedule(_: Options) -> None:
    from contact_service import app
    from contact_service.jobs import runner
    from contact_service.jobs.letters import Post
    from contact_service.jobs.schedule import schedule
    from contact_service.mail import MailServer
    from contact_service.pages.rendering import web_dir

    settings = _settings("schedule")
    server = MailServer(
        host=settings.smtp_host,
        port=settings.smtp_port,
        starttls=settings.smtp_starttls,
        user=settings.smtp_user,
        password=secret(settings.smtp_password) if settings.smtp_password else "",
    )
    post = Post(
        server=server,
        sender=settings.mail_from,
        public_url=settings.public_url.rstrip("/"),
        messages_dir=web_dir() / "messages",
        help_name=settings.help_name,
        help_phone=settings.help_phone,
    )
    runner.run(schedule(app.install(settings), post))


def _relay(_: Options) -> None:
    from contact_service.relay import main as relay

    relay.run(Settings.from_environment(os.environ))


def _seal(_: Options) -> None:
    from threading import Event

    from contact_service.audit import sealer
    from contact_service.database import connect
    from contact_service.operations.actions import beat_from

    settings = _settings("seal")
    settings.require("seal_key", "seal_memory_path")
    assert settings.seal_memory_path is not None
    engine = connect(settings.database_url)
    stop = Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    sealer.run(
        engine,
        origin=f"{settings.log_origin}/{settings.agency}/contact",
        signer_key=secret(settings.seal_key),
        memory_path=settings.seal_memory_path,
        beat=lambda: beat_from(engine, "seal"),
        stop=stop,
    )


def _migrate(_: Options) -> None:
    from contact_service.database import connect
    from contact_service.migrations.upgrade import upgrade

    upgrade(connect(_settings("migrate").database_url))


def _demo(options: Options) -> int:
    from contact_service.demo import processes

    return processes.run(folder=options.folder, port=options.port)


def _demo_serve(_: Options) -> None:
    from contact_service.demo import serving

    serving.run(_settings("serve"))


def _keys_new(options: Options) -> None:
    from contact_service.demo import key_files

    made = key_files.make(options.folder, origin=options.origin, agency=options.agency)
    for name, value in made.environment().items():
        print(f"{name}={value}")


def _staff_add(options: Options) -> None:
    from getpass import getpass

    from contact_service import actor, app
    from contact_service.identity.account import parse_roles
    from contact_service.identity.actions import add_account
    from contact_service.work import begin

    roles = parse_roles(options.role)
    installation = app.install(_settings("staff"))
    password = getpass("Password (15 characters or more): ")
    with begin(installation, actor.COMMAND_LINE) as work:
        add_account(
            work, email=options.email, name=options.name or options.email, roles=roles, password=password
        )
    print(f"{options.email} can sign in now.")


def _audit_verify(options: Options) -> int:
    from contact_service.audit import verifier

    return verifier.main_verify(database=options.database, data=options.data, key=options.key, out=sys.stdout)


def _bench_relay(options: Options) -> int:
    from contact_service.bench import relay

    return relay.run(
        visits=options.visits,
        people=options.people,
        seconds=options.seconds,
        peer=options.peer,
        json_output=options.json,
    )


def _bench_policy(options: Options) -> int:
    from contact_service.bench import policy

    return policy.run(questions=max(1, options.questions), json_output=options.json)


def _policy_check(options: Options) -> int:
    from contact_service import policy_commands

    code, lines = policy_commands.check(_text(options.file))
    print("\n".join(lines))
    return code


def _policy_show(options: Options) -> None:
    from contact_service.agency_policy.packs import pack

    print(pack(options.pack), end="")


def _policy_start(options: Options) -> None:
    from contact_service import actor, app
    from contact_service.agency_policy.actions import start_policy
    from contact_service.agency_policy.reading import read_policy
    from contact_service.consent.actions import publish_text
    from contact_service.consent.texts import FIRST_TEXTS
    from contact_service.work import begin

    document = read_policy(_text(options.file))
    with begin(app.install(_settings("policy")), actor.COMMAND_LINE) as work:
        start_policy(work, document)
        for wording in FIRST_TEXTS:
            publish_text(work, wording)
    print(f"{document.title} is in force.")


def _policy_rehearse(options: Options) -> None:
    from contact_service import actor, app, policy_commands
    from contact_service.work import read

    with read(app.install(_settings("policy")), actor.COMMAND_LINE) as work:
        print("\n".join(policy_commands.rehearsed(work, _text(options.file))))


def _policy_explain(options: Options) -> int:
    from contact_service import actor, app, policy_commands
    from contact_service.work import read

    question = policy_commands.Question(
        child=options.child,
        people=tuple(options.person),
        at=options.at,
        minutes=options.minutes,
        level=options.level,
    )
    with read(app.install(_settings("policy")), actor.COMMAND_LINE) as work:
        code, lines = policy_commands.explained(work, question)
    print("\n".join(lines))
    return code


def _text(file: Path) -> str:
    """A file as text, or one line that says why not."""
    from contact_service.errors import BadInput

    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"{file} cannot be read as UTF-8 text: {error}") from None


def _bench_audit(options: Options) -> int:
    from contact_service.bench import audit

    return audit.run(entries=options.entries, database_url=options.database, json_output=options.json)
