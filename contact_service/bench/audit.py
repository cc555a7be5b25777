"""What the evidence log costs: appends, verification and bytes, on a fresh database of the kind that is named."""

import json
import resource
import statistics
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from multiprocessing import get_context
from pathlib import Path

from sqlalchemy import Column, Engine, Integer, MetaData, String, Table, insert, text

from contact_service import clock, work
from contact_service.actor import COMMAND_LINE
from contact_service.audit import stretches
from contact_service.audit.events import AuditEvent, ConsentFact, EventType, Subject
from contact_service.audit.note import create_signer
from contact_service.audit.sealer import seal_once
from contact_service.audit.verifier import verify
from contact_service.bench.place import Place, fresh
from contact_service.ids import AgencyId
from contact_service.keys.provider import KeyProvider
from contact_service.migrations.upgrade import upgrade

BATCH_ENTRIES = 64
CASES = 50
LATENCY_SAMPLES = 2000

_business = Table("bench_row", MetaData(), Column("id", Integer, primary_key=True), Column("state", String))


@dataclass(frozen=True, kw_only=True)
class _Verified:
    seconds: float
    peak_rss_mb: float
    fault: str


def run(*, entries: int, database_url: str | None, json_output: bool) -> int:
    """Append ``entries`` entries, a quarter of them one by one, seal, verify, and print the figures; return 0.

    The measure of single appends is the same database on the same disk: ``business_alone_per_second`` is its bare
    commit rate with the same business row, and ``evidence_share`` the part of an append's median time that is ours.

    Returns 1, with the fault as the last line, when the log that was made does not verify.
    """
    with fresh(database_url) as place:
        figures = _measured(place, entries)
    fault = figures.pop("fault")
    print(json.dumps(figures) if json_output else _table(figures))
    if fault:
        print(fault)
    return 1 if fault else 0


def _measured(place: Place, entries: int) -> dict[str, object]:
    upgrade(place.engine)
    with place.engine.begin() as connection:
        _business.create(connection)
    installation = work.Installation(
        engine=place.engine,
        keys=KeyProvider.create(place.folder / "keys", "bench"),
        agency=AgencyId("bench"),
        log_origin="bench.example",
    )
    _append(installation, [_event(case) for case in range(CASES)])
    singles = max(1, entries // 4)
    bare = _bare_seconds(place.engine, min(singles, LATENCY_SAMPLES))
    single = [_single_seconds(installation, number) for number in range(singles)]
    figures = _single_figures(bare, single) | _batch_figures(installation, max(1, entries - singles))
    return figures | _verify_figures(place, installation)


def _single_figures(bare: list[float], single: list[float]) -> dict[str, object]:
    added = {
        name: round(_percentile(single, at) - _percentile(bare, at), 2)
        for name, at in (("p50", 50), ("p99", 99))
    }
    return {
        "appends_per_second": round(len(single) / sum(single)),
        "business_alone_per_second": round(len(bare) / sum(bare)),
        "evidence_share": round(1 - statistics.median(bare) / statistics.median(single), 2),
        "added_latency_ms": added,
    }


def _batch_figures(installation: work.Installation, entries: int) -> dict[str, object]:
    size, started = _bytes(installation.engine), time.perf_counter()
    for first in range(0, entries, BATCH_ENTRIES):
        _append(
            installation, [_event(number) for number in range(first, min(first + BATCH_ENTRIES, entries))]
        )
    seconds = time.perf_counter() - started
    with installation.engine.connect() as connection:
        envelope = connection.execute(text("SELECT avg(length(envelope)) FROM audit_entry")).scalar_one()
    return {
        "batched_appends_per_second": round(entries / seconds),
        "bytes_per_entry_envelope": round(float(envelope)),
        "bytes_per_entry": round((_bytes(installation.engine) - size) / entries),
    }


def _verify_figures(place: Place, installation: work.Installation) -> dict[str, object]:
    signer_key, verifier_key = create_signer(installation.contact_log)
    started = time.perf_counter()
    sealed = seal_once(place.engine, installation.contact_log, signer_key, place.folder / "seal-memory")
    seal_seconds = time.perf_counter() - started
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as apart:
        verified = apart.submit(_verified, place.database_url, verifier_key).result()
    return {
        "entries": sealed.size,
        "seal_seconds": round(seal_seconds, 3),
        "verify_seconds": round(verified.seconds, 3),
        "verify_us_per_entry": round(verified.seconds / sealed.size * 1e6, 2),
        "verify_peak_rss_mb": round(verified.peak_rss_mb),
        "database": place.engine.dialect.name,
        "fault": verified.fault,
    }


def _verified(database_url: str, verifier_key: str) -> _Verified:
    """Verify in a process that did nothing else, so that its memory is the verifier's."""
    started = time.perf_counter()
    report = verify(database_url, [verifier_key])
    return _Verified(
        seconds=time.perf_counter() - started,
        peak_rss_mb=_peak_rss_mb(),
        fault=report.fault.line() if report.fault else "",
    )


def _peak_rss_mb() -> float:
    """This process's own peak, and for each that it may have started the largest one's; shared pages count twice."""
    # Not getrusage for the own peak: it starts from what the process was that started this one.
    own = next(
        line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM")
    )
    child = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    return (int(own.split()[1]) + stretches.PROCESSES * child) / 1024


def _bare_seconds(engine: Engine, count: int) -> list[float]:
    """How long the same business row takes without the log."""
    samples = []
    for _ in range(count):
        started = time.perf_counter()
        with engine.begin() as connection:
            connection.execute(insert(_business).values(state="ended"))
        samples.append(time.perf_counter() - started)
    return samples


def _single_seconds(installation: work.Installation, number: int) -> float:
    started = time.perf_counter()
    with work.begin(installation, COMMAND_LINE) as opened:
        opened.session.connection().execute(insert(_business).values(state="ended"))
        opened.record(_event(number))
    return time.perf_counter() - started


def _append(installation: work.Installation, events: list[AuditEvent]) -> None:
    with work.begin(installation, COMMAND_LINE) as opened:
        for one in events:
            opened.record(one)


def _event(number: int) -> AuditEvent:
    """The end of a visit of three: as full as entries get in practice."""
    start = clock.utc_now()
    end = start + timedelta(minutes=30)
    person = f"{number % CASES:032x}"
    return AuditEvent(
        type=EventType.VISIT_ENDED,
        case=f"case-{number % CASES}",
        visit=f"{number:032x}",
        subjects=tuple(Subject(ref=person, role=role) for role in ("child", "family_member", "caregiver")),
        planned=(start, end),
        actual=(start, end),
        level="supervised",
        supervisor=person,
        consent=(ConsentFact(ref=person, basis="consent", scope="video_visit"),),
        reason="completed",
        policy_version=1,
        plan_version=1,
    )


def _percentile(samples: list[float], at: int) -> float:
    """In milliseconds."""
    if len(samples) == 1:
        return samples[0] * 1000
    return statistics.quantiles(samples, n=100, method="inclusive")[at - 1] * 1000


def _bytes(engine: Engine) -> int:
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            pages = int(connection.execute(text("PRAGMA page_count")).scalar_one())
            return pages * int(connection.execute(text("PRAGMA page_size")).scalar_one())
        size = "SELECT sum(pg_total_relation_size(name)) FROM (VALUES ('audit_entry'), ('audit_checkpoint')) AS t(name)"
        return int(connection.execute(text(size)).scalar_one())


def _table(figures: dict[str, object]) -> str:
    return "\n".join(f"{name.replace('_', ' '):28} {value}" for name, value in figures.items())
