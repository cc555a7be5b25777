"""What can be wrong with somebody's own calendar."""

from contact_service.errors import BadInput


class CalendarNotReadable(BadInput):
    """This calendar cannot be read.  Save it again from the calendar program as an .ics file, and bring that."""

    def __init__(self, words: str) -> None:
        super().__init__(words, "calendar")
