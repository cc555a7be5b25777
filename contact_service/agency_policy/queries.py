"""The policy in force, its versions, and who has accepted what applies to an act."""

from functools import lru_cache

from sqlalchemy import bindparam
from sqlmodel import col, func, select

from contact_service.agency_policy.document import Document
from contact_service.agency_policy.tables import AgencyPolicyRow, PolicyAcceptanceRow
from contact_service.agency_policy.version import PolicyAct, PolicyHistory, PolicyState, PolicyVersion
from contact_service.errors import NotFound
from contact_service.ids import AccountId, PersonId, Ref
from contact_service.people.language import read_by
from contact_service.people.queries import members as people
from contact_service.texts import ENGLISH
from contact_service.work import Work, asked_once, reads

_DEFAULTS = PolicyVersion(version=0, document=Document())
# Made once: every request asks, and to put a question together takes a third of the time of asking it.
_IN_FORCE = (
    select(AgencyPolicyRow.version, AgencyPolicyRow.document)
    .where(AgencyPolicyRow.agency == bindparam("of_agency"), AgencyPolicyRow.state == PolicyState.PUBLISHED)
    .order_by(col(AgencyPolicyRow.version).desc())
    .limit(1)
)


@asked_once
@reads("agency_policy")
def policy_in_force(work: Work) -> PolicyVersion:
    """The newest published policy of the agency; version 0 with every default when none was published."""
    found = work.session.exec(_IN_FORCE, params={"of_agency": work.agency}).first()
    return PolicyVersion(version=found[0], document=_document(found[1])) if found else _DEFAULTS


def own_languages(work: Work, person: PersonId) -> list[str]:
    """The languages that somebody reads and the agency writes, best first; empty where there is none."""
    written = (*policy_in_force(work).document.languages, ENGLISH)
    return [tag for tag in read_by(people.details_of(work, person).languages) if tag in written]


def languages_for(work: Work, person: PersonId) -> list[str]:
    """In which languages the agency writes to somebody: those they speak and it writes, best first; last English."""
    return list(dict.fromkeys([*own_languages(work, person), ENGLISH]))


def policy_versions(work: Work) -> list[PolicyHistory]:
    """Every version of the agency's policy, newest first."""
    query = (
        select(AgencyPolicyRow)
        .where(AgencyPolicyRow.agency == work.agency)
        .order_by(col(AgencyPolicyRow.version).desc())
    )
    return [_history(row) for row in work.session.exec(query)]


def policy_version(work: Work, version: int) -> PolicyHistory:
    """One version; raises ``NotFound``."""
    row = work.session.get(AgencyPolicyRow, (work.agency, version))
    if row is None:
        raise NotFound
    return _history(row)


def newest_number(work: Work) -> int:
    """The number of the newest version, whatever became of it; 0 before the first."""
    query = select(func.max(AgencyPolicyRow.version)).where(AgencyPolicyRow.agency == work.agency)
    return work.session.exec(query).one() or 0


@asked_once
def has_accepted(work: Work, account: AccountId, act: PolicyAct) -> bool:
    """Whether this account has read what the policy in force says about ``act``."""
    version = policy_in_force(work).version
    return work.session.get(PolicyAcceptanceRow, (work.agency, version, act.value, account)) is not None


@lru_cache(maxsize=32)
def _document(text: str) -> Document:
    """The stored policy; versions never change, so each is read once."""
    return Document.model_validate_json(text)


def _history(row: AgencyPolicyRow) -> PolicyHistory:
    return PolicyHistory(
        version=row.version,
        based_on=row.based_on,
        state=PolicyState(row.state),
        text=row.text,
        document=_document(row.document),
        proposed_by=Ref(row.proposed_by),
        proposed_at=row.proposed_at,
        decided_by=Ref(row.decided_by) if row.decided_by else None,
        decided_at=row.decided_at,
    )
