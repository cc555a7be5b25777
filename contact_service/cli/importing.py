"""Take in what another system knows."""

import sys
from pathlib import Path

from contact_service.cli.asking import Commands, Options, settings_of


def add_import(commands: Commands) -> None:
    """Import people."""
    what = commands.add_parser("import", help="take in what another system knows").add_subparsers(
        required=True, metavar="WHAT"
    )
    people = what.add_parser("people", help="a caseload as CSV: all of it, or nothing and every reason")
    people.add_argument("file", type=Path, help="its columns: contact_service/caseload/README.md")
    people.add_argument(
        "--worker", action="append", default=[], metavar="EMAIL", help="who works on new cases"
    )
    people.add_argument("--system", default="caseload", help="whose references they are (caseload)")
    people.add_argument("--zone", default="Europe/London", help="of new cases that name none (Europe/London)")
    people.add_argument("--dry-run", action="store_true", help="say what would happen, change nothing")
    people.add_argument(
        "--failed", type=Path, metavar="FILE", help="write the failed rows with their reasons"
    )
    people.add_argument("--json", action="store_true")
    people.set_defaults(run=_people)


def _people(options: Options) -> int:
    from contact_service import app
    from contact_service.caseload import importing

    asked = importing.Question(
        file=options.file,
        system=options.system,
        zone=options.zone,
        workers=tuple(options.worker),
        dry_run=options.dry_run,
        failed=options.failed,
        as_json=options.json,
    )
    installation = app.install(settings_of("import"))
    return importing.run(installation, asked, out=print, err=lambda line: print(line, file=sys.stderr))
