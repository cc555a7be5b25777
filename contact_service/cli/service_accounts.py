"""Service accounts: made, listed and revoked at the command line alone."""

from datetime import datetime, timedelta

from contact_service.cli.asking import Commands, Options, settings_of

SCOPES_HELP = (
    "may be given more than once, or joined by commas; `service-account scopes` says what each is for"
)


def add_service_accounts(commands: Commands) -> None:
    """service-account add, list, scopes and revoke."""
    machines = commands.add_parser("service-account", help="machines that use the JSON API").add_subparsers(
        required=True, metavar="ACTION"
    )
    add = machines.add_parser("add", help="make one; its token is shown once")
    add.add_argument("name", help="the system that will call, like Caseworks")
    add.add_argument("--owner", required=True, metavar="EMAIL", help="the member of staff who answers for it")
    add.add_argument("--scope", required=True, action="append", help=SCOPES_HELP)
    add.add_argument("--days", type=int, default=90, help="how long its token is good (90)")
    add.set_defaults(run=_add)
    machines.add_parser("list", help="every one, with its id").set_defaults(run=_list)
    machines.add_parser("scopes", help="what a service account may be allowed").set_defaults(run=_scopes)
    revoke = machines.add_parser("revoke", help="its token is worth nothing from now")
    revoke.add_argument("id")
    revoke.set_defaults(run=_revoke)


def _add(options: Options) -> None:
    from contact_service import actor, app
    from contact_service.identity.queries import account_with_email
    from contact_service.service_accounts.actions import NewServiceAccount, add_service_account
    from contact_service.service_accounts.scope import parse_scopes
    from contact_service.work import begin

    scopes = parse_scopes(options.scope)
    with begin(app.install(settings_of("service-account")), actor.COMMAND_LINE) as work:
        owner = account_with_email(work, options.owner)
        new = NewServiceAccount(
            name=options.name, owner=owner.id, scopes=scopes, lasts=timedelta(days=_days(options.days))
        )
        made, until = add_service_account(work, new), work.now + new.lasts
    print(f"Service account {made.account}, good until {_day(until)}.")
    print("Its token is shown only now. Keep it where the other system keeps its secrets:")
    print(made.token)


def _days(days: int) -> int:
    # A timedelta takes no more than a billion days; the account's own limit is named by the action.
    return max(-1, min(days, 100_000))


def _list(_: Options) -> None:
    from contact_service import actor, app
    from contact_service.identity.queries import account_for
    from contact_service.service_accounts.queries import service_accounts
    from contact_service.work import read

    with read(app.install(settings_of("service-account")), actor.COMMAND_LINE) as work:
        found = service_accounts(work)
        for one in found:
            state = f"good until {_day(one.expires_at)}" if one.stands(work.now) else "ended"
            owner = account_for(work, one.owner).name
            print(
                f"{one.account}  {one.name}, {state}, answered for by {owner}: {', '.join(sorted(one.scopes))}"
            )
    if not found:
        print("There is no service account. Make one with: contact-service service-account add NAME ...")


def _scopes(_: Options) -> None:
    from contact_service.service_accounts.scope import SAYS

    for scope, says in SAYS.items():
        print(f"{scope:20} {says}")


def _revoke(options: Options) -> None:
    from contact_service import actor, app
    from contact_service.ids import AccountId
    from contact_service.service_accounts.actions import revoke
    from contact_service.work import begin

    with begin(app.install(settings_of("service-account")), actor.COMMAND_LINE) as work:
        revoke(work, AccountId(options.id))
    print(f"{options.id} is revoked: its token is worth nothing from now.")


def _day(at: datetime) -> str:
    return f"{at:%d.%m.%Y %H:%M} UTC"
