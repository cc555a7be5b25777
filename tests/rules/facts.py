"""Facts under which every rule passes; a test changes what it is about."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from contact_service.agency_policy.document import Document
from contact_service.agency_policy.limits import Limits
from contact_service.consent.consent import ConsentState
from contact_service.people.person import Relation
from contact_service.plans.hours import Window
from contact_service.plans.terms import NO_DEMANDS, Risk, SupervisionLevel
from contact_service.policy.facts import (
    ApprovalFacts,
    BookingFacts,
    ChangeFacts,
    PersonFacts,
    WatcherFacts,
)
from contact_service.policy.room_facts import (
    AdmissionFacts,
    GoodbyeFacts,
    InsideFacts,
    JoinFacts,
    ResumeFacts,
    WatchFacts,
)

NOON = datetime(2030, 5, 14, 12, tzinfo=UTC)
TOMORROW = NOON + timedelta(days=1, hours=3)
GIVEN = (ConsentState.GIVEN,) * 4
UNANSWERED = (ConsentState.NEEDED, ConsentState.DECLINED, ConsentState.WITHDRAWN)


def mother(**changes: Any) -> PersonFacts:  # noqa: ANN401  any field of the facts
    return replace(
        PersonFacts(
            name="Dana",
            relation=Relation.PARENT,
            risk=Risk.STANDARD,
            in_plan=True,
            approved=True,
            minor=False,
            languages=frozenset({"en"}),
            plan_level=SupervisionLevel.SUPERVISED,
            plan_minutes=45,
            often=None,
            booked_in_period=0,
            nearest_days=None,
            window=Window(),
            barred_from_child=False,
            apart_from_another=False,
            demands=NO_DEMANDS,
        ),
        **changes,
    )


def watcher(**changes: Any) -> WatcherFacts:  # noqa: ANN401
    lena = WatcherFacts(name="Lena", in_conflict=False, gender=None, trainings=frozenset())
    return replace(lena, **changes)


def booking(**changes: Any) -> BookingFacts:  # noqa: ANN401
    return replace(
        BookingFacts(
            child_name="Mia",
            child_languages=frozenset({"en"}),
            people=(mother(),),
            has_caregiver=True,
            child_consent=ConsentState.GIVEN,
            child_consent_needed=True,
            starts_at=TOMORROW,
            ends_at=TOMORROW + timedelta(minutes=30),
            local_time_problem="",
            level=SupervisionLevel.SUPERVISED,
            supervisor_qualified=True,
            supervisor_languages=frozenset({"en"}),
            watcher=watcher(),
            duty_person_named=True,
            duty_in_conflict="",
            claimed=(),
            staff=(),
            pools=(),
            zone="Europe/London",
            quiet=(),
            closed=(),
            no_school=(),
            policy=Document(),
            policy_accepted=True,
            emergency_until=None,
            at=NOON,
        ),
        **changes,
    )


def approval(**changes: Any) -> ApprovalFacts:  # noqa: ANN401
    right = ApprovalFacts(
        is_approver=True,
        is_requester=False,
        reaches_child=True,
        in_conflict=False,
        still_requested=True,
        policy_accepted=True,
        time_open=False,
        booking=booking(),
    )
    return replace(right, **changes)


def change(**changes: Any) -> ChangeFacts:  # noqa: ANN401
    return replace(ChangeFacts(may_change=True, starts_at=TOMORROW, limits=Limits(), at=NOON), **changes)


def joining(**changes: Any) -> JoinFacts:  # noqa: ANN401
    return replace(
        JoinFacts(
            link_live=True,
            opens_at=NOON - timedelta(minutes=15),
            dies_at=NOON + timedelta(minutes=45),
            visit_joinable=True,
            consents=GIVEN,
            visit_was_ready=True,
            child_consent=ConsentState.GIVEN,
            child_consent_needed=True,
            barred=False,
            cleared=True,
            removed=False,
            at=NOON,
        ),
        **changes,
    )


def admission(**changes: Any) -> AdmissionFacts:  # noqa: ANN401
    return replace(
        AdmissionFacts(
            is_visit_supervisor=True,
            in_conflict=False,
            supervisor_connected=True,
            visit_running=True,
            is_waiting=True,
            device_connected=True,
            identity_method="photo",
            company_told=True,
            company_seen=True,
            whereabouts_known=True,
            is_child=False,
            adult_admitted=False,
            consents=GIVEN,
            provisional=False,
            child_consent=ConsentState.GIVEN,
            child_consent_needed=True,
            child_assent=ConsentState.NEEDED,
            barred=False,
            cleared=True,
            room_cleared=True,
            apart_from_another=False,
            not_understood=(),
            another_aside=False,
            at=NOON,
            dies_at=NOON + timedelta(minutes=45),
        ),
        **changes,
    )


def inside(**changes: Any) -> InsideFacts:  # noqa: ANN401
    right = InsideFacts(
        is_visit_supervisor=True,
        in_conflict=False,
        supervisor_connected=True,
        visit_running=True,
        is_inside=True,
        is_alone=False,
        asked_back=False,
        alone_with_another=False,
        is_child=False,
        child_here=False,
        consents=GIVEN,
        child_consent=ConsentState.GIVEN,
        child_consent_needed=True,
        barred=False,
        apart_from_another=False,
    )
    return replace(right, **changes)


def sent_home(**changes: Any) -> GoodbyeFacts:  # noqa: ANN401
    """Goodbye was said to the mother a minute ago."""
    right = GoodbyeFacts(
        is_visit_supervisor=True,
        in_conflict=False,
        supervisor_connected=True,
        visit_running=True,
        said_at=NOON - timedelta(minutes=1),
        link_stands=True,
        consents=GIVEN,
        child_consent=ConsentState.GIVEN,
        child_consent_needed=True,
        barred=False,
        cleared=True,
        apart_from_another=False,
        at=NOON,
        dies_at=NOON + timedelta(minutes=30),
    )
    return replace(right, **changes)


def resuming(**changes: Any) -> ResumeFacts:  # noqa: ANN401
    right = ResumeFacts(
        is_visit_supervisor=True,
        in_conflict=False,
        supervisor_connected=True,
        is_held=True,
        alone_with_somebody=False,
        restricted=False,
        cleared=True,
        not_understood=(),
    )
    return replace(right, **changes)


def watching(**changes: Any) -> WatchFacts:  # noqa: ANN401
    return replace(WatchFacts(is_visit_supervisor=True, in_conflict=False), **changes)
