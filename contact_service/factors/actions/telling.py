"""Tell the owner of an account, by message, that what it is signed in with was changed or tried."""

from datetime import timedelta

from contact_service.ids import AccountId
from contact_service.notifications.actions import queue
from contact_service.notifications.message import MessageKind, NewMessage
from contact_service.work import Work

_USEFUL_FOR = timedelta(days=7)


def tell(work: Work, account: AccountId, kind: MessageKind) -> None:
    """Queue a message of ``kind``; each change is its own."""
    useless = work.now + _USEFUL_FOR
    queue(work, NewMessage(kind=kind, account=account, once=work.new_id(), useless_after=useless))
