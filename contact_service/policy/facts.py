"""What the rules look at, and nothing else.  Queries fill these in; rules never fetch."""

from dataclasses import dataclass
from datetime import date, datetime

from contact_service.agency_policy.document import Document
from contact_service.agency_policy.limits import Limits
from contact_service.consent.consent import ConsentState
from contact_service.people.person import Relation
from contact_service.plans.terms import (
    Frequency,
    Medium,
    QuietHours,
    Risk,
    SupervisionLevel,
    Window,
)


@dataclass(frozen=True, kw_only=True)
class PersonFacts:
    """One adult or sibling who would take part.  ``name`` is only for the words of a reason.

    ``booked_in_period`` counts the other visits by this medium in the period of ``often`` around the day;
    ``nearest_days`` is how far the nearest of them is, in days where the child lives, None when there is none.
    ``languages`` are those in which the person takes part without help (primary tags), empty when nobody has asked.
    ``minor``: a child of the case, or known to be under 18 on the day.
    """

    name: str
    relation: Relation
    risk: Risk
    in_plan: bool
    approved: bool
    minor: bool
    languages: frozenset[str]
    plan_level: SupervisionLevel | None
    plan_minutes: int | None
    often: Frequency | None
    booked_in_period: int
    nearest_days: int | None
    window: Window | None
    barred_from_child: bool
    apart_from_another: bool


@dataclass(frozen=True, kw_only=True)
class BookingFacts:
    """A visit somebody asks for, or that somebody is about to approve.

    ``emergency_until``: until when two people may set aside rules of time and number for it; None without an emergency.
    """

    child_name: str
    child_languages: frozenset[str]
    people: tuple[PersonFacts, ...]
    has_caregiver: bool
    child_consent: ConsentState
    child_consent_needed: bool
    starts_at: datetime | None
    ends_at: datetime | None
    local_time_problem: str
    level: SupervisionLevel
    supervisor_qualified: bool
    supervisor_languages: frozenset[str]
    duty_person_named: bool
    zone: str
    quiet: tuple[QuietHours, ...]
    policy: Document
    policy_accepted: bool
    emergency_until: datetime | None
    at: datetime


@dataclass(frozen=True, kw_only=True)
class KnownFacts:
    """One person of a visit that might need nobody's yes.  ``completed_before`` counts visits with the child."""

    relation: Relation
    risk: Risk
    completed_before: int


@dataclass(frozen=True, kw_only=True)
class AutomaticFacts:
    """A visit that might need nobody's yes.  ``shared``: it is the visit of several children."""

    policy: Document
    people: tuple[KnownFacts, ...]
    level: SupervisionLevel
    minutes: int
    emergency: bool
    shared: bool


@dataclass(frozen=True, kw_only=True)
class ApprovalFacts:
    """Who approves, and what they approve for one child."""

    is_approver: bool
    is_requester: bool
    reaches_child: bool
    still_requested: bool
    policy_accepted: bool
    booking: BookingFacts


@dataclass(frozen=True, kw_only=True)
class TermsFacts:
    """One person and medium of a plan.  ``levels`` are the first and those of every step.

    ``order_stands`` is None where the terms rest on no order.
    """

    name: str
    medium: Medium
    relation: Relation
    risk: Risk
    in_case: bool
    is_child: bool
    barred_from_child: bool
    levels: tuple[SupervisionLevel, ...]
    minutes: int
    fits_window: bool
    frequency_problem: str
    order_stands: bool | None


@dataclass(frozen=True, kw_only=True)
class PlanFacts:
    """A version of a plan that somebody writes, or is about to approve."""

    child_name: str
    terms: tuple[TermsFacts, ...]
    review_on: date
    policy: Document
    today: date


@dataclass(frozen=True, kw_only=True)
class PlanDecisionFacts:
    """Who approves a version of a plan, and which."""

    is_approver: bool
    is_author: bool
    still_proposed: bool
    is_newest: bool
    plan: PlanFacts


@dataclass(frozen=True, kw_only=True)
class ChangeFacts:
    """A change of people, time, length or level before a visit."""

    may_change: bool
    starts_at: datetime
    limits: Limits
    at: datetime


@dataclass(frozen=True, kw_only=True)
class JoinFacts:
    """One person at the door of one visit.

    ``consents`` are those that the policy and the basis of the visit require, notices included.
    ``child_consent_needed``: contact rests on an agreement, and not on an order or the authority's plan.
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
    removed: bool
    at: datetime


@dataclass(frozen=True, kw_only=True)
class AdmissionFacts:
    """One person whom the visit supervisor is about to let in.

    ``company_told``, ``company_seen``: the person has said who else is in their room; the supervisor has looked.
    ``provisional``: some of the answers were given on this device, and nobody has told yet who holds it.
    ``not_understood``: who would be in the room and is understood neither by the supervisor nor through an interpreter.
    """

    is_visit_supervisor: bool
    supervisor_connected: bool
    visit_running: bool
    is_waiting: bool
    device_connected: bool
    identity_method: str
    company_told: bool
    company_seen: bool
    is_child: bool
    adult_admitted: bool
    consents: tuple[ConsentState, ...]
    provisional: bool
    child_consent: ConsentState
    child_consent_needed: bool
    child_assent: ConsentState
    barred: bool
    apart_from_another: bool
    not_understood: tuple[str, ...]
    at: datetime
    dies_at: datetime


@dataclass(frozen=True, kw_only=True)
class ResumeFacts:
    """A held visit that somebody wants to resume.  ``not_understood`` as at the admission."""

    is_visit_supervisor: bool
    supervisor_connected: bool
    is_held: bool
    restricted: bool
    not_understood: tuple[str, ...]
