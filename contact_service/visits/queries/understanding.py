"""Gather who speaks what in one room.  Nothing here says yes or no."""

from collections.abc import Collection

from contact_service.agency_policy import queries as agency_policy
from contact_service.identity import queries as identity
from contact_service.ids import AccountId
from contact_service.people.language import at_home_in
from contact_service.people.person import Relation
from contact_service.people.queries import members as people
from contact_service.policy.understanding import Speaker, not_understood
from contact_service.visits.visit import Participant, ParticipantRole, Stage, Visit
from contact_service.work import Work


def languages_heard(work: Work, supervisor: AccountId | None) -> frozenset[str]:
    """What a visit supervisor understands (primary tags): the languages the agency works in, and their own."""
    working = frozenset(agency_policy.policy_in_force(work).document.working_languages)
    return working | at_home_in(identity.languages_of(work, supervisor)) if supervisor else working


def languages_heard_by(work: Work, supervisors: Collection[AccountId]) -> dict[AccountId, frozenset[str]]:
    """What each of these visit supervisors understands, in one look."""
    working = languages_heard(work, None)
    own = identity.languages_of_each(work, supervisors)
    return {account: working | at_home_in(languages) for account, languages in own.items()}


def not_understood_in(work: Work, visit: Visit, *, joining: Participant | None = None) -> tuple[str, ...]:
    """The names of those in the room of ``visit``, with ``joining``, whom nobody who listens would understand.

    A device that has gone silent still belongs to somebody in the room, but interprets nothing.
    """
    inside = [p for p in visit.families() if p.standing is Stage.ADMITTED or p == joining]
    speakers, interpreters = [], []
    for participant in inside:
        assert participant.person is not None
        if participant.role is ParticipantRole.CAREGIVER:
            children = (people.details_of(work, child) for child in visit.brought_by(participant.person))
            speakers += [Speaker(name=c.known_as, languages=at_home_in(c.languages)) for c in children]
            continue
        member = people.member(work, participant.person, child=visit.child)
        languages = at_home_in(member.details.languages)
        if member.relation is not Relation.INTERPRETER:
            speakers.append(Speaker(name=member.known_as, languages=languages))
        elif participant.stage is not Stage.DISCONNECTED and not member.is_minor_on(visit.starts_at.date()):
            interpreters.append(languages)
    heard = languages_heard(work, visit.supervisor)
    unheard = not_understood(visit.level, speakers, listener=heard, interpreters=interpreters)
    return tuple(one.name for one in unheard)
