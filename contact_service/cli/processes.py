"""The processes of the product, and the demo that starts them all."""

import os
import signal
from pathlib import Path

from contact_service.cli.asking import Commands, Options, settings_of
from contact_service.settings import Settings, secret


def add_processes(commands: Commands) -> None:
    """serve, schedule, relay, seal, migrate and demo."""
    for name, run, text in (
        ("serve", _serve, "pages, JSON and the relays' links"),
        ("schedule", _schedule, "send messages, open and close doors"),
        ("relay", _relay, "carry the media of visits"),
        ("seal", _seal, "sign the evidence log"),
        ("migrate", _migrate, "bring the database to this release"),
    ):
        commands.add_parser(name, help=text).set_defaults(run=run)
    _add_demo(commands)


def _add_demo(commands: Commands) -> None:
    demo = commands.add_parser("demo", help="everything on this machine, with a made-up family")
    demo.add_argument("--port", type=int, default=8000, help="where the pages are (8000)")
    demo.add_argument("--folder", type=Path, default=Path(".demo"), help="made anew at each start (.demo)")
    demo.set_defaults(run=_demo)
    commands.add_parser("demo-serve").set_defaults(run=_demo_serve)


def _serve(_: Options) -> None:
    from contact_service import app

    app.serve(settings_of("serve"))


def _schedule(_: Options) -> None:
    from contact_service import installing
    from contact_service.cli.text_messages import texting
    from contact_service.jobs import runner
    from contact_service.jobs.composing import Post
    from contact_service.jobs.schedule import schedule
    from contact_service.mail import MailServer
    from contact_service.pages.rendering import web_dir

    settings = settings_of("schedule")
    server = MailServer(
        host=settings.smtp_host,
        port=settings.smtp_port,
        starttls=settings.smtp_starttls,
        user=settings.smtp_user,
        password=secret(settings.smtp_password) if settings.smtp_password else "",
    )
    texts = texting(settings)

    def post(of: Settings) -> Post:
        return Post(
            server=server,
            texting=texts,
            sender=of.mail_from,
            public_url=of.public_url.rstrip("/"),
            messages_dir=web_dir() / "messages",
            help_name=of.help_name,
            help_phone=of.help_phone,
        )

    roster = installing.Roster(settings)
    roster.look().demanded()
    runner.run(
        lambda: [
            (one.installation, schedule(one.installation, post(one.settings))) for one in roster.look().served
        ]
    )


def _relay(_: Options) -> None:
    from contact_service.relay import main as relay

    relay.run(Settings.from_environment(os.environ))


def _seal(_: Options) -> None:
    from threading import Event

    from sqlmodel import Session

    from contact_service.audit import sealer
    from contact_service.audit.queries import agencies_besides
    from contact_service.database import connect, of_agency
    from contact_service.operations.actions import beat_from

    settings = settings_of("seal")
    settings.require("seal_key", "seal_memory_path")
    assert settings.seal_memory_path is not None
    engine = connect(settings.database_url)
    stop = Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    first = sealer.Seal(
        origin=f"{settings.log_origin}/{settings.agency}/contact",
        signer_key=secret(settings.seal_key),
        memory_path=settings.seal_memory_path,
    )

    def logs() -> list[sealer.Seal]:
        with of_agency(engine, settings.agency).connect() as connection, Session(connection) as session:
            added = [name for name in agencies_besides(session) if name != settings.agency]
        contact = [
            first,
            *(first.for_agency(f"{settings.log_origin}/{name}/contact", name) for name in added),
        ]
        return [*contact, *(one.for_log(one.origin.removesuffix("contact") + "access") for one in contact)]

    sealer.run(
        engine,
        logs,
        beat=lambda: beat_from(engine, "seal"),
        stop=stop,
    )


def _migrate(_: Options) -> None:
    from contact_service.database import connect
    from contact_service.migrations.upgrade import upgrade

    settings = settings_of("migrate")
    upgrade(connect(settings.database_url), role=settings.database_role)


def _demo(options: Options) -> int:
    from contact_service.demo import processes

    return processes.run(folder=options.folder, port=options.port)


def _demo_serve(_: Options) -> None:
    from contact_service.demo import serving

    serving.run(settings_of("serve"))
