"""The agency's policy: what is in force, what is proposed, what a version changes and whom it would stop."""

from typing import Annotated

from fastapi import APIRouter, Form, Path, Query
from pydantic import Field
from starlette.responses import HTMLResponse, RedirectResponse, Response

from contact_service.actor import Role
from contact_service.agency_policy import actions, queries
from contact_service.agency_policy.difference import Change, difference, source_of
from contact_service.agency_policy.document import ApprovedAct, Document
from contact_service.agency_policy.packs import PACKS, pack
from contact_service.agency_policy.reading import LONGEST_TEXT, PolicyNotValid, write_policy
from contact_service.agency_policy.version import PolicyAct, PolicyHistory, PolicyState
from contact_service.approvals.actions.publishing import publish_policy
from contact_service.errors import BadInput, NotAllowed, NotFound
from contact_service.identity import queries as identity
from contact_service.ids import Ref
from contact_service.pages.access import Desk, StaffForm, StaffReading
from contact_service.pages.forms import Posted, problem, spoken
from contact_service.pages.policy_words import named, sections, what_applies
from contact_service.pages.rendering import render
from contact_service.pages.together import children_of, names_of
from contact_service.visits.queries.rehearsing import Affected, rehearse, would_now_refuse

router = APIRouter()
Version = Annotated[int, Path(ge=0, le=1_000_000)]
_WRITERS = (Role.APPROVER, Role.ADMINISTRATOR)


class PolicyForm(Posted):
    """A policy as it was typed.  Its length is judged by the reader of policies."""

    text: str = Field(default="", max_length=2 * LONGEST_TEXT)


class AcceptForm(Posted):
    """Somebody has read what the policy says about an act."""

    version: int
    act: PolicyAct


@router.get("/w/policy")
def policy_page(desk: StaffReading) -> HTMLResponse:
    """The policy in force, whole, and every other version."""
    in_force = queries.policy_in_force(desk.work)
    context = desk.context(
        number=in_force.version,
        name=in_force.document.title,
        sections=sections(in_force.document),
        versions=[_listed(desk, version) for version in queries.policy_versions(desk.work)],
        may_write=_may_write(desk),
    )
    return HTMLResponse(render("staff/policy.html", context, zone=desk.site.zone))


@router.get("/w/policy/write")
def write_page(desk: StaffReading, start: Annotated[str, Query()] = "") -> HTMLResponse:
    """A text to change: the policy in force, or one of the packs."""
    _demand_writer(desk)
    if start and start not in PACKS:
        raise NotFound
    text = pack(start) if start else _current_text(desk)
    return _write(desk, text)


@router.post("/w/policy/write")
def write(desk: StaffForm, form: Annotated[PolicyForm, Form()]) -> Response:
    """Propose a version; faults come back with their lines and the text as it was typed."""
    _demand_writer(desk)
    try:
        version = actions.propose_policy(desk.work, form.text)
    except PolicyNotValid as refused:
        return _write(desk, form.text, faults=refused.faults)
    except BadInput as error:
        return _write(desk, form.text, errors=problem(error))
    return RedirectResponse(f"/w/policy/{version}", status_code=303)


@router.post("/w/policy/accept")
def accept(desk: StaffForm, form: Annotated[AcceptForm, Form()]) -> Response:
    """Keep that somebody has read what applies, and send them to what they were about to do."""
    actions.accept_policy(desk.work, form.act, version=form.version)
    there = "/w/book" if form.act is PolicyAct.BOOK else "/w/approvals"
    return RedirectResponse(there, status_code=303)


@router.get("/w/policy/{version}")
def version_page(desk: StaffReading, version: Version) -> HTMLResponse:
    """One version: what it changes, which visits it would refuse, and who decides."""
    return _version(desk, queries.policy_version(desk.work, version))


@router.post("/w/policy/{version}/publish")
def publish(desk: StaffForm, version: Version, form: Annotated[Posted, Form()]) -> Response:  # noqa: ARG001
    """Put it in force from now."""
    publish_policy(desk.work, version)
    return RedirectResponse("/w/policy", status_code=303)


