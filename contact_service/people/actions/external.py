"""Keep what another system calls a case or a person.  A reference belongs to one record for ever."""

from contact_service.audit.events import AuditEvent, EventType
from contact_service.errors import ReferenceTaken
from contact_service.ids import CaseId, PersonId
from contact_service.keys import actions as keys
from contact_service.people.actions.recording import demand_case, demand_person, record_about
from contact_service.people.external import ExternalRef, ReferredKind
from contact_service.people.queries.external import digests_of_ref, target_of
from contact_service.people.queries.members import kept_as
from contact_service.people.tables import ExternalRefRow
from contact_service.work import Work


def refer_to_case(work: Work, case: CaseId, ref: ExternalRef) -> None:
    """From now the case is found by this reference; raises ``ReferenceTaken`` when another one is."""
    demand_case(work, case)
    if _keep(work, ReferredKind.CASE, case, ref):
        facts = (("field_1", "external_ref"),)
        work.record(AuditEvent(type=EventType.CASE_CHANGED, case=case, facts=facts))


def refer_to_person(work: Work, person: PersonId, ref: ExternalRef) -> None:
    """From now the person is found by this reference; raises ``ReferenceTaken`` when another one is."""
    case = demand_person(work, person)
    if _keep(work, ReferredKind.PERSON, person, ref):
        facts = (("field_1", "external_ref"),)
        record_about(work, EventType.PERSON_CHANGED, case, [(person, "changed")], facts=facts)


def _keep(work: Work, kind: ReferredKind, target: CaseId | PersonId, ref: ExternalRef) -> bool:
    """Whether the reference is new; False when the record has it already."""
    keys.create_agency_root(work.session, work.keys, work.agency)
    if (before := target_of(work, kind, ref)) is None:
        digest = digests_of_ref(work, kind, ref)[0]
        values = {"agency": work.agency, "digest": digest, "kind": kind.value, "target_id": target}
        keys.insert_if_new(work.session, ExternalRefRow, values)
        before = target_of(work, kind, ref)
        if before == target:
            return True
    if kind is ReferredKind.PERSON:
        before = kept_as(work, PersonId(before or ""))
    if before != target:
        raise ReferenceTaken
    return False
