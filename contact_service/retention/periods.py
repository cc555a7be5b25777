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

PERIODS: Final[dict[str, timedelta | str]] = {
    "agency_policy": FOR_EVER,  # says under which rules every visit was decided
    "agency_root": FOR_EVER,  # destroyed only by shredding
    "alembic_version": FOR_EVER,  # the schema's own number
    "approved_person": AS_THE_CASE,
    "attendance": AS_THE_CASE,
    "audit_checkpoint": FOR_EVER,  # evidence without personal data
    "audit_entry": FOR_EVER,  # unreadable once the case key is shredded
    "audit_head": FOR_EVER,
    "case": AS_THE_CASE,
    "case_key": AS_THE_CASE,
    "case_member": AS_THE_CASE,
    "case_worker": AS_THE_CASE,
    "channel": AS_THE_CASE,
    "consent": AS_THE_CASE,
    "consent_confirmation": AS_THE_CASE,
    "consent_text": FOR_EVER,  # the words people agreed to
    "contact_plan": AS_THE_CASE,
    "court_order": AS_THE_CASE,
    "decision_right": AS_THE_CASE,
    "external_ref": AS_THE_CASE,
    "follow_up": AS_THE_CASE,
    "idempotency_key": ANSWERS_KEPT,
    "installation_mark": FOR_EVER,  # says whether the data are made up
    "invitation": AS_THE_CASE,
    "link_nonce": timedelta(days=1),
    "outbox": timedelta(days=90),
    "person": AS_THE_CASE,
    "person_key": AS_THE_CASE,
    "person_merge": AS_THE_CASE,
    "placement": AS_THE_CASE,
    "plan_person": AS_THE_CASE,
    "process_heartbeat": timedelta(days=1),
    "policy_acceptance": FOR_EVER,  # who knew which rules
    "quiet_hours": AS_THE_CASE,
    "relationship": AS_THE_CASE,
    "relay_seen": timedelta(days=30),
    "restriction": AS_THE_CASE,
    "room_version": FOR_EVER,  # one row
    "service_account": FOR_EVER,  # which machine acted, and for whom, must stay known
    "sharing_child": AS_THE_CASE,
    "staff_account": FOR_EVER,  # who acted must stay known
    "staff_language": FOR_EVER,  # who understood what was said
    "staff_session": timedelta(days=1),
    "throttle": timedelta(days=1),
    "visit": AS_THE_CASE,
    "visit_note": AS_THE_CASE,
    "visit_participant": AS_THE_CASE,
    "visit_record": AS_THE_CASE,
}