@router.post("/w/policy/{version}/decline")
def decline(desk: StaffForm, version: Version, form: Annotated[Posted, Form()]) -> Response:  # noqa: ARG001
    """Say no to it."""
    actions.decline_policy(desk.work, version)
    return RedirectResponse("/w/policy", status_code=303)


def reading_shown(desk: Desk, act: PolicyAct) -> dict[str, object]:
    """What a form shows of the policy before an act, and whether this person has accepted it."""
    in_force = queries.policy_in_force(desk.work)
    return {
        "act": act.value,
        "version": in_force.version,
        "accepted": queries.has_accepted(desk.work, desk.account.id, act),
        "says": what_applies(in_force.document, act),
    }


def _may_write(desk: Desk) -> bool:
    return any(desk.work.actor.has(role) for role in _WRITERS)


def _demand_writer(desk: Desk) -> None:
    if not _may_write(desk):
        raise NotAllowed("Only an approver or an administrator writes the policy.")


def _current_text(desk: Desk) -> str:
    newest = [v for v in queries.policy_versions(desk.work) if v.state is PolicyState.PUBLISHED]
    return newest[0].text if newest else write_policy(Document())


def _write(
    desk: Desk,
    text: str,
    *,
    faults: tuple[tuple[int, str], ...] = (),
    errors: list[dict[str, str]] | None = None,
) -> HTMLResponse:
    told = [{"field": "text", "text": f"{line}: {says}"} for line, says in faults]
    context = desk.context(text=text, packs=PACKS, faults=told, errors=errors or [])
    page = render("staff/policy_write.html", context, zone=desk.site.zone)
    return HTMLResponse(page, status_code=422 if faults or errors else 200)


def _listed(desk: Desk, version: PolicyHistory) -> dict[str, object]:
    return {
        "number": version.version,
        "name": version.document.title,
        "state": version.state.value,
        "by": _name(desk, version.proposed_by),
        "at": version.proposed_at,
    }


def _name(desk: Desk, ref: Ref | None) -> str:
    """Who acted, by name; the reference itself for the command line."""
    return identity.names_by_ref(desk.work).get(ref, ref) if ref else ""


def _version(desk: Desk, version: PolicyHistory) -> HTMLResponse:
    work, document = desk.work, version.document
    in_force = queries.policy_in_force(work)
    waits = version.state is PolicyState.PROPOSED
    base = in_force.document if waits else _before(desk, version)
    ahead = would_now_refuse(work, document) if waits else None
    past = rehearse(work, document, in_force.document) if waits else None
    deciding = in_force.document.approvals.who(ApprovedAct.POLICY)
    context = desk.context(
        version=_listed(desk, version) | {"decided_by": _name(desk, version.decided_by)},
        decided_at=version.decided_at,
        changes=[_change(base, document, one) for one in difference(base, document)],
        refused=[_affected(desk, one) for one in ahead.seen] if ahead else [],
        refused_elsewhere=ahead.more if ahead else 0,
        looked_at=past.looked_at if past else 0,
        past=[_affected(desk, one) for one in past.newly_refused] if past else [],
        waits=waits,
        own=version.proposed_by == desk.account.ref,
        may_decide=any(work.actor.has(role) for role in deciding),
        text=version.text,
    )
    return HTMLResponse(render("staff/policy_version.html", context, zone=desk.site.zone))


def _before(desk: Desk, version: PolicyHistory) -> Document:
    if version.based_on == 0:
        return Document()
    return queries.policy_version(desk.work, version.based_on).document


def _change(before: Document, after: Document, change: Change) -> dict[str, object]:
    source = source_of(after, change.place) or source_of(before, change.place)
    return {
        "name": named(change.place),
        "before": change.before,
        "after": change.after,
        "source": source.says if source else "",
    }


def _affected(desk: Desk, affected: Affected) -> dict[str, object]:
    visit = affected.visit
    return {
        "href": f"/w/visit/{visit.id}",
        "child": names_of(desk, children_of(visit)),
        "starts_at": visit.starts_at,
        "state": visit.state.value,
        "reasons": [{"rule": reason.rule, "text": spoken(reason)} for reason in affected.reasons],
    }
