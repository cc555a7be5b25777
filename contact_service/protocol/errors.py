"""What can be wrong with a message or a ticket.

ProtocolError
    OversizeMessage, NotJson, UnknownMessage, WrongField, UnknownField
    TicketRefused            with a code
"""

from contact_service.errors import ContactServiceError


class ProtocolError(ContactServiceError):
    """This message does not follow PROTOCOL.md. Correct the sender."""

    code = "malformed"


class OversizeMessage(ProtocolError):
    """This message is longer than its limit. Send less."""

    code = "too_large"


class NotJson(ProtocolError):
    """This message is not one JSON object. Send one, with each name once and no NaN."""

    code = "not_json"


class UnknownMessage(ProtocolError):
    """This type of message does not exist here. PROTOCOL.md lists them."""

    code = "unknown_type"


class WrongField(ProtocolError):
    """A field of this message is missing or has the wrong type, form or size. PROTOCOL.md lists them."""

    code = "wrong_field"


class UnknownField(ProtocolError):
    """This message has a field that PROTOCOL.md does not have. Leave it out."""

    code = "unknown_field"


class TicketRefused(ProtocolError):
    """This ticket does not open the room. Ask for a new one."""

    def __init__(self, code: str) -> None:
        """``code`` is one of the ticket codes of PROTOCOL.md."""
        super().__init__(f"This ticket does not open the room ({code}). Ask for a new one.")
        self.code = code
