"""The retention period of every table.  A table without one fails the build.

``AS_THE_CASE`` is kept as long as the law keeps the child's file, for example until the child is 75 (England and Wales:
Care Planning, Placement and Case Review Regulations 2010, reg. 50).  Deleting at the end of a period comes with the
retention jobs; until then nothing is deleted but what a ``timedelta`` below names.
"""

from datetime import timedelta
from typing import Final

AS_THE_CASE: Final = "as the case"
FOR_EVER: Final = "for ever"
ANSWERS_KEPT: Final = timedelta(hours=24)  # swept by jobs/sweeps.py
BUSY_TIMES_KEPT: Final = timedelta(days=30)  # swept by jobs/sweeps.py
TURNS_KEPT: Final = timedelta(days=30)  # swept by jobs/sweeps.py
WHEREABOUTS_KEPT: Final = timedelta(days=1)  # swept by jobs/sweeps.py
READINGS_KEPT: Final = timedelta(days=31)  # swept by jobs/sweeps.py

PERIODS: Final[dict[str, timedelta | str]] = {
    "absence": FOR_EVER,  # why a visit was put in doubt must stay known
    "agency": FOR_EVER,  # whose the rows are
    "agency_policy": FOR_EVER,  # says under which rules every visit was decided
    "agency_root": FOR_EVER,  # destroyed only by shredding
    "agreed_question": AS_THE_CASE,  # destroyed at once when nobody is known by it any more
    "alembic_version": FOR_EVER,  # the schema's own number
    "approved_person": AS_THE_CASE,
    "attendance": AS_THE_CASE,
    "audit_checkpoint": FOR_EVER,  # evidence without personal data
    "audit_entry": FOR_EVER,  # unreadable once the case key is shredded
    "audit_head": FOR_EVER,
    "busy_calendar": FOR_EVER,  # by it visits were put in doubt; the address goes when it ends
    "busy_time": BUSY_TIMES_KEPT,
    "calendar": FOR_EVER,  # by it visits were booked
    "calendar_entry": FOR_EVER,
    "calendar_link": AS_THE_CASE,
    "case": AS_THE_CASE,
    "case_key": AS_THE_CASE,
    "case_member": AS_THE_CASE,
    "case_reading": READINGS_KEPT,  # what was read itself stands in the access log
    "case_worker": AS_THE_CASE,
    "channel": AS_THE_CASE,
    "claim": AS_THE_CASE,  # given back when its visit is over, or its offer
    "consent": AS_THE_CASE,
    "consent_confirmation": AS_THE_CASE,
    "consent_text": FOR_EVER,  # the words people agreed to
    "contact_plan": AS_THE_CASE,
    "court_order": AS_THE_CASE,
    "decision_right": AS_THE_CASE,
    "emergency_access": AS_THE_CASE,
    "emergency_opening": AS_THE_CASE,
    "external_ref": AS_THE_CASE,
    "family_absence": AS_THE_CASE,
    "family_hours": AS_THE_CASE,
    "follow_up": AS_THE_CASE,
    "half_sign_in": timedelta(days=1),
    "idempotency_key": ANSWERS_KEPT,
    "installation_mark": FOR_EVER,  # says whether the data are made up
    "invitation": AS_THE_CASE,
    "job_heartbeat": timedelta(days=1),
    "job_turn": TURNS_KEPT,
    "known_busy": AS_THE_CASE,
    "late_call": AS_THE_CASE,  # absence is judged by it
    "letter": AS_THE_CASE,  # who was told by post
    "link_code": timedelta(days=1),
    "link_nonce": timedelta(days=1),
    "may_come": AS_THE_CASE,
    "outbox": timedelta(days=90),
    "owed_decision": AS_THE_CASE,
    "passkey_challenge": timedelta(days=1),
    "person": AS_THE_CASE,
    "person_key": AS_THE_CASE,
    "person_merge": AS_THE_CASE,
    "person_photo": AS_THE_CASE,  # destroyed at once when nobody is known by it any more
    "placement": AS_THE_CASE,
    "plan_person": AS_THE_CASE,
    "plan_run": AS_THE_CASE,  # why a visit was when it was, and another was not
    "plan_run_visit": AS_THE_CASE,
    "process_heartbeat": timedelta(days=1),
    "policy_acceptance": FOR_EVER,  # who knew which rules
    "clearance": AS_THE_CASE,
    "pool": FOR_EVER,  # in it visits were booked
    "pool_calendar": FOR_EVER,
    "pool_closure": FOR_EVER,
    "pool_hours": FOR_EVER,
    "pool_link": AS_THE_CASE,
    "proposal": AS_THE_CASE,
    "left_out_then": AS_THE_CASE,
    "proposal_link": AS_THE_CASE,
    "proposed_time": AS_THE_CASE,
    "quiet_hours": AS_THE_CASE,
    "reply": AS_THE_CASE,
    "relationship": AS_THE_CASE,
    "reading_purpose": AS_THE_CASE,  # the access log names it
    "relay_seen": timedelta(days=30),
    "resource": AS_THE_CASE,
    "restriction": AS_THE_CASE,
    "room_version": FOR_EVER,  # one row
    "service_account": FOR_EVER,  # which machine acted, and for whom, must stay known
    "series": AS_THE_CASE,
    "series_instance": AS_THE_CASE,
    "sharing_child": AS_THE_CASE,
    "side_reason": AS_THE_CASE,
    "agency_question": timedelta(days=1),
    "logout_token": timedelta(days=1),
    "staff_account": FOR_EVER,  # who acted must stay known
    "staff_conflict": AS_THE_CASE,
    "staff_gender": FOR_EVER,  # by it visits were booked; taken back, it is gone at once
    "staff_link": FOR_EVER,  # until an administrator takes it back
    "staff_language": FOR_EVER,  # who understood what was said
    "staff_app": FOR_EVER,  # until its owner removes it, or it is reset
    "staff_passkey": FOR_EVER,
    "data_statement": FOR_EVER,  # on what basis people were entered
    "first_run_code": timedelta(days=1),
    "staff_password_code": timedelta(days=1),
    "staff_recovery_code": FOR_EVER,
    "staff_session": timedelta(days=1),
    "staff_training": FOR_EVER,  # by them visits were booked
    "talk_alone": AS_THE_CASE,
    "throttle": timedelta(days=1),
    "visit": AS_THE_CASE,
    "visit_note": AS_THE_CASE,
    "visit_participant": AS_THE_CASE,
    "visit_record": AS_THE_CASE,
    "waiting_entry": AS_THE_CASE,
    "waiting_look": AS_THE_CASE,
    "waiting_offer": AS_THE_CASE,
    "whereabouts": WHEREABOUTS_KEPT,
    "working_hours": FOR_EVER,  # by them visits were booked
}
