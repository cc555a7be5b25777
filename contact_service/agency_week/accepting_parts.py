"""Ask for a whole draft a few visits at a time, so that nobody else waits long for a transaction to end."""

from collections.abc import Sequence

from contact_service.actor import Actor
from contact_service.agency_week.actions.accepting import Accepted, accept
from contact_service.agency_week.in_turn import in_turn
from contact_service.agency_week.queries.runs import visits_of_run
from contact_service.work import Installation, begin, read

_AT_ONCE = 5


def accept_in_parts(
    installation: Installation, actor: Actor, run: str, chosen: Sequence[str]
) -> list[Accepted]:
    """Ask for the chosen visits, each part in its own transaction; what is done stays when a later one fails."""
    with read(installation, actor) as work:
        turn = [one.id for one in in_turn([v for v in visits_of_run(work, run) if v.id in chosen])]
    done: list[Accepted] = []
    for first in range(0, len(turn), _AT_ONCE):
        with begin(installation, actor) as work:
            done += accept(work, run, turn[first : first + _AT_ONCE])
    return done
