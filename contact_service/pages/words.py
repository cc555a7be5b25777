"""Words for the choices that forms offer.

Codes that are only shown get their words in ``web/templates/words.html``.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import TypeVar

from contact_service.actor import Authentication
from contact_service.calendars.calendar import Effect
from contact_service.consent.consent import Method, Purpose
from contact_service.invitations.reissue import KnownBy
from contact_service.pages.rendering import say
from contact_service.people.emergency_access import AccessReason, Finding
from contact_service.plans.hours import QuietKind, Weekday
from contact_service.plans.order import OrderStatus, OrderSubject
from contact_service.plans.plan import PlanBasis
from contact_service.plans.terms import GenderReason, Medium, Period, PlanPurpose, Risk, SupervisionLevel
from contact_service.readings.purpose import ReadingPurpose
from contact_service.restrictions.restriction import RestrictionKind, RestrictionSource, StopReason
from contact_service.suitability.fit import ConflictKind, Gender
from contact_service.texts import N_
from contact_service.visits.reasons import CancelReason, DeclineReason, EmergencyReason
from contact_service.visits.visit import EndReason, IdentityMethod, Outcome
from contact_service.working_hours.hours import AbsenceKind

Code = TypeVar("Code", bound=str)

WAYS_IN = {
    Authentication.PASSWORD: N_("Password"),
    Authentication.PASSWORD_AND_APP: N_("Password and app"),
    Authentication.RECOVERY_CODE: N_("Recovery code"),
    Authentication.PASSKEY: N_("Passkey"),
    Authentication.AGENCY: N_("Through the agency"),
    Authentication.AGENCY_PASSKEY: N_("Through the agency, with a passkey or card"),
}
LEVELS = {
    SupervisionLevel.SUPERVISED: N_("Supervised: within sight and sound throughout"),
    SupervisionLevel.MONITORED: N_("Monitored: watched part of the time"),
    SupervisionLevel.SUPPORTED: N_("Supported: staff on hand, no notes"),
    SupervisionLevel.UNSUPERVISED: N_("Unsupervised"),
}
CANCEL_REASONS = {
    CancelReason.CHILD_ILL: N_("The child is ill"),
    CancelReason.CHILD_DECLINED: N_("The child does not want to"),
    CancelReason.ADULT_ASKED: N_("The adult asked for it"),
    CancelReason.CAREGIVER_UNAVAILABLE: N_("The carer is not available"),
    CancelReason.STAFF_UNAVAILABLE: N_("Staff are not available"),
    CancelReason.INTERPRETER_UNAVAILABLE: N_("The interpreter is not available"),
    CancelReason.LOCKDOWN: N_("A prison, hospital or home lets nobody call"),
    CancelReason.NOT_PREPARED: N_("Something was missing: a clearance, a paper, an address"),
    CancelReason.TIME_DOES_NOT_SUIT: N_("The time does not suit"),
}
DECLINE_REASONS = {
    DeclineReason.NOT_IN_PLAN: N_("It is not what the plan says"),
    DeclineReason.TIME_DOES_NOT_SUIT_CHILD: N_("The time does not suit the child"),
    DeclineReason.NO_STAFF: N_("There is no staff for it"),
    DeclineReason.MORE_INFORMATION_NEEDED: N_("More information is needed"),
    DeclineReason.SAFETY: N_("It is not safe now"),
}
EMERGENCY_REASONS = {
    EmergencyReason.COURT_DIRECTED: N_("A court says that it must be now"),
    EmergencyReason.SERIOUS_ILLNESS_OR_DEATH: N_("Somebody is seriously ill, dying or has died"),
    EmergencyReason.CHILD_IN_DISTRESS: N_("The child is in distress and needs them"),
    EmergencyReason.SUDDEN_MOVE: N_("The child has to move suddenly"),
}
DONE_REASONS = {
    "spoken_to_them": N_("I have spoken with them"),
    "plan_changed": N_("The plan was changed"),
    "visit_cancelled": N_("The visit was cancelled"),
    "visit_stands": N_("The visit stands as it is"),
    "order_attached": N_("A court order is recorded"),
    "not_needed": N_("It is not needed any more"),
    "put_right": N_("What was wrong has been put right"),
    "emergency_right": N_("It was right to set the rules aside"),
    "sent_again": N_("The message was sent again"),
    "emergency_wrong": N_("It was not right; I have spoken with both"),
    "reasons_kept": N_("Both sides were heard"),
    "decided": N_("It was decided"),
    "visit_moved": N_("The visit was moved"),
    "visit_booked": N_("A visit is booked"),
    "plan_reviewed": N_("The plan was looked at again"),
}
END_REASONS = {
    EndReason.COMPLETED: N_("The visit is complete"),
    EndReason.CHILD_WISHED: N_("The child wants to stop"),
    EndReason.ADULT_LEFT: N_("The adult has to go"),
    EndReason.SAFETY: N_("For safety"),
    EndReason.TECHNICAL: N_("It does not work technically"),
}
MEDIA = {
    Medium.VIDEO: N_("By video"),
    Medium.IN_PERSON: N_("In person"),
    Medium.PHONE: N_("By phone"),
}
RISKS = {Risk.LOW: N_("Low"), Risk.STANDARD: N_("Standard"), Risk.HIGH: N_("High")}
PURPOSES_OF_PLANS = {
    PlanPurpose.KEEP_RELATIONSHIP: N_("to keep the relationship"),
    PlanPurpose.GOING_HOME: N_("on the way home"),
    PlanPurpose.ASSESSMENT: N_("for an assessment"),
    PlanPurpose.IDENTITY: N_("to know where one comes from"),
    PlanPurpose.BROTHERS_AND_SISTERS: N_("as brothers and sisters"),
    PlanPurpose.FAREWELL: N_("to say goodbye"),
}
PERIODS = {
    Period.WEEK: N_("a week"),
    Period.FORTNIGHT: N_("a fortnight"),
    Period.MONTH: N_("a month"),
    Period.QUARTER: N_("a quarter"),
}
WEEKDAYS = {
    Weekday.MONDAY: N_("Monday"),
    Weekday.TUESDAY: N_("Tuesday"),
    Weekday.WEDNESDAY: N_("Wednesday"),
    Weekday.THURSDAY: N_("Thursday"),
    Weekday.FRIDAY: N_("Friday"),
    Weekday.SATURDAY: N_("Saturday"),
    Weekday.SUNDAY: N_("Sunday"),
}
STOP_REASONS = {
    StopReason.SAFETY: N_("A visit now would not be safe"),
    StopReason.CHILD_WISHES: N_("The child does not want visits now"),
    StopReason.INVESTIGATION: N_("Something is being looked into"),
    StopReason.BREACH: N_("Something that was agreed was not kept"),
}
METHODS = {
    IdentityMethod.PHOTO: N_("Photo held by the agency"),
    IdentityMethod.AGREED_QUESTION: N_("Agreed question"),
    IdentityMethod.SPOKEN_CODE: N_("Spoken code"),
}
KNOWN_BY = {
    KnownBy.VOICE_OR_SIGHT: N_("I know their voice or their face"),
    KnownBy.AGREED_QUESTION: N_("They answered the agreed question"),
    KnownBy.CALLED_BACK: N_("I rang them back on a number we hold"),
    KnownBy.IN_PERSON: N_("They stand in front of me"),
}
OUTCOMES = {
    Outcome.COMPLETED: N_("Completed"),
    Outcome.ENDED_EARLY_CHILD: N_("Ended early by the child"),
    Outcome.ENDED_EARLY_ADULT: N_("Ended early by an adult"),
    Outcome.ENDED_FOR_SAFETY: N_("Ended for safety"),
    Outcome.ENDED_SUPERVISOR_LOST: N_("Ended: the visit supervisor was lost"),
    Outcome.CONSENT_WITHDRAWN: N_("Consent was withdrawn"),
    Outcome.ADULT_NO_SHOW: N_("The adult did not join"),
    Outcome.CHILD_DECLINED: N_("The child said no"),
    Outcome.CAREGIVER_UNAVAILABLE: N_("The carer was not available"),
    Outcome.AGENCY_CANCELLED: N_("Cancelled by the agency"),
    Outcome.ORDER_STOPPED: N_("Stopped by an order"),
    Outcome.TECHNICAL_FAILURE: N_("Technical failure"),
}
PURPOSES = {
    Purpose.TAKE_PART: N_("Take part in visits"),
    Purpose.BE_SUPERVISED: N_("Be supervised"),
    Purpose.NOTES_KEPT: N_("Notes are kept"),
    Purpose.NO_RECORDING: N_("No recording"),
    Purpose.INTERPRETER_PRESENT: N_("An interpreter is present"),
    Purpose.OBSERVER_PRESENT: N_("An observer is present"),
}
CONSENT_METHODS = {
    Method.ON_THE_PAGE: N_("on their page"),
    Method.BY_DECISION_HOLDER: N_("by the holder of the right to decide"),
    Method.SPOKEN: N_("spoken, heard by two of us"),
}
RESTRICTION_KINDS = {
    RestrictionKind.NO_CONTACT: N_("No contact"),
    RestrictionKind.APART: N_("Two people kept apart"),
    RestrictionKind.SUSPENDED: N_("Urgent stop, ends by itself"),
}
SOURCES = {
    RestrictionSource.COURT_ORDER: N_("Court order"),
    RestrictionSource.AGENCY_DECISION: N_("Decision of the agency"),
    RestrictionSource.POLICE: N_("Police"),
}
PLAN_BASES = {
    PlanBasis.AGREEMENT: N_("An agreement"),
    PlanBasis.AUTHORITY_PLAN: N_("The authority’s plan"),
    PlanBasis.COURT_ORDER: N_("A court order"),
}
ORDER_SUBJECTS = {
    OrderSubject.CONTACT: N_("Contact is ordered"),
    OrderSubject.NO_CONTACT: N_("No contact"),
    OrderSubject.REFUSAL_ALLOWED: N_("The agency may refuse contact"),
    OrderSubject.OTHER: N_("Something else"),
}
ORDER_STATUSES = {
    OrderStatus.IN_FORCE: N_("In force"),
    OrderStatus.VARIED: N_("In force, varied"),
    OrderStatus.DISCHARGED: N_("Discharged: it binds nobody any more"),
}
GENDERS = {
    Gender.WOMAN: N_("A woman"),
    Gender.MAN: N_("A man"),
}
GENDER_REASONS = {
    GenderReason.CHILD_ASKED: N_("The child asked for it"),
    GenderReason.HARMED_BEFORE: N_("Somebody was harmed before"),
    GenderReason.FAITH_OR_CULTURE: N_("Faith or culture"),
    GenderReason.ORDER_SAYS_SO: N_("An order says so"),
}
CONFLICTS = {
    ConflictKind.KIN: N_("Related to them"),
    ConflictKind.FRIEND: N_("A friend or neighbour"),
    ConflictKind.FORMER_CLIENT: N_("They worked together before"),
    ConflictKind.OTHER: N_("Something else"),
}
ABSENCES = {
    AbsenceKind.LEAVE: N_("Leave"),
    AbsenceKind.ILL: N_("Ill"),
    AbsenceKind.TRAINING: N_("Training"),
    AbsenceKind.OTHER: N_("Something else"),
}
QUIET_KINDS = {
    QuietKind.SCHOOL: N_("School"),
    QuietKind.BEDTIME: N_("Bedtime"),
    QuietKind.THERAPY: N_("Therapy"),
    QuietKind.OTHER: N_("Something else"),
}
EFFECTS = {
    Effect.NO_VISITS: N_("No visits on its days"),
    Effect.NO_SCHOOL: N_("No school on its days"),
}
ACCESS_REASONS = {
    AccessReason.CHILD_AT_RISK: N_("A child may come to harm"),
    AccessReason.VISIT_NOW: N_("A visit runs or is about to begin, and nobody of the case can be reached"),
    AccessReason.COVERING: N_("I cover for a colleague who is away, and it cannot wait"),
    AccessReason.POLICE_OR_COURT: N_("The police or a court must be answered now"),
}
READING_PURPOSES = {
    ReadingPurpose.INSPECTION: N_("An inspection"),
    ReadingPurpose.QUALITY: N_("Looking at how good our work is"),
    ReadingPurpose.COMPLAINT: N_("A complaint"),
    ReadingPurpose.INCIDENT: N_("Something that went wrong"),
    ReadingPurpose.COPY_ASKED_FOR: N_("Somebody asked for a copy of their record"),
    ReadingPurpose.COURT: N_("A court asked for it"),
}
FINDINGS = {
    Finding.RIGHT: N_("It was right"),
    Finding.MORE_THAN_NEEDED: N_("It was right to open it, but more was read or done than was needed"),
    Finding.WRONG: N_("It was wrong"),
}
HOLD_REASONS = {"pause": N_("A short pause"), "worry": N_("A worry")}


def choices(words: Mapping[Code, str], only: Iterable[Code] | None = None) -> list[dict[str, str]]:
    """The choices of a form, in the order of ``words``."""
    wanted = set(words if only is None else only)
    return [{"value": str(code), "text": say(text)} for code, text in words.items() if code in wanted]


def age(born_on: str, today: date) -> int | str:
    """Whole years, or an empty text when the birthday is not known."""
    if not born_on:
        return ""
    born = date.fromisoformat(born_on)
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))


CLEARANCE_ANSWERS = {
    "granted": N_("Yes: they may meet this child from there"),
    "refused": N_("No: they may not"),
}
