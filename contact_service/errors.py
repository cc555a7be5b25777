"""What can go wrong, drawn as one tree.  The docstring of a class is its message and says what to do next.

ContactServiceError
    NotFound                  absent, or not yours: the same answer
    NotSignedIn               staff pages without a session
    NotAllowed                a role that may not do this
    BadInput                  a value that cannot be what it says it is
    IllegalMove               a state change the table does not have
    Conflict                  somebody else was faster
    UnrecordedChange          a transaction changed data without saying so (a bug)
    StartRefused              a process that must not start
        SettingsInvalid
    AuditError                audit/errors.py: the evidence log's named errors
    KeyError_                 keys/errors.py: keys missing, wrong or destroyed
    MailNotAccepted           mail.py: temporary or permanent
"""


class ContactServiceError(Exception):
    """Something went wrong. Try again, and call the helpdesk if it happens twice."""

    def __str__(self) -> str:
        """The given message, or the class docstring."""
        return super().__str__() or (type(self).__doc__ or "").strip()


class NotFound(ContactServiceError):
    """We cannot find this. Check the address, or go back and choose again."""


class NotSignedIn(ContactServiceError):
    """Please sign in to go on."""


class NotAllowed(ContactServiceError):
    """Your account cannot do this. Ask somebody whose role it is."""


class BadInput(ContactServiceError):
    """Something in the form is not right. Check it and send it again."""

    def __init__(self, message: str, field: str = "") -> None:
        """``field`` names the form field the message belongs to, empty for the whole form."""
        super().__init__(message)
        self.field = field


class IllegalMove(ContactServiceError):
    """This is not possible now, because the visit has moved on. Load the page again."""


class Conflict(ContactServiceError):
    """Somebody else changed this at the same time. Load the page again."""


class UnrecordedChange(ContactServiceError):
    """A transaction changed data and recorded nothing. Nothing was saved."""


class StartRefused(ContactServiceError):
    """This process must not start as it is configured."""


class SettingsInvalid(StartRefused):
    """A setting is missing or not understood. The line above names it."""
