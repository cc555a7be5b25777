"""Take in the answers that staff enter; a no for the child goes before an approver."""

from datetime import timedelta

from contact_service.consent.actions import NewAnswer
from contact_service.consent.consent import ConsentState
from contact_service.follow_ups.actions import ask_for
from contact_service.follow_ups.follow_up import FollowUpKind, ForRole, NewFollowUp
from contact_service.ids import PersonId
from contact_service.people.queries import members as people
from contact_service.visits.actions import agreeing
from contact_service.work import Work

_DECIDED_WITHIN = timedelta(days=1)


def take_answer(work: Work, child: PersonId, new: NewAnswer) -> None:
    """Keep an answer that staff enter.  A no for the child is put before an approver, whatever it stops by itself."""
    agreeing.take_answer(work, new)
    if new.person != child or new.state is ConsentState.GIVEN:
        return
    ask_for(
        work,
        NewFollowUp(
            case=people.case_of(work, child),
            kind=FollowUpKind.OBJECTION,
            for_role=ForRole.APPROVER,
            about=f"objection/{child}/{new.purpose.value}/{work.now.date().isoformat()}",
            due_at=work.now + _DECIDED_WITHIN,
            person=child,
        ),
    )
