from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from contact_service.actor import Authentication
from contact_service.audit.event_types import EventType
from contact_service.policy.proving import GRAVE, OWN_SIGN_IN, PROOF_LASTS, Proof, is_proof_enough

NOON = datetime(2030, 5, 14, 12, tzinfo=UTC)
ENOUGH = {Authentication.PASSKEY, Authentication.PASSWORD, Authentication.PASSWORD_AND_APP}


def proof(by: Authentication, *, ago: timedelta = timedelta(), has_passkey: bool = False) -> Proof:
    return Proof(by=by, proved_at=NOON - ago, has_passkey=has_passkey)


@pytest.mark.parametrize(("act", "by"), [(act, by) for act in sorted(GRAVE) for by in Authentication])
def test_what_shows_that_it_is_they_is_a_closed_list(act: EventType, by: Authentication) -> None:
    recovery = by is Authentication.RECOVERY_CODE and act in OWN_SIGN_IN
    assert is_proof_enough([act], proof(by), at=NOON) is (by in ENOUGH or recovery)


@pytest.mark.parametrize("act", sorted(GRAVE))
def test_a_grave_act_needs_a_proof_of_the_last_quarter_of_an_hour(act: EventType) -> None:
    last = PROOF_LASTS - timedelta(microseconds=1)
    assert is_proof_enough([act], proof(Authentication.PASSKEY, ago=last), at=NOON)
    assert not is_proof_enough([act], proof(Authentication.PASSKEY, ago=PROOF_LASTS), at=NOON)
    assert not is_proof_enough([act], None, at=NOON)


@pytest.mark.parametrize("by", [Authentication.PASSWORD, Authentication.PASSWORD_AND_APP])
def test_whoever_has_a_passkey_shows_it_with_that(by: Authentication) -> None:
    assert not is_proof_enough([EventType.RESTRICTION_ENDED], proof(by, has_passkey=True), at=NOON)
    own = proof(Authentication.PASSKEY, has_passkey=True)
    assert is_proof_enough([EventType.RESTRICTION_ENDED], own, at=NOON)


@pytest.mark.parametrize("by", [Authentication.AGENCY, Authentication.AGENCY_PASSKEY])
def test_the_single_sign_on_shows_it_only_where_it_was_asked_anew(by: Authentication) -> None:
    acts = [EventType.RESTRICTION_ENDED]
    assert not is_proof_enough(acts, proof(by), at=NOON)
    assert is_proof_enough(acts, replace(proof(by), anew=True), at=NOON)
    assert not is_proof_enough(acts, replace(proof(by, ago=PROOF_LASTS), anew=True), at=NOON)
    owned = replace(proof(by, has_passkey=True), anew=True)
    assert is_proof_enough(acts, owned, at=NOON) is (by is Authentication.AGENCY_PASSKEY)


def test_a_recovery_code_is_not_enough_where_one_act_of_several_is_not_about_it() -> None:
    acts = [EventType.STAFF_FACTOR_ADDED, EventType.RECORD_EXPORTED]
    assert not is_proof_enough(acts, proof(Authentication.RECOVERY_CODE), at=NOON)


@pytest.mark.parametrize("act", sorted(set(EventType) - GRAVE))
def test_every_other_act_is_done_without(act: EventType) -> None:
    assert is_proof_enough([act], None, at=NOON)


@pytest.mark.parametrize(
    "act",
    [
        EventType.RESTRICTION_STARTED,
        EventType.RESTRICTION_CONTINUED,
        EventType.VISIT_ENDED,
        EventType.VISIT_HELD,
        EventType.CONSENT_WITHDRAWN,
        EventType.STAFF_DISABLED,
        EventType.STAFF_SESSIONS_ENDED,
        EventType.HOLD_PLACED,
    ],
)
def test_nothing_that_makes_somebody_safer_waits_for_a_proof(act: EventType) -> None:
    assert act not in GRAVE
