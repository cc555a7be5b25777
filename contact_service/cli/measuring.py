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
    verify.add_argument(
        "--agency",
        default="",
        metavar="NAME",
        help="whose log, where the role of the URL is bound to one agency",
    )
    verify.set_defaults(run=_audit_verify)


def add_bench(commands: Commands) -> None:
    """Bench relay, policy, slots, plan, times, booking, audit and links."""
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
    _add_plan(bench)
    _add_databases(bench)


def _add_databases(bench: Commands) -> None:
    """What is measured on a database of its own."""
    claims = bench.add_parser("booking", help="many who ask at once for the same people")
    claims.add_argument("--clients", type=int, default=200)
    claims.add_argument("--mixed", type=int, default=1000, help="further requests for any hour of many days")
    claims.add_argument(
        "--database", metavar="URL", help="an empty database; a temporary SQLite file by default"
    )
    claims.add_argument("--json", action="store_true")
    claims.set_defaults(run=_bench_booking)
    found = bench.add_parser("times", help="finding times for a visit, through the API")
    found.add_argument("--workers", type=int, default=30, help="visit supervisors")
    found.add_argument("--visits", type=int, default=200, help="that are asked for first")
    found.add_argument("--rounds", type=int, default=100)
    found.add_argument(
        "--database", metavar="URL", help="an empty database; a temporary SQLite file by default"
    )
    found.add_argument("--json", action="store_true")
    found.set_defaults(run=_bench_times)
    log = bench.add_parser("audit", help="appends and verification of the evidence log")
    log.add_argument("--entries", type=int, default=2000)
    log.add_argument(
        "--database", metavar="URL", help="an empty database; a temporary SQLite file by default"
    )
    log.add_argument("--json", action="store_true")
    log.set_defaults(run=_bench_audit)
    _add_links(bench)


def _add_links(bench: Commands) -> None:
    links = bench.add_parser("links", help="random secrets tried against links, and what the door answers")
    links.add_argument("--count", type=int, default=1_000_000, help="secrets that are looked up")
    links.add_argument(
        "--redeemed", type=int, default=3000, help="more, each redeemed and counted on its own"
    )
    links.add_argument("--rounds", type=int, default=400, help="HTTP requests with each kind of dead link")
    links.add_argument("--seed", type=int, default=1)
    links.add_argument("--seconds", type=float, default=3600.0, help="for the look-ups, at most")
    links.add_argument(
        "--database", metavar="URL", help="an empty database; a temporary SQLite file by default"
    )
    links.add_argument("--json", action="store_true")
    links.set_defaults(run=_bench_links)


def _add_plan(bench: Commands) -> None:
    plan = bench.add_parser("plan", help="planning the week of an invented agency")
    plan.add_argument("--visits", type=int, default=420)
    plan.add_argument("--seed", type=int, default=1)
    plan.add_argument("--mode", choices=["stress", "planted", "dst", "repair", "rolling"], default="stress")
    plan.add_argument("--region", choices=["US", "UK", "AU"], default="US")
    plan.add_argument(
        "--per-worker", type=int, default=14, metavar="N", help="visits for each worker: 14 is tight"
    )
    plan.add_argument(
        "--solver", choices=["first-fit", "best-fit", "recreate", "set-packing"], default="recreate"
    )
    ends = plan.add_mutually_exclusive_group()
    ends.add_argument("--seconds", type=float, default=30.0, help="of the processor, for the search")
    ends.add_argument("--steps", type=int, help="instead of seconds: the same plan on every machine")
    plan.add_argument(
        "--bound", type=float, default=120.0, metavar="SECONDS", help="for the bound; 0 for none"
    )
    plan.add_argument("--json", action="store_true")
    plan.set_defaults(run=_bench_plan)


def _audit_verify(options: Options) -> int:
    from contact_service.audit import verifier

    return verifier.main_verify(
        database=options.database,
        data=options.data,
        key=options.key,
        out=sys.stdout,
        agency=options.agency,
    )


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


def _bench_times(options: Options) -> int:
    from contact_service.bench import times

    return times.run(
        workers=max(1, options.workers),
        visits=max(0, options.visits),
        rounds=max(1, options.rounds),
        database_url=options.database,
        json_output=options.json,
    )


def _bench_booking(options: Options) -> int:
    from contact_service.bench import booking

    return booking.run(
        clients=max(2, min(options.clients, 1000)),
        mixed=max(0, options.mixed),
        database_url=options.database,
        json_output=options.json,
    )


def _bench_plan(options: Options) -> int:
    from contact_service.bench import plan
    from contact_service.bench.visitgen.week import Order
    from contact_service.week.outcome import Solver

    asked = plan.Asked(
        order=Order(
            visits=max(1, options.visits),
            seed=options.seed,
            mode=options.mode,
            region=options.region,
            per_worker=max(1, options.per_worker),
        ),
        solver=Solver(options.solver),
        seconds=max(0.0, options.seconds),
        steps=options.steps,
        bound_seconds=options.bound,
    )
    return plan.run(asked, json_output=options.json)


def _bench_audit(options: Options) -> int:
    from contact_service.bench import audit

    return audit.run(entries=options.entries, database_url=options.database, json_output=options.json)


def _bench_links(options: Options) -> int:
    from contact_service.bench import links

    asked = links.Asked(
        count=max(1, options.count),
        redeemed=max(1, options.redeemed),
        rounds=max(1, options.rounds),
        seed=options.seed,
        seconds=max(0.0, options.seconds),
    )
    return links.run(asked, database_url=options.database, json_output=options.json)
