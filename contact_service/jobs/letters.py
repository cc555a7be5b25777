"""Send what stands in the outbox, as letters and text messages; look after what was left in hand.

To send is to take in hand, judge, compose, hand over and settle.

A process may be killed anywhere in this.  What it had in hand stands ``sending`` until its minute is over, and is then
decided on by its kind; whoever comes back late changes nothing, because its number is not the newest.
"""

import logging
import time
from collections.abc import Collection, Sequence
from datetime import timedelta
from functools import partial

from sqlalchemy.exc import OperationalError

from contact_service import actor
from contact_service.errors import MessageNotAccepted
from contact_service.ids import MessageId
from contact_service.invitations.actions.delivering import note_what_became
from contact_service.invitations.actions.reaching import ask_to_ring
from contact_service.jobs.carriers import Carriers
from contact_service.jobs.composing import Post, letter, text_message
from contact_service.jobs.judging import Address, another_way, where_to
from contact_service.jobs.one_by_one import each
from contact_service.mail import Letter
from contact_service.notifications import actions as outbox, queries as notifications
from contact_service.notifications.actions import LEASE
from contact_service.notifications.message import (
    NOT_ARRIVED,
    Fate,
    InHand,
    Medium,
    OutboxState,
    Queued,
    Result,
)
from contact_service.sms.message import Sms, SmsNotAccepted
from contact_service.work import Installation, Work, begin, read

logger = logging.getLogger(__name__)

# In hand together.  A process that is killed leaves at most so many of which nobody knows whether they left.
AT_ONCE = 4
_TURN_SECONDS = 20.0
_SETTLING_TRIES = 5
_RECOVERED_AT_ONCE = 200
TOLD_AFTER = timedelta(hours=1)


def send_letters(installation: Installation, post: Post) -> None:
    """Send every due message once, for up to twenty seconds; what is not taken is tried again.

    One connection is kept to the mail server, and one to whoever carries text messages.  What goes by one of them that
    cannot be reached is passed over until the next tick; when neither can be, nothing more is tried.
    """
    over = time.monotonic() + _TURN_SECONDS
    with Carriers(post) as carriers:
        done: list[Result] = []
        while True:
            goes_on = carriers.any_reachable and time.monotonic() < over
            most, without = (AT_ONCE if goes_on else 0), carriers.unreachable
            in_hand = _settle_and_take(installation, post, done, most=most, without=without)
            if not in_hand:
                return
            taken_at = time.monotonic()
            done = [_send(installation, post, carriers, one, taken_at) for one in in_hand]


def _settle_and_take(
    installation: Installation,
    post: Post,
    done: Sequence[Result],
    *,
    most: int,
    without: Collection[Medium],
) -> list[InHand]:
    """Write down what became of the last ones, then take the next: one transaction."""
    for tries in range(_SETTLING_TRIES):
        try:
            with begin(installation, actor.SCHEDULE) as work:
                for result in done:
                    _settle(work, post, result)
                return outbox.take_in_hand(work, most=most, without=without) if most else []
        except OperationalError:
            # The letters are out.  Not to say so now would send them twice.
            if tries + 1 == _SETTLING_TRIES or not done:
                raise
            time.sleep(2.0**tries / 10)
        except Exception:  # what is wrong with one would send all the others again
            each(done, partial(_settle_alone, installation, post))
            raise
    return []


def _settle_alone(installation: Installation, post: Post, result: Result) -> None:
    with begin(installation, actor.SCHEDULE) as work:
        _settle(work, post, result)


def _settle(work: Work, post: Post, result: Result) -> None:
    state = outbox.settle(work, result)
    if state is None:
        logger.warning("a message was not in hand any more", extra={"message_id": result.in_hand.id})
        return
    note_what_became(work, notifications.message_for(work, result.in_hand.id), state)
    if state is OutboxState.FAILED and result.by:
        try_another_way(work, post, result.in_hand.id)
    if state in NOT_ARRIVED:
        logger.warning("a message did not arrive", extra={"message_id": result.in_hand.id, "state": state})


