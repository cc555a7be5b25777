"""What the agency holds to tell who somebody is, for the visit supervisor who looks at them at that moment."""

from contact_service.errors import NotAllowed, NotFound
from contact_service.ids import PersonId, VisitId
from contact_service.people.agreed_question import AgreedQuestion
from contact_service.people.photo import AgencyPhoto
from contact_service.people.queries.agreed_questions import opened_question
from contact_service.people.queries.photos import opened_photo
from contact_service.visits.queries.aside import is_aside
from contact_service.visits.queries.finding import is_supervisor_of, visit_for
from contact_service.visits.queries.suiting import watcher_in_conflict
from contact_service.visits.visit import IN_THE_ROOM, Stage
from contact_service.work import Work


def question_to_ask(work: Work, visit: VisitId, participant_id: str) -> AgreedQuestion | None:
    """The question that was agreed with somebody whom the supervisor looks at alone; None where there is none.

    Raises ``NotAllowed`` for everybody else and at every other moment, ``NotFound`` for whoever is not in the visit.
    """
    return opened_question(work, _looked_at(work, visit, participant_id))


def photo_to_compare(work: Work, visit: VisitId, participant_id: str) -> AgencyPhoto | None:
    """The agency's photo of somebody whom the supervisor looks at alone; None where there is none.

    Raises ``NotAllowed`` for everybody else and at every other moment, ``NotFound`` for whoever is not in the visit.
    """
    return opened_photo(work, _looked_at(work, visit, participant_id))


def _looked_at(work: Work, visit: VisitId, participant_id: str) -> PersonId:
    """Whom the visit supervisor is alone with at this moment; raises as its callers say."""
    found = visit_for(work, visit)
    if not is_supervisor_of(work, found) or watcher_in_conflict(work, found):
        raise NotAllowed("Only the visit supervisor of this visit asks who somebody is.")
    participant = found.participant(participant_id)
    if participant is None or participant.person is None:
        raise NotFound
    # A talk with somebody who was let in has no need of it: whoever is in doubt sends them back to waiting, and looks.
    at_the_door = participant.stage is Stage.PRIVATE and not is_aside(work, participant)
    if found.state not in IN_THE_ROOM or not at_the_door:
        raise NotAllowed(
            "Look at this person first: what tells who they are is shown only while you are alone with them."
        )
    return participant.person
