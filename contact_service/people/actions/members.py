"""Open a case, add people to it, put right what is known of them, and say what they are to each other."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from zoneinfo import available_timezones

from contact_service.accountability.queries import demand_statement
from contact_service.audit.events import AuditEvent, EventType
from contact_service.errors import BadInput, NotFound
from contact_service.ids import AccountId, CaseId, PersonId
from contact_service.people.actions.channels import add_channel, adopt_old_channels
from contact_service.people.actions.recording import demand_case, demand_person, record_about
from contact_service.people.actions.sealing import keep_details, sealed_for
from contact_service.people.channel import ChannelKind, NewChannel
from contact_service.people.person import Details, MemberRole, Relation
from contact_service.people.queries.members import (
    case_of,
    cases_with,
    details_of,
    kept_as,
    member,
    within_reach,
)
from contact_service.people.tables import CaseMemberRow, CaseRow, CaseWorkerRow, PersonRow, RelationshipRow
from contact_service.work import Work

LONGEST_NAME = 200
LONGEST_SUPPORT = 2000
MOST_ENTRIES = 20


@dataclass(frozen=True, kw_only=True)
class Tie:
    """What ``person`` is to ``child``."""

    child: PersonId
    person: PersonId
    relation: Relation
    word: str


def open_case(work: Work, *, zone: str, workers: tuple[AccountId, ...]) -> CaseId:
    """Open an empty case on the caseload of ``workers``."""
    case = CaseId(work.new_id())
    work.session.add(CaseRow(id=case, agency=work.agency, zone=zone, opened_at=work.now))
    work.session.flush()
    for account in workers:
        work.session.add(CaseWorkerRow(case_id=case, account_id=account))
    work.record(AuditEvent(type=EventType.CASE_OPENED, case=case))
    return case


def put_on_caseload(work: Work, case: CaseId, account: AccountId) -> None:
    """From now the case is within the account's reach; nothing happens when it is already."""
    demand_case(work, case)
    if work.session.get(CaseWorkerRow, (case, account)) is not None:
        return
    work.session.add(CaseWorkerRow(case_id=case, account_id=account))
    work.session.flush()
    work.record(AuditEvent(type=EventType.CASELOAD_CHANGED, case=case, facts=(("account", account),)))


def add_person(
    work: Work, case: CaseId, details: Details, role: MemberRole, channels: Sequence[NewChannel] = ()
) -> PersonId:
    """Add a person to a case; personal fields are sealed under a new key of the person's own.

    An e-mail address or a phone number in ``details`` is kept as a channel.  Raises ``BadInput``, and
    ``StatementMissing`` before the agency said who answers for the data.
    """
    demand_case(work, case)
    demand_statement(work)
    _demand_details(details, today=work.now.date())
    old = ((ChannelKind.EMAIL, details.email), (ChannelKind.PHONE, details.phone))
    given = [*channels, *(NewChannel(kind=kind, value=value) for kind, value in old if value)]
    person, ref = PersonId(work.new_id()), work.new_id()
    plain = replace(details, email="", phone="").to_bytes()
    sealed = sealed_for(work, person, plain, field="details")
    work.session.add(PersonRow(id=person, agency=work.agency, sealed=sealed))
    work.session.flush()
    work.session.add(CaseMemberRow(case_id=case, person_id=person, ref=ref, role=role))
    work.session.flush()
    record_about(work, EventType.PERSON_ADDED, case, [(person, role)])
    for channel in given:
        add_channel(work, person, channel)
    return person


def add_to_case_of(
    work: Work, child: PersonId, details: Details, role: MemberRole, *, relation: Relation, word: str
) -> PersonId:
    """Add a person to the case of ``child`` with what they are to the child; all or nothing.  Raises ``BadInput``."""
    _demand_word(word)
    person = add_person(work, case_of(work, child), details, role)
    relate(work, Tie(child=child, person=person, relation=relation, word=word))
    return person


