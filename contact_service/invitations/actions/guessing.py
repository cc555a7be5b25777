"""Count wrong secrets, write some of them down, and tell somebody when links are being guessed.

Nothing here refuses anything.  Every secret is looked up, so that a good link opens in the midst of a flood, and every
wrong one gets the one neutral answer.  What keeps a guesser out is the 256 bits of a secret.
"""

import logging

from contact_service.actor import Role
from contact_service.audit.events import AuditEvent, EventType
from contact_service.identity.actions import ATTEMPTS_PER_WINDOW, DAY, HOUR, count_attempt
from contact_service.identity.network import may_be_everybodys, network_of
from contact_service.identity.queries import accounts_with
from contact_service.notifications.actions import queue
from contact_service.notifications.message import MessageKind, NewMessage
from contact_service.work import Work

ALARM_AT = 100
"""Wrong secrets in a minute, wherever they come from."""

logger = logging.getLogger(__name__)


def note_unknown(work: Work, address: str) -> None:
    """Count a wrong secret and record the first ten of its address in a minute; the next is one line that says so.

    An address that may be everybody's names nobody: what comes from it is counted with all others alone.  The
    hundredth in a minute raises the alarm; until the minute is over no more is written down.
    """
    alone = not may_be_everybodys(address)
    of_address = count_attempt(work, f"link|{network_of(address)}") if alone else 0
    in_all = count_attempt(work, _ALL)
    if in_all == ALARM_AT:
        _raise_alarm(work)
    elif in_all < ALARM_AT and of_address <= ATTEMPTS_PER_WINDOW:
        work.record(AuditEvent(type=EventType.DOOR_REFUSED, reason="unknown_link"))
    elif in_all < ALARM_AT and of_address == ATTEMPTS_PER_WINDOW + 1:
        work.record(AuditEvent(type=EventType.DOOR_REFUSED, reason="guessing"))


_ALL = "link"


def _raise_alarm(work: Work) -> None:
    """Once in an hour of the clock: evidence, a line for operators, and a letter to whoever looks after the service."""
    if count_attempt(work, "link|alarm", per=HOUR) > 1:
        return
    work.record(AuditEvent(type=EventType.LINKS_GUESSED, facts=(("in_a_minute", ALARM_AT),)))
    logger.warning("links are being guessed", extra={"in_a_minute": ALARM_AT})
    told = accounts_with(work, Role.ADMINISTRATOR) or accounts_with(work, Role.APPROVER)
    for account in told:
        message = NewMessage(
            kind=MessageKind.LINKS_GUESSED,
            account=account.id,
            once=work.new_id(),
            useless_after=work.now + DAY,
        )
        queue(work, message)
