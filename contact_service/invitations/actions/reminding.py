"""Write the reminders of a visit with its booking, one for each person and each span of time before the start."""

from datetime import datetime, timedelta

from contact_service.agency_policy import queries as agency_policy
from contact_service.agency_policy.spans import written
from contact_service.clearances.queries import establishment_of
from contact_service.ids import PersonId
from contact_service.invitations.invitation import Invitation
from contact_service.invitations.queries import invitations_of
from contact_service.invitations.reminder_times import USELESS_BEFORE_START, Night, due_at
from contact_service.notifications import actions as notifications
from contact_service.notifications.message import MessageKind, NewMessage
from contact_service.people.queries import members as people
from contact_service.people.queries.channels import channels_of
from contact_service.visits.visit import Visit
from contact_service.work import Work


def remind_all(work: Work, visit: Visit) -> None:
    """Queue the reminders of everybody with a live link who may be written to; twice adds none."""
    for invitation in invitations_of(work, visit.id):
        if invitation.live and _can_be_written_to(work, visit, invitation.person):
            _remind(work, visit, invitation)


def _remind(work: Work, visit: Visit, invitation: Invitation) -> None:
    """Of two reminders that are both late, the later one says it; two that fall together are one."""
    policy = agency_policy.policy_in_force(work).document.reminders
    night = night_of(work, invitation.person)
    due: dict[datetime, timedelta] = {}
    for before in policy.before:
        at = due_at(visit.starts_at, before, night, booked_at=work.now)
        if at is not None:
            due[at] = before
    times = sorted(due)
    for place, at in enumerate(times, 1):
        message = NewMessage(
            kind=MessageKind.REMINDER,
            visit=visit.id,
            revision=visit.booked_revision,
            person=invitation.person,
            invitation=invitation.id,
            generation=invitation.generation,
            once=written(due[at]).replace(" ", ""),
            due_at=at,
            said_again_at=times[place] if place < len(times) else None,
            useless_after=visit.starts_at - USELESS_BEFORE_START,
        )
        notifications.queue(work, message)


def night_of(work: Work, person: PersonId) -> Night:
    """When it is night where somebody is, as the agency's policy has it."""
    reminders = agency_policy.policy_in_force(work).document.reminders
    zone = people.zone_of_person(work, person)
    return Night(zone=zone, starts=reminders.night_from, ends=reminders.night_until)


def _can_be_written_to(work: Work, visit: Visit, person: PersonId) -> bool:
    """Where no text messages leave, somebody who has a phone alone is rung instead of reminded: the worker is asked."""
    if establishment_of(work, person, visit.starts_at) is not None:
        return True
    return any(channel.can_be_written_to for channel in channels_of(work, person))
