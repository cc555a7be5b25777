"""Carry a run out: read the week, search in a process of its own, keep what comes of it.

Nothing here waits inside a transaction, and the search takes no time from the process that shows pages.
"""

import json
import logging
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from contact_service.actor import Actor
from contact_service.agency_week.actions import keeping
from contact_service.agency_week.answer import SearchAnswer, answer_from, drafts_of
from contact_service.agency_week.building import Built
from contact_service.agency_week.queries.planning import week_to_plan
from contact_service.agency_week.queries.runs import run_for
from contact_service.agency_week.run import NothingPlanned
from contact_service.errors import ContactServiceError, NotFound
from contact_service.week.errors import PlannerMissing
from contact_service.week.outcome import Progress
from contact_service.work import Installation, begin, read

logger = logging.getLogger(__name__)
Told = Callable[[Progress], bool]
_LOOKS, _BETWEEN_LOOKS = 100, 0.1  # seconds
# What Python needs to start and to find us.  The search is told the week and needs neither database nor keys.
_HANDED_ON = (
    "PATH",
    "PYTHONPATH",
    "PYTHONHOME",
    "PYTHONDONTWRITEBYTECODE",
    "VIRTUAL_ENV",
    "LD_LIBRARY_PATH",
    "TMPDIR",
    "LANG",
    "LC_ALL",
)
_COMMAND = (sys.executable, "-m", "contact_service.agency_week.search_process")


def carry_out_beside(installation: Installation, actor: Actor, run: str) -> threading.Thread:
    """Carry a run out in a thread of its own, which does little but wait for the search."""

    def carry() -> None:
        try:
            carry_out(installation, actor, run)
        except Exception:  # the edge of a thread: whoever looks at the run sees that it failed
            logger.exception("a plan of the week came to nothing", extra={"run": run})

    thread = threading.Thread(target=carry, name=f"plan-{run}", daemon=True)
    thread.start()
    return thread


def carry_out(
    installation: Installation, actor: Actor, run: str, *, watch: Told = lambda _: True, bound: bool = True
) -> None:
    """Plan the week of a run and keep the draft; ``watch`` sees the progress, and ends the search with False.

    Raises what went wrong, once it is kept with the run.
    """
    _wait_for(installation, actor, run)
    try:
        with read(installation, actor) as work:
            built, asked = week_to_plan(work, run)
        with begin(installation, actor) as work:
            keeping.built(work, run, built)
        answer = _search(installation, actor, run, asked | {"bound": bound}, watch)
        _keep(installation, actor, run, built, answer)
    except BaseException as error:
        with begin(installation, actor) as work:
            keeping.fail(work, run, type(error).__name__)
        raise


def _wait_for(installation: Installation, actor: Actor, run: str) -> None:
    """Return once the run is there: whoever asked for it may not have committed yet.  Raises ``NotFound``."""
    for _ in range(_LOOKS):
        with suppress(NotFound), read(installation, actor) as work:
            run_for(work, run)
            return
        time.sleep(_BETWEEN_LOOKS)
    raise NotFound


def _keep(installation: Installation, actor: Actor, run: str, built: Built, answer: SearchAnswer) -> None:
    with begin(installation, actor) as work:
        keeping.finish(work, run, answer, drafts_of(built, answer))


def _search(
    installation: Installation, actor: Actor, run: str, asked: dict[str, Any], watch: Told
) -> SearchAnswer:
    """The answer of the search process; raises ``NothingPlanned`` when it ends without one."""
    process = subprocess.Popen(  # noqa: S603 - our own module
        _COMMAND,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
        env={name: os.environ[name] for name in _HANDED_ON if name in os.environ},
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        process.stdin.write(json.dumps(asked) + "\n")
        process.stdin.flush()
        listener = _Listener(installation, actor, run, watch)
        for line in process.stdout:
            said = json.loads(line)
            if "done" in said:
                return answer_from(said["done"])
            if "failed" in said:
                raise PlannerMissing if said["failed"] == PlannerMissing.__name__ else NothingPlanned
            if not listener.goes_on(Progress(**said)):
                process.stdin.write("stop\n")
                process.stdin.flush()
        raise NothingPlanned
    except BrokenPipeError:
        raise NothingPlanned from None
    finally:
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            with suppress(BrokenPipeError):
                pipe.close()


class _Listener:
    """Writes the progress down, and asks whether somebody wants the search to end; says so once."""

    def __init__(self, installation: Installation, actor: Actor, run: str, watch: Told) -> None:
        self._installation, self._actor, self._run, self._watch = installation, actor, run, watch
        self._ended = False

    def goes_on(self, progress: Progress) -> bool:
        """False the first time that the search should end."""
        wanted = self._watch(progress)
        try:
            with begin(self._installation, self._actor) as work:
                wanted = keeping.told(work, self._run, progress) and wanted
        except ContactServiceError:
            wanted = False
        if wanted or self._ended:
            return True
        self._ended = True
        return False
