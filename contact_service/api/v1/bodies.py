"""What every body and every answer has in common.  A body with something unknown in it is refused."""

import re
from datetime import date, datetime
from typing import Annotated

from fastapi import Path, Query
from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    NaiveDatetime,
    StringConstraints,
    ValidatorFunctionWrapHandler,
    WithJsonSchema,
    field_validator,
)

from contact_service.clock import EARLIEST, LATEST
from contact_service.errors import Conflict
from contact_service.people.external import LONGEST_REFERENCE, LONGEST_SYSTEM, ExternalRef, clean_ref
from contact_service.staff_door import ID
from contact_service.visits.visit import Visit

LONGEST_LINE, LONGEST_TEXT, MOST_ENTRIES = 200, 8000, 50

AnId = Annotated[str, Path(pattern=ID)]
Id = Annotated[str, StringConstraints(pattern=ID)]
Line = Annotated[str, StringConstraints(max_length=LONGEST_LINE)]
Text = Annotated[str, StringConstraints(max_length=LONGEST_TEXT)]
System = Annotated[str, Query(max_length=LONGEST_SYSTEM)]
Reference = Annotated[str, Query(max_length=LONGEST_REFERENCE)]
MinuteOfDay = Annotated[
    int, Field(ge=0, le=24 * 60, description="Minutes after midnight where the child lives.")
]


def _written(said: object) -> object:
    """A number, also one in quotes, is no time: it would be taken for seconds since 1970."""
    if isinstance(said, date) or (isinstance(said, str) and re.match(r"\s*[0-9]{4}-[0-9]{2}-[0-9]{2}", said)):
        return said
    msg = "write it like 2030-05-20, or like 2030-05-20T16:00 when the hour matters"
    raise ValueError(msg)


def _in_range(at: datetime) -> datetime:
    """Days around are reckoned with too, and there are none before year 1 or after year 9999."""
    if not EARLIEST <= at.date() <= LATEST:
        msg = f"write a time from {EARLIEST.year} to {LATEST.year}"
        raise ValueError(msg)
    return at


def _to_the_minute(at: datetime) -> datetime:
    if at.second or at.microsecond:
        msg = "write the start to the minute, without seconds"
        raise ValueError(msg)
    return at


Day = Annotated[date, BeforeValidator(_written), Field(ge=EARLIEST, le=LATEST)]
Moment = Annotated[AwareDatetime, BeforeValidator(_written), AfterValidator(_in_range)]
Wall = Annotated[
    NaiveDatetime,
    # Not the format `date-time`: that has a zone (RFC 3339).
    WithJsonSchema(
        {
            "type": "string",
            "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:00)?$",
            "description": "The clock on the wall where the child lives, without a zone, to the minute.",
            "examples": ["2030-05-15T16:00"],
        }
    ),
]
WallStart = Annotated[
    Wall, BeforeValidator(_written), AfterValidator(_in_range), AfterValidator(_to_the_minute)
]


class Body(BaseModel):
    """What a caller sends.  Unknown members are refused, and so are texts longer than the pages take."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True, str_max_length=LONGEST_TEXT)

    @field_validator("*", mode="wrap")
    @classmethod
    def _no_truth_is_a_number(cls, said: object, read: ValidatorFunctionWrapHandler) -> object:
        """``true`` would be taken for 1, and 1 for ``true``: whoever mixes them up meant something else."""
        found: object = read(said)
        if isinstance(said, bool | int | float) and isinstance(found, bool) != isinstance(said, bool):
            msg = "write true or false here" if isinstance(found, bool) else "write a number here"
            raise ValueError(msg)
        return found


class Nothing(Body):
    """A body without members: ``{}``."""


class Reason(Body):
    """Why, as a code."""

    reason: Line


class Answer(BaseModel):
    """What a caller is sent."""

    model_config = ConfigDict(frozen=True)


class Made(Answer):
    """The id of what was made."""

    id: str = Field(examples=["5b1c0d6f0a2e4c8e9d7f3a6b8c1d2e3f"])


class Done(Answer):
    """It was done."""

    id: str
    at: datetime


class NamedBy(Body):
    """What another system calls a case or a person."""

    system: Annotated[str, StringConstraints(max_length=LONGEST_SYSTEM)] = Field(examples=["caseworks"])
    reference: Annotated[str, StringConstraints(max_length=LONGEST_REFERENCE)] = Field(examples=["P-1042"])

    def ref(self) -> ExternalRef:
        """The reference as it is kept; raises ``BadInput``."""
        return clean_ref(self.system, self.reference)


class OnVisit(Body):
    """An act on a visit as the caller last read it."""

    revision: int = Field(description="The visit's `revision` as you read it; another one is a conflict.")


def demand_revision(visit: Visit, revision: int) -> None:
    """Raise ``Conflict`` when the visit changed since the caller read it."""
    if visit.revision != revision:
        raise Conflict("The visit has changed since you read it. Read it again, then decide.")
