"""Ask the provider what became of the text messages that left, until it says so or would not know any more.

Nobody outside is let in for this: a provider that calls us would need a door of its own.
"""

import logging
from datetime import timedelta

from contact_service import actor
from contact_service.ids import MessageId
from contact_service.invitations import queries as invitations
from contact_service.invitations.actions.delivering import note_delivered, note_what_became
from contact_service.invitations.actions.reaching import ask_to_ring
from contact_service.invitations.invitation import InvitationState
from contact_service.jobs.composing import Post
from contact_service.jobs.letters import try_another_way
from contact_service.notifications import actions as outbox, queries as notifications
from contact_service.notifications.message import OutboxState, Queued, Underway
from contact_service.sms.link import SmsLink
from contact_service.sms.message import Delivery, SmsNotAccepted
from contact_service.work import Installation, Work, begin, read

logger = logging.getLogger(__name__)
_AT_ONCE = 50
# A phone that has been off for so long may stay off until the visit: somebody rings.
RING_AFTER = timedelta(hours=1)
_SAID = {Delivery.DELIVERED: True, Delivery.NOT_DELIVERED: False}


def ask_for_receipts(installation: Installation, post: Post) -> None:
    """Ask about every text message whose time has come; each answer is a transaction of its own."""
    if post.texting is None:
        return
    with read(installation, actor.SCHEDULE) as work:
        underway = notifications.without_receipt(work, most=_AT_ONCE)
    if not underway:
        return
    with SmsLink(post.texting.provider) as link:
        for one in underway:
            if not link.is_reachable:
                return
            try:
                _ask(installation, post, link, one)
            except Exception:  # one answer that nobody understands must not keep the others
                logger.exception("a receipt could not be noted", extra={"message_id": one.id})


def _ask(installation: Installation, post: Post, link: SmsLink, one: Underway) -> None:
    said = link.ask(one.receipt, installation.clock())
    if isinstance(said, SmsNotAccepted):  # whoever does not know it (any more) never will
        said = Delivery.NO_RECEIPT if said.permanent else Delivery.PENDING
    with begin(installation, actor.SCHEDULE) as work:
        _note(work, post, one.id, said)


def _note(work: Work, post: Post, message: MessageId, delivery: Delivery) -> None:
    stands = notifications.message_for(work, message)
    of_use = _is_of_use(work, stands)
    if delivery is Delivery.NO_RECEIPT or (not of_use and delivery not in _SAID):
        outbox.stop_asking(work, message)
        return
    if not outbox.note_delivery(work, message, arrived=_SAID.get(delivery)):
        return
    if delivery is Delivery.NOT_DELIVERED:
        logger.warning("a text message did not arrive", extra={"message_id": message})
        note_what_became(work, stands, OutboxState.FAILED, ring=of_use)
        if of_use:
            try_another_way(work, post, message)
    elif delivery is Delivery.DELIVERED:
        note_delivered(work, notifications.message_for(work, message))
    elif delivery is Delivery.PENDING and stands.sent_at and work.now - stands.sent_at >= RING_AFTER:
        ask_to_ring(work, stands)


def _is_of_use(work: Work, message: Queued) -> bool:
    """Whether a call would still tell its reader something: not when the time is over, or they have come by it."""
    if work.now >= message.useless_after or message.visit is None:
        return False
    if message.invitation is not None:
        invitation = invitations.invitation_by_id(work, message.invitation)
        return invitation is not None and invitation.state is InvitationState.SENT
    return True
