"""A visit as it would be with other people in it.  Pure."""

from collections.abc import Collection
from dataclasses import replace

from contact_service.ids import PersonId
from contact_service.visits.visit import Participant, ParticipantRole, Stage, Visit, VisitChild


def with_exactly(visit: Visit, people: Collection[PersonId], children: tuple[VisitChild, ...]) -> Visit:
    """``visit`` with just these to meet and these children, each with their carer; whoever watches stays.

    Who stays in it stays as they are; whoever is new to it is no more than invited.
    """
    wanted = dict.fromkeys((person, ParticipantRole.FAMILY_MEMBER) for person in people)
    wanted |= dict.fromkeys((one.caregiver, ParticipantRole.CAREGIVER) for one in children if one.caregiver)
    staying = tuple(p for p in visit.participants if p.person is None or (p.person, p.role) in wanted)
    there = {(p.person, p.role) for p in staying}
    new = tuple(_invited(person, role) for person, role in wanted if (person, role) not in there)
    return replace(visit, children=children, participants=(*staying, *new))


def _invited(person: PersonId, role: ParticipantRole) -> Participant:
    return Participant(
        id="",
        role=role,
        stage=Stage.INVITED,
        stage_before=None,
        person=person,
        account=None,
        leg=None,
        waiting_since=None,
        put_out_at=None,
        link=None,
        identity_method="",
        muted=False,
        checked="",
        company=None,
        asked_break=False,
        goodbye_at=None,
    )
