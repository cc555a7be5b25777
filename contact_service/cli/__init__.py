"""The command line: parse, call one function, say in one line what is wrong.

Each command imports what it needs when it runs: a relay loads no database code, and nothing waits for the rest.
"""

import argparse
import sys
from collections.abc import Callable, Sequence

from contact_service.cli.accounts import add_first_run, add_keys, add_staff
from contact_service.cli.agencies import add_agencies
from contact_service.cli.asking import Options
from contact_service.cli.importing import add_import
from contact_service.cli.jobs import add_jobs
from contact_service.cli.measuring import add_audit, add_bench
from contact_service.cli.planning import add_plan
from contact_service.cli.processes import add_processes
from contact_service.cli.rules import add_policy
from contact_service.cli.service_accounts import add_service_accounts
from contact_service.errors import ContactServiceError


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
    add_processes(commands)
    add_jobs(commands)
    add_keys(commands)
    add_first_run(commands)
    add_staff(commands)
    add_agencies(commands)
    add_service_accounts(commands)
    add_import(commands)
    add_audit(commands)
    add_policy(commands)
    add_plan(commands)
    add_bench(commands)
    return parser
