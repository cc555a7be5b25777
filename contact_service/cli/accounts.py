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
    """Staff add, staff new-password, staff reset."""
    staff = commands.add_parser("staff", help="accounts").add_subparsers(required=True, metavar="ACTION")
    add = staff.add_parser("add", help="make an account; prints a code with which its owner sets a password")
    add.add_argument("email")
    add.add_argument(
        "--role", required=True, help="worker, approver, visit_supervisor, auditor, administrator"
    )
    add.add_argument("--name", default="", help="as colleagues see it")
    add.set_defaults(run=_staff_add)
    reset = staff.add_parser(
        "reset", help="for somebody who lost phone and codes: take away app, codes and passkeys, end sign-ins"
    )
    reset.add_argument("email")
    reset.set_defaults(run=_staff_reset)
    new = staff.add_parser(
        "new-password",
        help="for a password that is forgotten, or that somebody else knows: prints a code for a new one",
    )
    new.add_argument("email")
    new.set_defaults(run=_staff_new_password)


def add_first_run(commands: Commands) -> None:
    """First-run."""
    first = commands.add_parser(
        "first-run", help="in an empty installation: prints a code with which the first administrator is made"
    )
    first.set_defaults(run=_first_run)


def _first_run(_options: Options) -> None:
    from contact_service import actor, app
    from contact_service.factors.actions.first_run import make_first_code
    from contact_service.work import begin

    settings = settings_of("first-run")
    with begin(app.install(settings), actor.COMMAND_LINE) as work:
        code = make_first_code(work)
    print(f"This code makes the first administrator, once, within the hour: {code}")
    print(f"Open {settings.public_url}/w/first-run and type it there.")
    print(
        "Then write down on the page “Data protection” who answers for the data: nobody can be entered before."
    )


def _keys_new(options: Options) -> None:
    from contact_service.demo import key_files

    made = key_files.make(options.folder, origin=options.origin, agency=options.agency)
    for name, value in made.environment().items():
        print(f"{name}={value}")


def _staff_add(options: Options) -> None:
    from contact_service import actor, app
    from contact_service.factors.actions.passwords import invite
    from contact_service.identity.account import parse_roles
    from contact_service.identity.actions import add_account
    from contact_service.work import begin

    roles = parse_roles(options.role)
    settings = settings_of("staff")
    installation = app.install(settings)
    name = options.name or options.email
    with begin(installation, actor.COMMAND_LINE) as work:
        account = add_account(work, email=options.email, name=name, roles=roles, password=None)
        code = invite(work, account)
    print(f"{options.email} has an account.")
    _print_code(code, public_url=settings.public_url)


def _staff_reset(options: Options) -> None:
    from contact_service import actor, app
    from contact_service.factors.actions.enrolling import reset_factors
    from contact_service.identity.queries import account_with_email
    from contact_service.rooms.actions import put_out
    from contact_service.work import begin

    with begin(app.install(settings_of("staff")), actor.COMMAND_LINE) as work:
        account = account_with_email(work, options.email)
        reset_factors(work, account.id)
        put_out(work, account.id)
    print(f"{account.email} signs in with the password alone now, and is told so by e-mail.")


def _staff_new_password(options: Options) -> None:
    from contact_service import actor, app
    from contact_service.factors.actions.passwords import reset_password
    from contact_service.identity.queries import account_with_email
    from contact_service.rooms.actions import put_out
    from contact_service.work import begin

    settings = settings_of("staff")
    with begin(app.install(settings), actor.COMMAND_LINE) as work:
        account = account_with_email(work, options.email)
        code = reset_password(work, account.id)
        put_out(work, account.id)
    print(f"The password of {account.email} does not work any more, and they are told so by e-mail.")
    _print_code(code, public_url=settings.public_url)


def _print_code(code: str, *, public_url: str) -> None:
    print(f"Give them this code in person or by phone. It sets a password, once, within the hour: {code}")
    print(f"They type it at {public_url}/w/sign-in/new-password")
