"""What people are asked, and what an answer is worth."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from contact_service.ids import ConsentId, InvitationId, PersonId, VisitId


class Purpose(StrEnum):
    """What somebody is asked to agree to, in the order in which they are asked."""

    TAKE_PART = "take_part"
    BE_SUPERVISED = "be_supervised"
    NOTES_KEPT = "notes_kept"
    NO_RECORDING = "no_recording"
    INTERPRETER_PRESENT = "interpreter_present"
    OBSERVER_PRESENT = "observer_present"


class ConsentKind(StrEnum):
    """What an answer is: permission by one with the right to give it, a child's own agreement, or "I have read it"."""

    CONSENT = "consent"
    ASSENT = "assent"
    NOTICE = "notice"


class ConsentState(StrEnum):
    """Where one person's answer stands."""

    NEEDED = "needed"
    GIVEN = "given"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    STALE = "stale"


class Method(StrEnum):
    """How an answer came to us."""

    ON_THE_PAGE = "on_the_page"
    BY_DECISION_HOLDER = "by_decision_holder"
    SPOKEN = "spoken"
    """Spoken, and witnessed by two members of staff."""


class AgeBand(StrEnum):
    """For whom words are written: adults, or children from an age on."""

    ADULT = "adult"
    FROM_13 = "from_13"
    FROM_9 = "from_9"
    FROM_6 = "from_6"
    FROM_3 = "from_3"


def band_of(age: int) -> AgeBand:
    """The words for somebody of ``age`` years; those who are younger than 3 hear the words for 3."""
    bands = ((18, AgeBand.ADULT), (13, AgeBand.FROM_13), (9, AgeBand.FROM_9), (6, AgeBand.FROM_6))
    return next((band for least, band in bands if age >= least), AgeBand.FROM_3)


def older(band: AgeBand) -> tuple[AgeBand, ...]:
    """``band`` and every older one, nearest first: where the words come from when a band has none of its own."""
    order = list(AgeBand)
    return tuple(order[place] for place in range(order.index(band), -1, -1))


@dataclass(frozen=True, kw_only=True)
class Reader:
    """For whom words are chosen: a language (BCP 47) and an age band."""

    language: str = "en"
    band: AgeBand = AgeBand.ADULT


ENGLISH_ADULT = Reader()


@dataclass(frozen=True, kw_only=True)
class Text:
    """One published wording; ``hash`` is the SHA-256 of its UTF-8 text, kept with every answer to it."""

    purpose: Purpose
    version: int
    language: str
    words: str
    band: AgeBand = AgeBand.ADULT

    @property
    def hash(self) -> str:
        """64 lower-case hexadecimal digits."""
        return hashlib.sha256(self.words.encode()).hexdigest()


@dataclass(frozen=True, kw_only=True)
class Answer:
    """The newest answer of one person to one purpose.

    ``unseen``: yes, but the camera stays off.  ``link``: the link behind which it was given, and so the one device that
    is bound to it.  ``provisional``: nobody has told yet who held that device.  ``newest_version`` is that of the words
    in the language and band in which it was given.
    """

    id: ConsentId
    person: PersonId
    purpose: Purpose
    kind: ConsentKind
    state: ConsentState
    version: int
    newest_version: int
    language: str
    method: Method
    visit: VisitId | None
    link: InvitationId | None
    unseen: bool
    provisional: bool
    given_by: str
    at: datetime


def standing(answer: Answer | None, *, on: InvitationId | None = None) -> ConsentState:
    """Where an answer stands: on the device that is bound to the link ``on``, or for everything else.

    A provisional yes is worth something only on the device where it was given; a no always counts.
    Source: RULES.md R31.
    """
    if answer is None:
        return ConsentState.NEEDED
    if answer.state is not ConsentState.GIVEN:
        return answer.state
    if answer.provisional and (on is None or answer.link != on):
        return ConsentState.NEEDED
    return ConsentState.STALE if answer.version < answer.newest_version else ConsentState.GIVEN
