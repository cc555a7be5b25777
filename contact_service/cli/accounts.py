"""Keys, and the accounts of people."""

from pathlib import Path

from contact_service.cli.asking import Commands, Options, settings_of


def add_keys(commands: Commands) -> None:
    """Keys new."""
    keys = commands.add_parser("keys", help="make keys").add_subparsers(required=True, metavar="ACTION")
    new = keys.add_parser("new", help="a whole new set in an empty folder")
    new.add_argument("folder", type=Path)
    new.add_argument("--origin", default="contact-service.example", help="CONTACT_LOG_ORIGIN")
    new.add_argument("--agency", default="agency", help="CONTACT_AGENCY")
    new.set_defaults(run=_keys_new)


def add_staff(commands: Commands) -> None:
    """Staff add."""
    staff = commands.add_parser("staff", help="accounts").add_subparsers(required=True, metavar="ACTION")
    add = staff.add_parser("add", help="make an account; the password is asked for")
    add.add_argument("email")
    add.add_argument(
        "--role", required=True, help="worker, approver, visit_supervisor, auditor, administrator"
    )
    add.add_argument("--name", default="", help="as colleagues see it")
    add.set_defaults(run=_staff_add)


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
    installation = app.install(settings_of("staff"))
    password = getpass("Password (15 characters or more): ")
    with begin(installation, actor.COMMAND_LINE) as work:
        add_account(
            work, email=options.email, name=options.name or options.email, roles=roles, password=password
        )
    print(f"{options.email} can sign in now.")
