"""What the rules of the room look at, from the door to the end of a hold.  Queries fill these in."""

from dataclasses import dataclass
from datetime import datetime

from contact_service.consent.consent import ConsentState


@dataclass(frozen=True, kw_only=True)
class JoinFacts:
    """One person at the door of one visit.

    ``consents`` are those that the policy and the basis of the visit require, notices included.
    ``child_consent_needed``: contact rests on an agreement, and not on an order or the authority's plan.
    ``cleared``: every establishment from which they take part has cleared contact with each child of it.
    """

    link_live: bool
    opens_at: datetime
    dies_at: datetime
    visit_joinable: bool
    consents: tuple[ConsentState, ...]
    visit_was_ready: bool
    child_consent: ConsentState
    child_consent_needed: bool
    barred: bool
    cleared: bool
    removed: bool
    at: datetime


@dataclass(frozen=True, kw_only=True)
class AdmissionFacts:
    """One person whom the visit supervisor is about to let in.

    ``company_told``, ``company_seen``: the person has said who else is in their room; the supervisor has looked.
    ``whereabouts_known``: the supervisor has asked where they are and on which number they are reached.
    ``provisional``: some of the answers were given on this device, and nobody has told yet who holds it.
    ``cleared``, ``room_cleared``: the establishments from which they, or those inside, take part have said yes.
    ``not_understood``: who would be in the room and is understood neither by the supervisor nor through an interpreter.
    ``another_aside``: the visit supervisor talks alone with somebody else who was in the common room.
    """

    is_visit_supervisor: bool
    in_conflict: bool
    supervisor_connected: bool
    visit_running: bool
    is_waiting: bool
    device_connected: bool
    identity_method: str
    company_told: bool
    company_seen: bool
    whereabouts_known: bool
    is_child: bool
    adult_admitted: bool
    consents: tuple[ConsentState, ...]
    provisional: bool
    child_consent: ConsentState
    child_consent_needed: bool
    child_assent: ConsentState
    barred: bool
    cleared: bool
    room_cleared: bool
    apart_from_another: bool
    not_understood: tuple[str, ...]
    another_aside: bool
    at: datetime
    dies_at: datetime


@dataclass(frozen=True, kw_only=True)
class WatchFacts:
    """Somebody who is about to come into the room of a visit in order to watch it."""

    is_visit_supervisor: bool
    in_conflict: bool


@dataclass(frozen=True, kw_only=True)
class ResumeFacts:
    """A held visit that somebody wants to resume.  ``not_understood`` as at the admission.

    ``cleared``: whoever is inside takes part from nowhere, or from where each child they meet is cleared.
    ``alone_with_somebody``: the visit supervisor looks at somebody, or talks with somebody, alone at this moment.
    """

    is_visit_supervisor: bool
    in_conflict: bool
    supervisor_connected: bool
    is_held: bool
    alone_with_somebody: bool
    restricted: bool
    cleared: bool
    not_understood: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class GoodbyeFacts:
    """Somebody to whom the visit supervisor has said goodbye and who may come back after all.

    ``said_at``: when that was; None where they did not go home that way, or are back.
    ``link_stands``: the link by whose device they came opens the door still, and is bound to that device.
    ``cleared``: as at the door.
    """

    is_visit_supervisor: bool
    in_conflict: bool
    supervisor_connected: bool
    visit_running: bool
    said_at: datetime | None
    link_stands: bool
    consents: tuple[ConsentState, ...]
    child_consent: ConsentState
    child_consent_needed: bool
    barred: bool
    cleared: bool
    apart_from_another: bool
    at: datetime
    dies_at: datetime


@dataclass(frozen=True, kw_only=True)
class InsideFacts:
    """One person who was let in, and with whom the visit supervisor would talk alone or say goodbye.

    ``is_inside``: they are in the common room at this moment, on a device that is connected.
    ``alone_with_another``: the visit supervisor is alone with somebody else already.
    ``is_alone``: the visit supervisor is alone with this person, who was in the common room before.
    ``child_here``: the device of a child of the visit is in the room or at its door, also one that has gone silent.
    ``asked_back``: a goodbye to this person was taken back, and they are not here yet.
    """

    is_visit_supervisor: bool
    in_conflict: bool
    supervisor_connected: bool
    visit_running: bool
    is_inside: bool
    is_alone: bool
    asked_back: bool
    alone_with_another: bool
    is_child: bool
    child_here: bool
    consents: tuple[ConsentState, ...]
    child_consent: ConsentState
    child_consent_needed: bool
    barred: bool
    apart_from_another: bool
