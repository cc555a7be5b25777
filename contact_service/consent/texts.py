"""The first wording of each purpose.  Short sentences: they are read on a phone by somebody who is nervous."""

from contact_service.consent.consent import AgeBand, Purpose, Text


def _first(purpose: Purpose, words: str, band: AgeBand = AgeBand.ADULT) -> Text:
    return Text(purpose=purpose, version=1, language="en", words=words, band=band)


FIRST_TEXTS = (
    _first(
        Purpose.TAKE_PART,
        "This is a video visit. You see and hear each other. You can stop at any time.",
    ),
    _first(
        Purpose.BE_SUPERVISED,
        "A visit supervisor is there all the time. The supervisor sees and hears you. "
        "The supervisor can pause or stop the visit.",
    ),
    _first(
        Purpose.NOTES_KEPT,
        "The supervisor writes a note about the visit. You can ask to read it.",
    ),
    _first(
        Purpose.NO_RECORDING,
        "We do not record the visit. Please do not record it either.",
    ),
    _first(
        Purpose.INTERPRETER_PRESENT,
        "An interpreter helps you understand each other. The interpreter tells nobody what was said. "
        "You can say no to an interpreter you know.",
    ),
    _first(
        Purpose.OBSERVER_PRESENT,
        "Somebody else watches this visit. We tell you who it is. You can say no and still have your visit.",
    ),
    _first(
        Purpose.TAKE_PART,
        "You see and hear each other on the screen. A supervisor is there too. You can stop at any time, "
        "and nobody will be cross.",
        AgeBand.FROM_13,
    ),
    _first(
        Purpose.TAKE_PART,
        "You see each other on the screen. A grown-up watches over it. You can stop when you want.",
        AgeBand.FROM_9,
    ),
    _first(
        Purpose.TAKE_PART,
        "You see each other on the screen. You can stop when you want.",
        AgeBand.FROM_6,
    ),
    _first(Purpose.TAKE_PART, "Do you want to say hello on the screen?", AgeBand.FROM_3),
)
