"""Agencies: added, listed, closed and taken away in whole, at the command line alone."""

from argparse import ArgumentParser
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from contact_service.cli.asking import Commands, Options, settings_of
from contact_service.errors import NotFound
from contact_service.ids import AgencyId
from contact_service.settings import Settings

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from contact_service.agencies.agency import Agency
    from contact_service.work import Installation


def add_agencies(commands: Commands) -> None:
    """Agency create, list, close and export."""
    agency = commands.add_parser("agency", help="the agencies of this installation").add_subparsers(
        required=True, metavar="ACTION"
    )
    create = agency.add_parser(
        "create", help="another agency, apart from all others; prints its first-run code"
    )
    create.add_argument("name", help="short, never changed: it is part of its log's origin")
    create.add_argument("--name", dest="title", required=True, help="what its pages call it")
    create.add_argument("--public-url", required=True, help="its own address: https://visits.north.example")
    create.add_argument("--relay", help="the relay that carries its visits, and no other's (relay-NAME)")
    create.add_argument(
        "--relay-key",
        default="",
        metavar="PUBLICKEY",
        help="that relay's public key; without it, name it in CONTACT_RELAYS and restart serve",
    )
    _add_presentation(create)
    create.set_defaults(run=_create)
    agency.add_parser("list", help="every one, with its address").set_defaults(run=_list)
    close = agency.add_parser("close", help="nobody signs in any more, no link opens; everything is kept")
    close.add_argument("name")
    close.set_defaults(run=_close)
    export = agency.add_parser("export", help="everything it owns, in open formats, into a new folder")
    export.add_argument("name")
    export.add_argument("--out", type=Path, required=True, metavar="DIR")
    export.set_defaults(run=_export)


def _add_presentation(create: ArgumentParser) -> None:
    create.add_argument("--zone", help="the zone that its staff pages show times in (as CONTACT_ZONE)")
    create.add_argument("--help-name", help="whom its families ring (as CONTACT_HELP_NAME)")
    create.add_argument("--help-phone", help="and at which number (as CONTACT_HELP_PHONE)")


def _create(options: Options) -> None:
    from contact_service import actor, installing
    from contact_service.agencies.actions import add_agency
    from contact_service.agencies.agency import Agency
    from contact_service.factors.actions.first_run import make_first_code
    from contact_service.work import begin

    settings = settings_of("agency")
    first = installing.install(settings)
    installing.demand_room_for_another(first)
    new = Agency(
        name=AgencyId(options.name),
        title=options.title,
        public_url=options.public_url.rstrip("/"),
        zone=options.zone or settings.zone,
        help_name=options.help_name or settings.help_name,
        help_phone=options.help_phone or settings.help_phone,
        relay=options.relay or f"relay-{options.name}",
        relay_key=options.relay_key,
    )
    with begin(_installation_of(first, new), actor.COMMAND_LINE) as work:
        add_agency(work, new, of_settings=installing.agency_of(settings))
        code = make_first_code(work)
    as_it = f"CONTACT_AGENCY={new.name} CONTACT_PUBLIC_URL={new.public_url}"
    print(
        f"{new.title} has been added. This code makes its first administrator, once, within the hour: {code}"
    )
    print("Next:")
    print(
        f"1. Let the proxy pass {new.host} on, and /signal/{new.relay} to a relay of its own (deploy/README.md)."
    )
    if not new.relay_key:
        print(f"   Add {new.relay}=PUBLICKEY to CONTACT_RELAYS, and restart serve: it has no visits before.")
    print(f"2. Open {new.public_url}/w/first-run and type the code there: within seconds it is served.")
    print(f"3. Give it rules: {as_it} contact-service policy start policy.yaml")


def _list(_: Options) -> None:
    from contact_service import actor, installing
    from contact_service.agencies.queries import agencies
    from contact_service.work import read

    settings = settings_of("agency")
    with read(installing.install(settings), actor.COMMAND_LINE) as work:
        found = {one.name: one for one in (installing.agency_of(settings), *agencies(work))}
    for one in found.values():
        state = "open" if one.closed_at is None else f"closed on {one.closed_at:%d.%m.%Y}"
        print(f"{one.name}  {one.title}, {one.public_url}, {one.relay}, {state}")


def _close(options: Options) -> None:
    from contact_service import actor
    from contact_service.agencies.actions import close_agency
    from contact_service.work import begin

    installation, agency = _found(settings_of("agency"), options.name)
    with begin(installation, actor.COMMAND_LINE) as work:
        close_agency(work, agency)
    print(f"{agency.title} is closed: within seconds nobody signs in, no link opens and no letter leaves.")
    print(
        "Everything is kept, and its log is sealed as before. Hand it over with: contact-service agency export"
    )


def _export(options: Options) -> None:
    from contact_service import actor
    from contact_service.agencies.actions import record_export
    from contact_service.agencies.folder import write_export
    from contact_service.work import begin, read

    installation, _ = _found(settings_of("agency"), options.name)
    with begin(installation, actor.COMMAND_LINE) as work:
        record_export(work)
    # One state of the database, whatever is written meanwhile.
    still = replace(installation, engine=_unchanging(installation))
    with read(still, actor.COMMAND_LINE) as work:
        files = write_export(work, options.out)
    print(f"{sum(file.rows for file in files)} lines in {len(files)} files are in {options.out}.")
    print(
        "They name children and where they live: keep them as you keep a child's file. README.txt says what is what."
    )


def _unchanging(installation: "Installation") -> "Engine":
    engine = installation.engine
    if engine.dialect.name == "postgresql":
        return engine.execution_options(isolation_level="REPEATABLE READ")
    return engine


def _found(settings: Settings, name: str) -> tuple["Installation", "Agency"]:
    """The agency of that name; raises ``NotFound``."""
    from contact_service import actor, installing
    from contact_service.agencies.queries import agencies
    from contact_service.work import read

    first = installing.install(settings)
    with read(first, actor.COMMAND_LINE) as work:
        known = {one.name: one for one in (installing.agency_of(settings), *agencies(work))}
    if name not in known:
        raise NotFound(f"There is no agency {name}. Look at: contact-service agency list")
    return _installation_of(first, known[AgencyId(name)]), known[AgencyId(name)]


def _installation_of(first: "Installation", agency: "Agency") -> "Installation":
    return replace(first, agency=agency.name, zone=agency.zone)
