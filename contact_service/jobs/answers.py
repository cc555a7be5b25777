"""What somebody said to each question, in the language of the message that says it back to them."""

from collections.abc import Mapping

from contact_service.consent import queries as consent
from contact_service.consent.consent import Answer, ConsentKind, ConsentState, Purpose
from contact_service.ids import PersonId
from contact_service.texts import ENGLISH
from contact_service.work import Work

# What was asked, in words that tell a stranger who reads the message nothing of anybody.
ASKED: Mapping[str, Mapping[Purpose, str]] = {
    ENGLISH: {
        Purpose.TAKE_PART: "Take part in the video visit",
        Purpose.BE_SUPERVISED: "Somebody sees and hears the visit",
        Purpose.NOTES_KEPT: "A note is written",
        Purpose.NO_RECORDING: "Nobody records it",
        Purpose.INTERPRETER_PRESENT: "An interpreter helps",
        Purpose.OBSERVER_PRESENT: "Somebody else watches",
    },
    "es": {
        Purpose.TAKE_PART: "Participar en la visita por video",
        Purpose.BE_SUPERVISED: "Alguien ve y oye la visita",
        Purpose.NOTES_KEPT: "Se escribe una nota",
        Purpose.NO_RECORDING: "Nadie la graba",
        Purpose.INTERPRETER_PRESENT: "Ayuda un intérprete",
        Purpose.OBSERVER_PRESENT: "Otra persona mira",
    },
}
_SAID = {ConsentState.GIVEN: "yes", ConsentState.DECLINED: "no", ConsentState.WITHDRAWN: "taken back"}
SAID: Mapping[str, Mapping[str, str]] = {
    ENGLISH: {"yes": "yes", "no": "no", "taken back": "taken back", "read": "read", "words": "words"},
    "es": {"yes": "sí", "no": "no", "taken back": "retirado", "read": "leído", "words": "texto"},
}


def answers_said(work: Work, person: PersonId, language: str) -> str:
    """The newest answer to each question, a line each; in English where there are no words in ``language``."""
    known = language if language in ASKED else ENGLISH
    newest = {purpose: _newest(work, person, purpose) for purpose in Purpose}
    return "\n".join(
        _line(ASKED[known][purpose], answer, SAID[known])
        for purpose in ASKED[known]
        if (answer := newest[purpose])
    )


def _newest(work: Work, person: PersonId, purpose: Purpose) -> Answer | None:
    kinds = (ConsentKind.CONSENT, ConsentKind.NOTICE)
    found = [a for a in (consent.newest_answer(work, person, purpose, kind) for kind in kinds) if a]
    return max(found, key=lambda answer: answer.at, default=None)


def _line(asked: str, answer: Answer, words: Mapping[str, str]) -> str:
    said = "read" if answer.kind is ConsentKind.NOTICE else _SAID[answer.state]
    return f"- {asked}: {words[said]} ({words['words']} {answer.version})"
