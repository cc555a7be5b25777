"""Cases and people by what another system calls them.  Only keyed hashes are kept."""

from sqlmodel import col, select

from contact_service.errors import NotFound
from contact_service.ids import CaseId, PersonId
from contact_service.keys import queries as keys
from contact_service.people.external import ExternalRef, ReferredKind
from contact_service.people.queries.members import case_for, cases_with, kept_as, open_within_reach
from contact_service.people.tables import ExternalRefRow
from contact_service.work import Work

PURPOSE = "external-ref"


def case_called(work: Work, ref: ExternalRef) -> CaseId:
    """The case within reach that another system calls so; raises ``NotFound``."""
    found = target_of(work, ReferredKind.CASE, ref)
    return case_for(work, CaseId(found or ""))


def person_called(work: Work, ref: ExternalRef) -> PersonId:
    """The person within reach that another system calls so, as they are kept now; raises ``NotFound``."""
    found = target_of(work, ReferredKind.PERSON, ref)
    if found is None:
        raise NotFound
    person = kept_as(work, PersonId(found))
    open_within_reach(work, cases_with(work, person))
    return person


def target_of(work: Work, kind: ReferredKind, ref: ExternalRef) -> str | None:
    """The id that a reference was given to, whoever asks; None when it was given to nobody."""
    query = select(ExternalRefRow.target_id).where(
        ExternalRefRow.agency == work.agency, col(ExternalRefRow.digest).in_(digests_of_ref(work, kind, ref))
    )
    return work.session.exec(query).first()


def digests_of_ref(work: Work, kind: ReferredKind, ref: ExternalRef) -> list[bytes]:
    """What a reference is found by, under each root that the agency ever had, newest first."""
    return keys.search_digests(
        work.session, work.keys, agency=work.agency, purpose=PURPOSE, text=ref.compared(kind)
    )
