"""Whether every process lives.  The answer says only ok or which kind is silent, nothing about anybody."""

from datetime import timedelta

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse

from contact_service import actor
from contact_service.operations.queries import is_outbox_silent, silent_processes
from contact_service.rooms.queries import last_heard
from contact_service.work import Installation, read

router = APIRouter()
RELAY_LINK = timedelta(seconds=2)


@router.get("/healthz")
def healthz(request: Request) -> JSONResponse:
    """200 when every process lives, else 503 with the kinds that are silent.

    ``schedule`` and ``seal`` beat within 10 s, the outbox was gone through within 60 s, a relay was heard within 2 s.
    """
    installation: Installation = request.app.state.installation
    with read(installation, actor.NOBODY) as work:
        silent = silent_processes(work)
        if is_outbox_silent(work):
            silent.append("outbox")
        heard = last_heard(work)
        if heard is None or work.now - heard >= RELAY_LINK:
            silent.append("relay")
    return JSONResponse({"ok": not silent, "silent": silent}, status_code=503 if silent else 200)