def bring_in(work: Work, tie: Tie) -> None:
    """Make somebody known from another case one of this child's case too, with what they are to the child.

    A child who is brought in is family there, and stays with the workers of their own case.  Nothing happens to
    somebody who is in the case already but that the tie holds.  Raises ``NotFound`` out of reach, and ``BadInput``.
    """
    case = demand_case(work, case_of(work, tie.child))
    if not within_reach(work, cases_with(work, tie.person)) or kept_as(work, tie.person) != tie.person:
        raise NotFound
    _demand_word(tie.word)
    if case not in cases_with(work, tie.person):
        role = member(work, tie.person).role
        role = MemberRole.FAMILY_MEMBER if role is MemberRole.CHILD else role
        work.session.add(CaseMemberRow(case_id=case, person_id=tie.person, ref=work.new_id(), role=role))
        work.session.flush()
        record_about(
            work, EventType.PERSON_ADDED, case, [(tie.person, role)], reason="known_from_another_case"
        )
    relate(work, tie)


def change_details(work: Work, person: PersonId, details: Details) -> None:
    """Put right what is known of a person; the evidence says that, and nothing of what.  Raises ``BadInput``."""
    case = demand_person(work, person)
    _demand_details(details, today=work.now.date())
    adopt_old_channels(work, person)
    before, after = details_of(work, person), replace(details, email="", phone="")
    if before == after:
        return
    keep_details(work, person, after)
    changed = [name for name, value in vars(after).items() if vars(before)[name] != value]
    facts = tuple((f"field_{n}", name) for n, name in enumerate(changed, 1))
    record_about(work, EventType.PERSON_CHANGED, case, [(person, "changed")], facts=facts)


def _demand_details(details: Details, *, today: date) -> None:
    if not details.name.strip() or not details.known_as.strip():
        raise BadInput("Write the full name, and the name that others may see.", "name")
    lines = (details.name, details.known_as, details.preferred, details.pronouns, *details.aliases)
    if max(map(len, lines)) > LONGEST_NAME or len(details.support) > LONGEST_SUPPORT:
        raise BadInput("This text is too long.", "name")
    if not all(line.isprintable() for line in lines):
        raise BadInput("A name is one line of letters.", "name")
    if max(len(details.aliases), len(details.languages)) > MOST_ENTRIES:
        raise BadInput("These are too many. Keep the ones that matter.", "aliases")
    if details.zone and details.zone not in available_timezones():
        raise BadInput("We do not know this time zone. Use a name like Europe/London.", "zone")
    if details.born_on:
        _demand_birthday(details.born_on, today)


def _demand_birthday(text: str, today: date) -> None:
    try:
        born = date.fromisoformat(text)
    except ValueError:
        raise BadInput("Write the date of birth, like 2018-03-14.", "born_on") from None
    if len(text) != len("2018-03-14") or born > today or born.year < today.year - 130:
        raise BadInput("Nobody was born on this day. Check the date.", "born_on")


def relate(work: Work, tie: Tie) -> None:
    """Say what a person is to a child, in place of what was said before.  Raises ``BadInput``."""
    case = demand_case(work, case_of(work, tie.child))
    if tie.child == tie.person or case not in cases_with(work, tie.person):
        raise BadInput("Choose two different people of this case.", "person")
    _demand_word(tie.word)
    row = work.session.get(RelationshipRow, (tie.child, tie.person)) or RelationshipRow(
        child_id=tie.child, person_id=tie.person, relation=tie.relation, word=tie.word
    )
    row.relation, row.word = tie.relation, tie.word
    work.session.add(row)
    work.session.flush()
    record_about(work, EventType.PERSON_ADDED, case, [(tie.child, "child"), (tie.person, tie.relation)])


def _demand_word(word: str) -> None:
    if not word.strip() or len(word) > LONGEST_NAME or not word.isprintable():
        raise BadInput("Write what the child calls them, like grandmother.", "word")
