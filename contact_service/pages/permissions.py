"""What each role may do, in one table that staff read and that a test holds against the access matrix."""

from dataclasses import dataclass

from fastapi import APIRouter
from starlette.responses import HTMLResponse

from contact_service.actor import Role
from contact_service.pages.access import StaffReading
from contact_service.pages.rendering import render, say
from contact_service.texts import N_

router = APIRouter()
WORKER, APPROVER, WATCHER, AUDITOR, ADMINISTRATOR = (
    Role.WORKER,
    Role.APPROVER,
    Role.VISIT_SUPERVISOR,
    Role.AUDITOR,
    Role.ADMINISTRATOR,
)
COLUMNS = {
    WORKER: N_("Worker"),
    APPROVER: N_("Approver"),
    WATCHER: N_("Visit supervisor"),
    AUDITOR: N_("Auditor"),
    ADMINISTRATOR: N_("Administrator"),
}


@dataclass(frozen=True, kw_only=True)
class Permission:
    """``what`` the ``roles`` may do, and nobody else; ``route`` is the page at which the matrix shows it."""

    what: str
    roles: tuple[Role, ...]
    route: str


# It decides nothing: the doors and the rules do.  A row that says something else than they do fails a test.
PERMISSIONS = (
    Permission(what=N_("Book a visit"), roles=(WORKER,), route="GET /w/book"),
    Permission(
        what=N_("Read where a child lives"), roles=(WORKER, APPROVER), route="GET /w/child/{child}/home"
    ),
    Permission(
        what=N_("Say that somebody must not meet a child"),
        roles=(WORKER, APPROVER),
        route="POST /w/child/{child}/restriction",
    ),
    Permission(what=N_("Decide on visits"), roles=(APPROVER,), route="POST /w/approvals/{visit}/approve"),
    Permission(what=N_("Decide on plans"), roles=(APPROVER,), route="POST /w/plan/{plan}/approve"),
    Permission(
        what=N_("Agree that a restriction is lifted"),
        roles=(APPROVER,),
        route="POST /w/restriction/{restriction}/lift",
    ),
    Permission(
        what=N_("Work in the room of a visit"), roles=(WATCHER,), route="POST /w/visit/{visit}/room/admit"
    ),
    Permission(
        what=N_("Write the record of a visit"), roles=(WATCHER,), route="POST /w/visit/{visit}/record"
    ),
    Permission(what=N_("Sign a record off"), roles=(APPROVER,), route="POST /w/visit/{visit}/sign-off"),
    Permission(
        what=N_("Read the history of a case, and who read it"),
        roles=(APPROVER, AUDITOR),
        route="GET /w/case/{case}",
    ),
    Permission(what=N_("Check the evidence log"), roles=(APPROVER, AUDITOR), route="GET /w/log"),
    Permission(
        what=N_("See who opened a record in an emergency"),
        roles=(WORKER, APPROVER, AUDITOR),
        route="GET /w/emergency-access",
    ),
    Permission(
        what=N_("Write down who answers for the data"),
        roles=(ADMINISTRATOR,),
        route="POST /w/data-protection",
    ),
    Permission(
        what=N_("Take away the sign-in of a colleague"),
        roles=(ADMINISTRATOR,),
        route="POST /w/staff/{account}/sign-in/reset",
    ),
)


@router.get("/w/permissions")
def permissions_page(desk: StaffReading) -> HTMLResponse:
    """The table, for everybody who signs in."""
    rows = [{"what": say(one.what), "may": [role in one.roles for role in COLUMNS]} for one in PERMISSIONS]
    context = desk.context(rows=rows, roles=[say(words) for words in COLUMNS.values()])
    return HTMLResponse(render("staff/permissions.html", context, zone=desk.site.zone))
