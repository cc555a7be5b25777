"""Check the evidence log offline, and measure."""

import sys
from pathlib import Path

from contact_service.cli.asking import Commands, Options


def add_audit(commands: Commands) -> None:
    """Audit verify."""
    audit = commands.add_parser("audit", help="the evidence log").add_subparsers(
        required=True, metavar="ACTION"
    )
    verify = audit.add_parser("verify", help="check bytes, leaves, root and signature, offline")
    where = verify.add_mutually_exclusive_group(required=True)
    where.add_argument("--database", metavar="URL")
    where.add_argument("--data", metavar="DIR", type=Path, help="the folder of an embedded installation")
    verify.add_argument("--key", required=True, metavar="VKEY", help="the sealer's verifier key")
    verify.set_defaults(run=_audit_verify)


def add_bench(commands: Commands) -> None:
    """Bench relay, policy, slots and audit."""
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
    times = bench.add_parser("slots", help="finding the common free times of many people")
    times.add_argument("--parties", type=int, default=8)
    times.add_argument("--workers", type=int, default=30)
    times.add_argument("--days", type=int, default=90)
    times.add_argument("--rounds", type=int, default=400)
    times.add_argument("--json", action="store_true")
    times.set_defaults(run=_bench_slots)
    log = bench.add_parser("audit", help="appends and verification of the evidence log")
    log.add_argument("--entries", type=int, default=2000)
    log.add_argument(
        "--database", metavar="URL", help="an empty database; a temporary SQLite file by default"
    )
    log.add_argument("--json", action="store_true")
    log.set_defaults(run=_bench_audit)


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


def _bench_slots(options: Options) -> int:
    from contact_service.bench import slots

    return slots.run(
        parties=max(1, options.parties),
        workers=max(1, options.workers),
        days=max(1, min(options.days, 400)),
        rounds=max(1, options.rounds),
        json_output=options.json,
    )


def _bench_audit(options: Options) -> int:
    from contact_service.bench import audit

    return audit.run(entries=options.entries, database_url=options.database, json_output=options.json)
