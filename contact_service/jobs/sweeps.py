"""Forget what is kept only for a while."""

from contact_service import actor
from contact_service.repeats.actions import forget_answers
from contact_service.work import Installation, begin


def sweep_answers(installation: Installation) -> None:
    """Answers to requests of the JSON API that are a day old."""
    with begin(installation, actor.SCHEDULE) as work:
        forget_answers(work)
