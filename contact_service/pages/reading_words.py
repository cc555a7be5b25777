"""The parts of a record in words, as those who look after who read it say them."""

from contact_service.pages.rendering import say
from contact_service.texts import N_

# The first that fits counts: the more exact ones stand first.
_PARTS = (
    ("child.home", N_("Where the child lives")),
    ("child.person", N_("What is known of a person")),
    ("child.people", N_("Everybody of the case")),
    ("child.plan", N_("The contact plan")),
    ("child.order", N_("Court orders")),
    ("child.deciding", N_("Who may decide for the child")),
    ("child.owed", N_("Contact owed to the child")),
    ("child.series", N_("Series of visits")),
    ("child.calendars", N_("When the child is busy")),
    ("child.quiet", N_("Hours without visits")),
    ("child", N_("The child’s page")),
    ("visit.record", N_("The record of a visit")),
    ("number", N_("The number of somebody who had not come")),
    ("visit.room.call", N_("Calls to somebody who had not come")),
    ("visit.room.question", N_("The agreed question of somebody at the door")),
    ("visit.room.photo", N_("The photo of somebody at the door")),
    ("visits.calls", N_("Calls to somebody who had not come")),
    ("visit.room", N_("The room of a visit")),
    ("visit", N_("A visit")),
    ("case.readings", N_("Who read the record")),
    ("case.history", N_("A copy of the history")),
    ("case", N_("The history of the case")),
    ("series", N_("Series of visits")),
    ("book", N_("Booking a visit")),
    ("why", N_("Why a visit is not possible")),
    ("follow_up", N_("Something to see to")),
)
_ANOTHER = N_("Something else of the record ({part})")


def part_in_words(part: str) -> str:
    """What was read, in words; what this list does not know is named as the log names it."""
    for known, words in _PARTS:
        if part == known or part.startswith((f"{known}.", f"{known}s.", f"{known}_")):
            return say(words)
    return say(_ANOTHER, part=part)
