"""The first wording of each purpose.  Short sentences: they are read on a phone by somebody who is nervous."""

from contact_service.consent.consent import AgeBand, Purpose, Text
from contact_service.texts import ENGLISH


def _first(purpose: Purpose, words: str, band: AgeBand = AgeBand.ADULT) -> Text:
    return Text(purpose=purpose, version=1, language=ENGLISH, words=words, band=band)


def _in_spanish(purpose: Purpose, words: str, band: AgeBand = AgeBand.ADULT) -> Text:
    return Text(purpose=purpose, version=1, language="es", words=words, band=band)


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
    _in_spanish(
        Purpose.TAKE_PART,
        "Esta es una visita por video. Ustedes se ven y se oyen. Usted puede parar en cualquier momento.",
    ),
    _in_spanish(
        Purpose.BE_SUPERVISED,
        "Una persona supervisora está presente todo el tiempo. Esa persona le ve y le oye. "
        "Puede pausar o detener la visita.",
    ),
    _in_spanish(
        Purpose.NOTES_KEPT,
        "La persona supervisora escribe una nota sobre la visita. Usted puede pedir leerla.",
    ),
    _in_spanish(
        Purpose.NO_RECORDING,
        "No grabamos la visita. Por favor, usted tampoco la grabe.",
    ),
    _in_spanish(
        Purpose.INTERPRETER_PRESENT,
        "Un intérprete ayuda a que se entiendan. El intérprete no cuenta a nadie lo que se dijo. "
        "Usted puede decir no a un intérprete que conozca.",
    ),
    _in_spanish(
        Purpose.OBSERVER_PRESENT,
        "Otra persona mira esta visita. Le decimos quién es. Usted puede decir no y tener su visita igual.",
    ),
    _in_spanish(
        Purpose.TAKE_PART,
        "Ustedes se ven y se oyen en la pantalla. También hay una persona supervisora. Puedes parar cuando quieras, "
        "y nadie se va a enojar.",
        AgeBand.FROM_13,
    ),
    _in_spanish(
        Purpose.TAKE_PART,
        "Ustedes se ven en la pantalla. Una persona adulta cuida la visita. Puedes parar cuando quieras.",
        AgeBand.FROM_9,
    ),
    _in_spanish(
        Purpose.TAKE_PART,
        "Ustedes se ven en la pantalla. Puedes parar cuando quieras.",
        AgeBand.FROM_6,
    ),
    _in_spanish(Purpose.TAKE_PART, "¿Quieres saludar en la pantalla?", AgeBand.FROM_3),
)