def try_another_way(work: Work, post: Post, message: MessageId) -> bool:
    """Send what has just failed for good by the next of its reader's channels that is safe in time, where there is one.

    Whoever works with them was asked to ring all the same: an address that is dead is worth knowing of.
    """
    stands = notifications.message_for(work, message)
    due_at = another_way(work, stands, country=post.country)
    if due_at is None:
        return False
    outbox.go_another_way(work, message, due_at=due_at)
    return True


def _send(
    installation: Installation, post: Post, carriers: Carriers, in_hand: InHand, taken_at: float
) -> Result:
    """Judge, compose and hand over one message; nothing that is wrong with it stops the next."""
    try:
        written = _write(installation, post, in_hand)
    except Exception as error:  # one message that cannot be written must not keep the others
        logger.exception("a message could not be written", extra={"message_id": in_hand.id})
        return Result(in_hand=in_hand, fate=Fate.NOT_ACCEPTED, error=type(error).__name__)
    if isinstance(written, Result):
        return written
    message, address = written
    medium, by = address.medium, address.by
    if _is_late(installation, in_hand, taken_at) or medium in carriers.unreachable:
        return Result(in_hand=in_hand, fate=Fate.NOT_TRIED, medium=medium)
    try:
        became = carriers.hand_over(message, installation.clock())
    except Exception as error:  # nor may what has left already be forgotten for one that cannot
        logger.exception("a message could not be handed over", extra={"message_id": in_hand.id})
        return Result(
            in_hand=in_hand, fate=Fate.NOT_ACCEPTED, medium=medium, error=type(error).__name__, by=by
        )
    if isinstance(became, str):
        return Result(in_hand=in_hand, fate=Fate.SENT, medium=medium, receipt=became, by=by)
    return Result(in_hand=in_hand, fate=_fate_of(became), medium=medium, error=str(became), by=by)


def _fate_of(problem: MessageNotAccepted) -> Fate:
    if problem.unreachable:
        return Fate.NOT_TRIED
    if isinstance(problem, SmsNotAccepted) and problem.may_have_left:
        return Fate.MAY_HAVE_LEFT
    return Fate.GIVEN_UP if problem.permanent else Fate.NOT_ACCEPTED


def _write(installation: Installation, post: Post, in_hand: InHand) -> tuple[Letter | Sms, Address] | Result:
    """The message as it is handed over, and whereto."""
    with read(installation, actor.SCHEDULE) as work:
        message = notifications.message_in_hand(work, in_hand)
        if message is None:
            return Result(in_hand=in_hand, fate=Fate.NOT_TRIED)
        address = where_to(work, message, in_hand, country=post.country)
        if isinstance(address, Result):
            return address
        if address.medium is Medium.SMS:
            return text_message(work, post, message, address.value), address
        return letter(work, post, message, address.value, address.medium), address


def _is_late(installation: Installation, in_hand: InHand, taken_at: float) -> bool:
    """Whether half its minute is over: by the clock, and, as clocks are set, by the seconds that have passed."""
    seconds = time.monotonic() - taken_at
    return installation.clock() >= in_hand.until - LEASE / 2 or seconds >= LEASE.total_seconds() / 2


def look_after_letters(installation: Installation) -> None:
    """Decide on what was left in hand, and tell of what has waited for an hour; each in a transaction of its own."""
    with read(installation, actor.SCHEDULE) as work:
        left = notifications.left_in_hand(work, most=_RECOVERED_AT_ONCE)
        before = work.now - TOLD_AFTER
        waiting = notifications.overdue_for_people(work, due_before=before, most=_RECOVERED_AT_ONCE)

    def tell(message: Queued) -> None:
        with begin(installation, actor.SCHEDULE) as work:
            ask_to_ring(work, message)

    steps = [partial(_recover, installation, message) for message in left]
    each([*steps, *(partial(tell, message) for message in waiting)], lambda step: step())


def _recover(installation: Installation, message: MessageId) -> None:
    with begin(installation, actor.SCHEDULE) as work:
        state = outbox.recover(work, message)
        if state is not None:
            logger.warning("a sender left a message", extra={"message_id": message, "state": state})
            note_what_became(work, notifications.message_for(work, message), state)
