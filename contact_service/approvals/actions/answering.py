"""Take in the answers that staff enter; a no for the child goes before an approver."""

from datetime import timedelta
from zoneinfo import ZoneInfo

from contact_service.consent.actions import NewAnswer
from contact_service.consent.consent import ConsentState, Purpose
from contact_service.errors import ConsentWithoutRight
from contact_service.follow_ups.actions import ask_for
from contact_service.follow_ups.follow_up import FollowUpKind, ForRole, NewFollowUp
from contact_service.ids import PersonId
from contact_service.people.decision_right import Authority, Holder, Matter, may_decide
from contact_service.people.queries import members as people
from contact_service.people.queries.rights import rights_of
from contact_service.visits.actions import agreeing
from contact_service.work import Work

_DECIDED_WITHIN = timedelta(days=1)
# Which right an answer needs; taking part and being watched are decided with contact itself.
MATTER_OF = {
    Purpose.NOTES_KEPT: Matter.NOTES,
    Purpose.OBSERVER_PRESENT: Matter.OBSERVERS,
    Purpose.INTERPRETER_PRESENT: Matter.INTERPRETER,
}


def take_answer(work: Work, child: PersonId, new: NewAnswer) -> None:
    """Keep an answer that staff enter.  A no for the child is put before an approver, whatever it stops by itself.

    Raises ``ConsentWithoutRight`` for a yes of somebody who has no right to decide it for the child on this day.
    """
    _demand_right(work, child, new)
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


def _demand_right(work: Work, child: PersonId, new: NewAnswer) -> None:
    """A no counts whoever brings it; a yes for the child needs a right that stands."""
    if new.person != child or new.holder is None or new.state is not ConsentState.GIVEN:
        return
    holder: Holder = PersonId(new.holder.removeprefix("person:"))
    if new.holder in set(Authority):
        holder = Authority(new.holder)
    zone = ZoneInfo(people.zone_of(work, people.case_of(work, child)))
    today = work.now.astimezone(zone).date()
    matter = MATTER_OF.get(new.purpose, Matter.CONTACT)
    if not may_decide(rights_of(work, child), holder, matter, today):
        raise ConsentWithoutRight(field="holder")
