"""The class of protection of every column: what it holds, and what must be done for it.  Source: ASVS 5.0, 14.1.1.

Most follow from what a column is: an instant is a time, what refers to a row is an id, ``sealed`` is sealed.  Words,
lists and other bytes follow from nothing and are named here, so that a new one fails the build until somebody has said
what it holds.  ``CLASSES.md`` is the whole table.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final


class Stored(StrEnum):
    """What kind of value a column takes."""

    WORDS = "words"
    NUMBER = "number"
    TIME = "time"
    BYTES = "bytes"
    LIST = "list"


class Protection(StrEnum):
    """What a column holds, from what hurts most to what hurts least if it got out."""

    SEALED = "sealed"
    KEY = "key"
    DOOR = "door"
    PLAIN = "plain"
    EVIDENCE = "evidence"
    ID = "id"
    CODE = "code"
    TIME = "time"
    NUMBER = "number"
    STAFF = "staff"
    AGENCY = "agency"
    TECHNICAL = "technical"


MEANING: Final[Mapping[Protection, str]] = {
    Protection.SEALED: (
        "Level 3: words about a person, above all where a child lives. Encrypted under the key of that person "
        "or account (AES-256-GCM), gone with it; never in a log, an address or a message."
    ),
    Protection.KEY: (
        "Level 3: keys, wrapped by another key, and what a sign-in is checked by. Never in a log, a page or a message."
    ),
    Protection.DOOR: (
        "Level 3: random or hashed, and opens a door for minutes or for a session. Never exported, never "
        "logged."
    ),
    Protection.PLAIN: (
        "Level 2: short words about a family that are not sealed. Only those named here, with the reason."
    ),
    Protection.EVIDENCE: "Level 2: the sealed log and what checks it. Only ever added to.",
    Protection.ID: "Level 2: a random id, or a short name of a row. Says who belongs to what, never who it is.",
    Protection.CODE: (
        "Level 2: one word of a list that this release knows, or several. Never what somebody typed."
    ),
    Protection.TIME: "Level 2: a day or an instant.",
    Protection.NUMBER: "Level 2: a number, or yes or no.",
    Protection.STAFF: "Level 2: who a member of staff is. Read by staff alone.",
    Protection.AGENCY: "Level 1: words of the agency about itself. No family is named in them.",
    Protection.TECHNICAL: "Level 1: how the processes fare, and which version of something was used.",
}

_NAMED: Final[Mapping[Protection, str]] = {
    Protection.KEY: (
        "agency_root.wrapped agency_root.key_id agency_root.provider_key_id case_key.key_id case_key.wrapped "
        "person_key.key_id person_key.wrapped staff_account.password_hash staff_app.sealed "
        "staff_passkey.credential staff_passkey.public_key"
    ),
    Protection.DOOR: (
        "agency_question.state_hash agency_question.nonce agency_question.verifier first_run_code.hash "
        "invitation.secret_hash invitation.cookie_hash invitation.device_key invitation.csrf "
        "link_code.code_hash link_nonce.nonce passkey_challenge.challenge proposal_link.secret_hash "
        "service_account.token_hash staff_password_code.hash staff_recovery_code.hash staff_session.csrf "
        "staff_session.handle staff_session.id staff_session.provider_session half_sign_in.id "
        "idempotency_key.answer passkey_challenge.id agency_question.id agency_question.session_id"
    ),
    # The word by which a child knows somebody ("Nan"): it stands in every list of who may come, which one key would
    # have to open for each person; it is at most as long as a name, and reaches nobody but the child's side and staff.
    Protection.PLAIN: "relationship.word",
    Protection.EVIDENCE: (
        "audit_checkpoint.note audit_entry.leaf audit_entry.envelope audit_entry.entry_id audit_entry.key_id "
        "audit_head.subtrees case_key.last_leaf"
    ),
    Protection.ID: (
        "attendance.leg case_key.case_ref case_member.ref case_reading.reader case_reading.under "
        "channel.digest external_ref.digest follow_up.about idempotency_key.request job_turn.period "
        "outbox.dedupe_key outbox.receipt person_key.person resource.key plan_run_visit.key staff_account.ref "
        "staff_session.ticket_for throttle.id visit.room visit_note.author visit_participant.leg "
        "series.people series.sharing series.optional waiting_entry.people waiting_entry.sharing "
        "plan_run.pins plan_run.plan plan_run_visit.wish follow_up.not_by person.merged_into "
        "case_reading.part outbox.failed_by outbox.went_by busy_calendar.digest"
    ),
    Protection.CODE: (
        "absence.kind agency_policy.state calendar.effect calendar_entry.source calendar_entry.place "
        "channel.kind case_member.role clearance.answer consent.purpose consent.kind consent.state "
        "consent.language consent.band consent.method consent.holder consent.reason "
        "consent_confirmation.identity_method consent_text.purpose consent_text.language consent_text.band "
        "contact_plan.state contact_plan.basis court_order.about court_order.status decision_right.authority "
        "decision_right.matters decision_right.basis emergency_access.reason emergency_access.finding "
        "external_ref.kind family_hours.days follow_up.kind follow_up.for_role follow_up.done_reason "
        "invitation.state late_call.rung late_call.result letter.kind outbox.kind "
        "outbox.state outbox.medium outbox.error "
        "owed_decision.reason person_merge.state plan_person.medium plan_person.level plan_person.risk "
        "plan_person.purpose plan_person.per plan_person.days plan_person.steps plan_person.supervisor_gender "
        "plan_person.gender_reason plan_run.kind plan_run.state plan_run_visit.priority "
        "plan_run_visit.reasons plan_run_visit.opening plan_run_visit.state plan_run_visit.refusal "
        "policy_acceptance.act pool_hours.days proposal.automatic quiet_hours.kind quiet_hours.days "
        "reading_purpose.purpose relationship.relation reply.answer reply.why restriction.kind "
        "restriction.source restriction.reason series.level series_instance.state series_instance.why "
        "service_account.scopes sharing_child.outcome side_reason.reason staff_account.roles "
        "staff_conflict.kind staff_session.authentication staff_session.purpose visit.state visit.outcome "
        "visit.level visit.automatic visit.emergency_reason visit.reason visit.hold_reason visit_note.kind "
        "visit_participant.role visit_participant.stage visit_participant.stage_before "
        "visit_participant.identity_method visit_participant.checked visit_participant.company "
        "waiting_entry.level waiting_entry.days waiting_entry.state waiting_offer.state working_hours.days "
        "job_heartbeat.failure plan_run.failure busy_calendar.failure"
    ),
    Protection.TIME: (
        "series.clock series_instance.original series_instance.wall visit.wall_start waiting_look.starts"
    ),
    Protection.STAFF: (
        "staff_account.email staff_account.name staff_gender.gender staff_language.tag staff_language.mode "
        "staff_language.level staff_link.issuer staff_link.subject staff_passkey.name staff_training.name"
    ),
    Protection.AGENCY: (
        "agency.name agency.title agency.public_url agency.host agency.help_name agency.help_phone "
        "agency.relay agency.relay_key agency_policy.text agency_policy.document calendar.name calendar_entry.name "
        "consent_text.words consent.text_hash data_statement.reference data_statement.controller "
        "data_statement.legal_bases data_statement.processors pool.name pool.desk "
        "pool.desk_language plan_person.trainings"
    ),
    Protection.TECHNICAL: (
        "audit_checkpoint.log audit_entry.log audit_head.log case_key.log job_heartbeat.job "
        "job_heartbeat.process job_turn.job logout_token.id plan_run.solver plan_run.version "
        "plan_run.instance plan_run.digest plan_run.score process_heartbeat.process relay_seen.relay "
        "relay_seen.boot room_version.epoch series_instance.tzdata visit.tzdata visit.hold_boot "
        "visit.cleared_boot visit_participant.mute_boot visit_participant.unmuted_boot"
    ),
}
_BY_NAME: Final[Mapping[str, Protection]] = {
    column: protection for protection, columns in _NAMED.items() for column in columns.split()
}
NAMED: Final[frozenset[str]] = frozenset(_BY_NAME)
_BY_KIND: Final[Mapping[Stored, Protection]] = {
    Stored.TIME: Protection.TIME,
    Stored.NUMBER: Protection.NUMBER,
}


def class_of(table: str, column: str, kind: Stored, *, refers: bool) -> Protection:
    """The class of a column; ``refers``: to another row.  Raises ``LookupError`` where nothing says what it holds."""
    named = _BY_NAME.get(f"{table}.{column}")
    if named is not None:
        return named
    if kind is Stored.BYTES and (column == "sealed" or column.endswith("_sealed")):
        return Protection.SEALED
    if kind in _BY_KIND and not refers:
        return _BY_KIND[kind]
    if refers or (kind is Stored.WORDS and (column == "id" or column.endswith(("_id", "_by")))):
        return Protection.ID
    if kind is Stored.WORDS and column in ("agency", "zone"):
        return Protection.AGENCY
    message = f"{table}.{column} has no class: say in retention/classes.py what it holds."
    raise LookupError(message)
