"""What can go wrong, drawn as one tree.  The docstring of a class is its message and says what to do next.

ContactServiceError
    NotFound                  absent, or not yours: the same answer
    NotSignedIn               staff pages without a session
    NotAllowed                a role that may not do this
        PasskeyNeeded         a role that signs in with a passkey came without one
        PurposeNeeded         an auditor has not said yet what they read for
        ProofNeeded           a grave act, and nobody showed lately that it is they who sit there
        PersonNeeded          a machine asked for what only a person decides
        ScopeMissing          a service account without the scope
    BadInput                  a value that cannot be what it says it is
        UnknownRelationship   what somebody is to a child is none of the known words
        PlacementsOverlap     two placements of one child share a day
        BeforeBirth           an order, a home or a right from before the child was born
        ConsentWithoutRight   the one who answered for the child has no right to decide
        UnknownTextVersion    a consent to words that were never published
        StatementMissing      accountability/statement.py: nobody has said yet who answers for the data
        CalendarNotReadable   working_hours/errors.py: somebody's own calendar is none, or too much
        BadWeek               week/errors.py: a week to plan that points at nothing, or a run of another week
        SeriesTooLong, SeriesEndsBeforeStart, SeriesWithoutVisits, SeriesInterval, VisitWithoutLength, UnknownZone
                              series/pattern.py: what cannot be a series
        IdempotencyKeyMissing, IdempotencyKeyReused  repeats/errors.py: no Idempotency-Key, or another request’s
    IllegalMove               a state change the table does not have
    Conflict                  somebody else was faster
        LinkReplaced          the link that a device came by was replaced by a new one
        SomebodyIsThere       factors/actions/first_run.py: no first run, there is an account
        SeriesOver, InstanceDecided  series/series.py: it has ended or goes on as another, or was decided
        ReferenceTaken        another system's name for a case or a person is given to another one already
    UnrecordedChange          a transaction changed data without saying so (a bug)
    StartRefused              a process that must not start
        SettingsInvalid
    AuditError                audit/errors.py: the evidence log's named errors
    KeyError_                 keys/errors.py: keys missing, wrong or destroyed
    PlannerMissing            week/errors.py: OR-Tools is not installed
    MessageNotAccepted        temporary or permanent
        MailNotAccepted       mail.py
        SmsNotAccepted        sms/message.py
    ProviderAway, TokenRefused  openid/errors.py: the agency’s single sign-on does not answer, or not as it should
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


class PasskeyNeeded(NotAllowed):
    """Your role asks for a passkey. Add one on the page “Your sign-in”, sign out, and sign in with it."""


class PurposeNeeded(NotAllowed):
    """Say first what you read for. Then ask again."""


class ProofNeeded(NotAllowed):
    """Show once more that it is you, then do this again. Nothing was saved."""


class ScopeMissing(NotAllowed):
    """This service account does not have the scope for this. Ask whoever made it."""


class BadInput(ContactServiceError):
    """Something in the form is not right. Check it and send it again."""

    def __init__(self, message: str = "", field: str = "", **values: str) -> None:
        """``field`` names the form field the message belongs to, empty for the whole form; no message: the class's.

        ``values`` fill places like ``{names}`` of the message, after it is translated.
        """
        super().__init__(message)
        self.field, self.values = field, values

    @property
    def sentence(self) -> str:
        """The message before its places are filled: what is translated."""
        return super().__str__()

    def __str__(self) -> str:
        """The message in English."""
        return self.sentence.format_map(self.values) if self.values else self.sentence


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


class TooManyRequests(ContactServiceError):
    """More was asked for in a short time than one person can. Nothing was saved. Wait a moment, then try again."""


class LinkReplaced(Conflict):
    """This link does not work on this phone any more. Please call us. We will help you."""


class ReferenceTaken(Conflict):
    """This reference belongs to another record already. Look at that one first."""


class NothingToRepair(Conflict):
    """This visit is not in doubt: nothing has to be put right. Look at the visit itself."""


class UnrecordedChange(ContactServiceError):
    """A transaction changed data and recorded nothing. Nothing was saved."""


class StartRefused(ContactServiceError):
    """This process must not start as it is configured."""


class SettingsInvalid(StartRefused):
    """A setting is missing or not understood. The line above names it."""


class MessageNotAccepted(ContactServiceError):
    """Whoever carries messages did not take this one."""

    def __init__(self, message: str, *, permanent: bool, unreachable: bool = False) -> None:
        """``permanent``: trying again cannot help.  ``unreachable``: nobody was there, so nothing was tried."""
        super().__init__(message)
        self.permanent = permanent
        self.unreachable = unreachable
