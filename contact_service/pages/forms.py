"""What every posted form has in common: our token, perhaps a number that makes it count once, and nothing unknown."""

from datetime import date
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field

from contact_service.agency_policy.spans import minute_of_day
from contact_service.clock import EARLIEST, LATEST
from contact_service.errors import BadInput, Conflict
from contact_service.pages.rendering import say
from contact_service.policy.decision import Reason, Refused
from contact_service.scheduling.local_time import in_known_years
from contact_service.visits.visit import Visit

LONGEST_LINE = 200
LONGEST_TEXT = 8000
_LONGEST_NUMBER = 9
# A start that a page was given with its offset; lengths can be added to it, and every zone has it.
Start = Annotated[AwareDatetime, AfterValidator(in_known_years)]


class Posted(BaseModel):
    """A form.  Unknown fields are refused."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True, str_max_length=LONGEST_TEXT)

    csrf: str = Field(default="", max_length=LONGEST_LINE)
    once: str = Field(default="", max_length=LONGEST_LINE)


class PostedOnVisit(Posted):
    """A form about a visit as the reader saw it."""

    version: int


class ReasonForm(PostedOnVisit):
    """A decision on a visit with a coded reason, and words."""

    reason: str = ""
    text: str = ""


class Json(BaseModel):
    """A JSON body.  Unknown fields are refused."""

    model_config = ConfigDict(extra="forbid", str_max_length=LONGEST_TEXT)


def demand_version(visit: Visit, version: int) -> None:
    """Raise ``Conflict`` when the visit changed since the form was shown."""
    if visit.revision != version:
        raise Conflict("The visit has changed since you opened the page. Look at it again, then decide.")


def refusals(refused: Refused) -> list[dict[str, str]]:
    """Every reason, with its rule, as pages show them."""
    return [{"rule": reason.rule, "text": spoken(reason)} for reason in refused.reasons]


def spoken(reason: Reason, *, locale: str = "en") -> str:
    """A reason in the reader's language."""
    return say(reason.problem.sentence, locale=locale, **dict(reason.problem.values))


def problem(error: BadInput) -> list[dict[str, str]]:
    """One wrong value, as pages show it."""
    return [{"field": error.field, "text": say(error.sentence, **error.values)}]


def day_of(typed: str, field: str) -> date:
    """The day that a date field holds; raises ``BadInput`` at ``field``."""
    try:
        day = date.fromisoformat(typed)
    except ValueError:
        raise BadInput("Choose a date.", field) from None
    if not EARLIEST <= day <= LATEST:
        raise BadInput("Look at the year: it has to be from 1900 to 2200.", field)
    return day


def day_or_none(typed: str, field: str) -> date | None:
    """The same, None for a field that was left empty."""
    return day_of(typed, field) if typed else None


def minute_of(typed: str, field: str) -> int:
    """The minutes after midnight that a field for a time of day holds, 24:00 included; raises ``BadInput``."""
    try:
        return minute_of_day(typed)
    except ValueError as error:
        raise BadInput(str(error), field) from None


def number_agreed(typed: str) -> int:
    """How many somebody saw and agreed to, as their page carried it; 0 where it says nothing."""
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < _LONGEST_NUMBER else 0
