"""The agency's rules at the command line: check, start, rehearse, explain."""

from pathlib import Path

from contact_service.cli.asking import Commands, Options, settings_of, text_of


def add_policy(commands: Commands) -> None:
    """Policy check, show, start, texts, rehearse and explain."""
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
    texts = policy.add_parser(
        "texts", help="publish the first wording of every question in languages that have none yet"
    )
    texts.set_defaults(run=_policy_texts)
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


def _policy_check(options: Options) -> int:
    from contact_service import policy_commands

    code, lines = policy_commands.check(text_of(options.file))
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

    document = read_policy(text_of(options.file))
    with begin(app.install(settings_of("policy")), actor.COMMAND_LINE) as work:
        start_policy(work, document)
        for wording in FIRST_TEXTS:
            publish_text(work, wording)
    print(f"{document.title} is in force.")


def _policy_texts(_options: Options) -> None:
    from contact_service import actor, app, policy_commands
    from contact_service.work import begin

    with begin(app.install(settings_of("policy")), actor.COMMAND_LINE) as work:
        print("\n".join(policy_commands.published_texts(work)))


def _policy_rehearse(options: Options) -> None:
    from contact_service import actor, app, policy_commands
    from contact_service.work import read

    with read(app.install(settings_of("policy")), actor.COMMAND_LINE) as work:
        print("\n".join(policy_commands.rehearsed(work, text_of(options.file))))


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
    with read(app.install(settings_of("policy")), actor.COMMAND_LINE) as work:
        code, lines = policy_commands.explained(work, question)
    print("\n".join(lines))
    return code
