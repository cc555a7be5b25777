"""What is done for one thing after the other: what is wrong with one keeps none of the others."""

import logging
from collections.abc import Callable, Iterable
from typing import TypeVar

from contact_service.operations.job_beat import TurnLost

logger = logging.getLogger(__name__)
Thing = TypeVar("Thing")


def each(things: Iterable[Thing], act: Callable[[Thing], object]) -> None:
    """Do ``act`` for each; a failure is logged, and the first of them is raised when all have been tried.

    ``TurnLost`` ends it at once: another process does the rest.
    """
    first: Exception | None = None
    for thing in things:
        try:
            act(thing)
        except TurnLost:
            raise
        except Exception as error:  # whatever it is, the next one may be fine
            logger.exception("one of many failed")
            first = first or error
    if first is not None:
        raise first
