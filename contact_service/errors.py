"""What can go wrong, drawn as one tree.  The docstring of a class is its message and says what to do next.

ContactServiceError
    NotFound                  absent, or not yours: the same answer
    NotSignedIn               staff pages without a session
    NotAllowed                a role that may not do this
        PersonNeeded          a machine asked for what only a person decides
        ScopeMissing          a service account without the scope
    BadInput                  a value that cannot be what it says it is
        UnknownRelationship   what somebody is to a child is none of the known words
        PlacementsOverlap     two placements of one child share a day
        BeforeBirth           an order, a home or a right from before the child was born
        ConsentWithoutRight   the one who answered for the child has no right to decide
        UnknownTextVersion    a consent to words that were never published
        IdempotencyKeyMissing, IdempotencyKeyReused  repeats/errors.py: no Idempotency-Key, or another request’s
    IllegalMove               a state change the table does not have
    Conflict                  somebody else was faster
        ReferenceTaken        another system's name for a case or a person is given to another one already
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


class PersonNeeded(NotAllowed):
    """A person decides this, not a machine. Somebody signs in and decides."""


class ScopeMissing(NotAllowed):
    """This service account does not have the scope for this. Ask whoever made it."""


class BadInput(ContactServiceError):
    """Something in the form is not right. Check it and send it again."""

    def __init__(self, message: str = "", field: str = "") -> None:
        """``field`` names the form field the message belongs to, empty for the whole form; no message: the class's."""
        super().__init__(message)
        self.field = field


class UnknownRelationship(BadInput):
    """What this person is to the child is not one of the known words."""


class PlacementsOverlap(BadInput):
    """The child lives somewhere else on some of these days. Change the dates."""


class BeforeBirth(BadInput):
    """This is before the child was born. Check the date."""


class ConsentWithoutRight(BadInput):
    """Whoever answered has no right to decide this for the child. Record the right first, or ask its holder."""


class UnknownTextVersion(BadInput):
    """There is no such version of these words. Ask for the newest, and show that one."""


class IllegalMove(ContactServiceError):
    """This is not possible now, because the visit has moved on. Load the page again."""


class Conflict(ContactServiceError):
    """Somebody else changed this at the same time. Load the page again."""


class ReferenceTaken(Conflict):
    """This reference belongs to another record already. Look at that one first."""


class UnrecordedChange(ContactServiceError):
    """A transaction changed data and recorded nothing. Nothing was saved."""


class StartRefused(ContactServiceError):
    """This process must not start as it is configured."""


class SettingsInvalid(StartRefused):
    """A setting is missing or not understood. The line above names it."""
