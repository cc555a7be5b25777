"""What people are asked, in which words, and what an answer is worth."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from contact_service.ids import PersonId


class Purpose(StrEnum):
    """What somebody is asked to agree to, in the order in which they are asked."""

    TAKE_PART = "take_part"
    BE_SUPERVISED = "be_supervised"
    NOTES_KEPT = "notes_kept"
    NO_RECORDING = "no_recording"


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


# Joining needs all four from the person who joins; booking needs TAKE_PART for the child by the decision-holder.
REQUIRED_TO_JOIN = tuple(Purpose)
REQUIRED_FOR_CHILD = (Purpose.TAKE_PART,)


@dataclass(frozen=True, kw_only=True)
class Text:
    """One published wording; ``hash`` is the SHA-256 of its UTF-8 text, kept with every answer to it."""

    purpose: Purpose
    version: int
    language: str
    words: str

    @property
    def hash(self) -> str:
        """64 lower-case hexadecimal digits."""
        return hashlib.sha256(self.words.encode()).hexdigest()


@dataclass(frozen=True, kw_only=True)
class Answer:
    """The newest answer of one person to one purpose."""

    person: PersonId
    purpose: Purpose
    state: ConsentState
    version: int
    at: datetime


def standing(answer: Answer | None, *, newest_version: int) -> ConsentState:
    """Where an answer stands now that ``newest_version`` of the words is published."""
    if answer is None:
        return ConsentState.NEEDED
    if answer.state is ConsentState.GIVEN and answer.version < newest_version:
        return ConsentState.STALE
    return answer.state


# The first wording of each purpose.  Short sentences: they are read on a phone by somebody who is nervous.
FIRST_TEXTS = (
    Text(
        purpose=Purpose.TAKE_PART,
        version=1,
        language="en",
        words="This is a video visit. You see and hear each other. You can stop at any time.",
    ),
    Text(
        purpose=Purpose.BE_SUPERVISED,
        version=1,
        language="en",
        words="A visit supervisor is there all the time. The supervisor sees and hears you. "
        "The supervisor can pause or stop the visit.",
    ),
    Text(
        purpose=Purpose.NOTES_KEPT,
        version=1,
        language="en",
        words="The supervisor writes a note about the visit. You can ask to read it.",
    ),
    Text(
        purpose=Purpose.NO_RECORDING,
        version=1,
        language="en",
        words="We do not record the visit. Please do not record it either.",
    ),
)
