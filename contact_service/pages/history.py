"""The auditor's pages: cases, contact history, copies of it, and whether the log verifies."""

import csv
import io
import json
from collections import Counter

from fastapi import APIRouter
from starlette.responses import HTMLResponse, Response

from contact_service.audit import queries as audit
from contact_service.audit.events import AuditEvent, EventType
from contact_service.ids import CaseId
from contact_service.pages.access import AnId, Desk, StaffReading
from contact_service.pages.reading_words import part_in_words
from contact_service.pages.rendering import render, say
from contact_service.pages.site import Verification
from contact_service.pages.words import READING_PURPOSES
from contact_service.people.person import MemberRole
from contact_service.people.queries import members as people
from contact_service.readings.queries import many_cases
from contact_service.reports.queries import (
    Line,
    Read,
    case_readings,
    case_summaries,
    contact_history,
    demand_auditor,
    readers,
)
from contact_service.spreadsheets import harmless
from contact_service.staff_door import acting

router = APIRouter()


@router.get("/w/cases")
def cases(desk: StaffReading) -> HTMLResponse:
    """Every case."""
    rows = [
        {
            "id": summary.case,
            "child": ", ".join(summary.children),
            "events": summary.entries,
            "last_at": summary.last_at,
            "href": f"/w/case/{summary.case}",
        }
        for summary in case_summaries(desk.work)
    ]
    return HTMLResponse(render("staff/cases.html", desk.context(cases=rows), zone=desk.site.zone))


@router.get("/w/case/{case}")
def case_page(desk: StaffReading, case: AnId) -> HTMLResponse:
    """The contact history of one case, with the result of checking the log on top."""
    lines = contact_history(desk.work, CaseId(case))
    context = desk.context(
        case={"id": case, "child": _children(desk, CaseId(case))},
        verification=_verification(desk),
        events=[_event(line) for line in reversed(lines)],
    )
    return HTMLResponse(render("staff/history.html", context, zone=desk.site.zone))


@router.get("/w/case/{case}/readings")
def readings_page(desk: StaffReading, case: AnId) -> HTMLResponse:
    """Who has read this child's record: each reader with how often, then every reading."""
    found = case_readings(desk.work, CaseId(case))[::-1]
    context = desk.context(
        case={"id": case, "child": _children(desk, CaseId(case))},
        readers=_readers(found),
        readings=[_reading(one) for one in found],
    )
    return HTMLResponse(render("staff/readings.html", context, zone=desk.site.zone))


@router.get("/w/readers")
def readers_page(desk: StaffReading) -> HTMLResponse:
    """Who read the records of how many children on each day of the last month."""
    rows = [
        {"day": one.day, "who": one.who, "cases": one.cases, "many": one.many} for one in readers(desk.work)
    ]
    context = desk.context(rows=rows, many=many_cases(desk.work))
    return HTMLResponse(render("staff/readers.html", context, zone=desk.site.zone))


def _reading(one: Read) -> dict[str, object]:
    said = one.purpose
    return {
        "at": one.at,
        "who": one.who,
        "part": part_in_words(one.part),
        "in_emergency": one.in_emergency,
        "purpose": say(READING_PURPOSES[said.purpose]) if said else "",
        "words": said.words if said else "",
    }


def _readers(found: list[Read]) -> list[dict[str, object]]:
    """Each reader with how many readings and the newest, whoever read most first."""
    times = Counter(one.who for one in found)
    newest = {one.who: one.at for one in reversed(found)}
    return [{"who": who, "times": n, "last_at": newest[who]} for who, n in times.most_common()]


@router.get("/w/case/{case}/history.json")
def case_json(desk: StaffReading, case: AnId) -> Response:
    """The history as JSON; the copy is itself recorded."""
    lines = contact_history(desk.work, CaseId(case))
    _record_export(desk, CaseId(case), "json", len(lines))
    body = {
        "case": case,
        "made_at": desk.work.now.isoformat(),
        "caution": _CAUTION,
        "entries": [_plain(line) for line in lines],
    }
    return _download(
        json.dumps(body, indent=2, ensure_ascii=False), "application/json", f"history-{case}.json"
    )


@router.get("/w/case/{case}/history.csv")
def case_csv(desk: StaffReading, case: AnId) -> Response:
    """The history as CSV; cells that a spreadsheet would run as formulas are quoted."""
    lines = contact_history(desk.work, CaseId(case))
    _record_export(desk, CaseId(case), "csv", len(lines))
    out = io.StringIO()
    rows = csv.writer(out)
    rows.writerow(["entry", "number in case", "at (UTC)", "who", "what", "details", "leaf hash"])
    for line in lines:
        details = "; ".join(f"{label}: {value}" for label, value in line.details)
        cells = (
            line.number,
            line.case_number,
            line.at.isoformat(),
            line.who,
            line.what,
            details,
            line.leaf_hash,
        )
        rows.writerow([harmless(str(cell)) for cell in cells])
    return _download(out.getvalue(), "text/csv; charset=utf-8", f"history-{case}.csv")


@router.get("/w/log")
def log_page(desk: StaffReading) -> HTMLResponse:
    """Whether the log verifies, and how to check that on another machine."""
    demand_auditor(desk.work)
    note = audit.newest_checkpoint(desk.work.session, desk.site.installation.contact_log)
    context = desk.context(
        verification=_verification(desk),
        checkpoint=note.decode() if note else "",
        key=desk.site.verifier_key,
        command=f"contact-service audit verify --database URL --key '{desk.site.verifier_key}'",
    )
    return HTMLResponse(render("staff/log.html", context, zone=desk.site.zone))


_CAUTION = (
    "This copy holds personal facts about a child and a family. Use it only for the purpose it was made for. "
    "It says who recorded what and when; it does not prove that what was recorded is true."
)


def _children(desk: Desk, case: CaseId) -> str:
    members = people.members_of(desk.work, case)
    return ", ".join(m.details.name for m in members if m.role is MemberRole.CHILD)


def _verification(desk: Desk) -> dict[str, object]:
    found: Verification = desk.site.verify_log()
    problem = None
    if found.problem is not None:
        code, index, text = found.problem
        problem = {"code": code, "entry": "" if index is None else index, "text": text}
    return {
        "state": "broken" if problem else "ok" if found.sealed else "never",
        "entries": found.entries,
        "sealed": found.sealed,
        "root": found.root,
        "checked_at": desk.work.now,
        "origin": desk.site.installation.contact_log,
        "problem": problem,
    }


def _event(line: Line) -> dict[str, object]:
    return {
        "number": line.number,
        "at": line.at,
        "who": line.who,
        "what": line.what,
        "kind": line.kind,
        "details": [{"label": label, "value": value} for label, value in line.details],
        "hash": line.leaf_hash[:12],
    }


def _plain(line: Line) -> dict[str, object]:
    return {
        "entry": line.number,
        "number_in_case": line.case_number,
        "at": line.at.isoformat(),
        "who": line.who,
        "what": line.what,
        "type": line.type,
        "details": dict(line.details),
        "leaf_hash": line.leaf_hash,
    }


def _record_export(desk: Desk, case: CaseId, kind: str, entries: int) -> None:
    with acting(desk.site.installation, desk.work.actor) as work:
        facts = (("format", kind), ("entries", entries))
        work.record(AuditEvent(type=EventType.RECORD_EXPORTED, case=case, facts=facts))


def _download(body: str, kind: str, name: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(body, media_type=kind, headers=headers)
