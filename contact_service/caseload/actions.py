"""Take the entries of a caseload in, within one transaction and through the actions of ``people``."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from zoneinfo import available_timezones

from contact_service.accountability.statement import StatementMissing
from contact_service.audit.events import AuditEvent, EventType
from contact_service.caseload.columns import Entry
from contact_service.caseload.faults import CaseloadRefused, Fault
from contact_service.errors import BadInput, NotFound
from contact_service.ids import AccountId, CaseId, PersonId
from contact_service.people.actions import external, members
from contact_service.people.actions.members import Tie
from contact_service.people.external import clean_ref
from contact_service.people.person import Member, MemberRole, Relation
from contact_service.people.placement import NewPlacement
from contact_service.people.queries.channels import channels_of, same_channels
from contact_service.people.queries.external import case_called, person_called
from contact_service.people.queries.members import case_of, cases_with, details_of, member
from contact_service.people.queries.placements import placements_of
from contact_service.visits.actions import placing
from contact_service.work import Work

_EVERY = 100  # entries between two words of progress


@dataclass(frozen=True, kw_only=True)
class File:
    """Where the entries come from.  ``system`` gave the references; ``workers`` get the new cases on their caseload."""

    sha256: str
    system: str
    zone: str
    workers: tuple[AccountId, ...]


@dataclass(kw_only=True)
class Imported:
    """What was taken in.  ``warnings`` are lines whose person has a channel that somebody else has too."""

    entries: int
    cases: int = 0
    people: int = 0
    relations: int = 0
    placements: int = 0
    warnings: list[Fault] = field(default_factory=list)

    @property
    def changed(self) -> bool:
        """Whether anything was new."""
        return bool(self.cases or self.people or self.relations or self.placements)


def import_caseload(
    work: Work,
    entries: Sequence[Entry],
    file: File,
    *,
    progress: Callable[[int], None] = lambda _done: None,
) -> Imported:
    """Take every entry in; what is known already and says the same is left alone, so that twice is once.

    Raises ``CaseloadRefused`` with the faults of all entries, and ``StatementMissing`` where somebody is new before the
    agency said who answers for the data; whoever opened ``work`` lets it end the transaction.
    """
    intake = _Intake(work, file, Imported(entries=len(entries)))
    steps = (intake.take_case, intake.take_person, intake.take_relation, intake.take_home)
    for number, (step, entry) in enumerate(((s, e) for s in steps for e in entries), 1):
        intake.tried(step, entry)
        if number % _EVERY == 0:
            progress(number // len(steps))
    if intake.faults:
        raise CaseloadRefused(intake.faults)
    done = intake.done
    if done.changed:
        counted = ("entries", "cases", "people", "relations", "placements")
        facts = (("sha256", file.sha256), *((name, getattr(done, name)) for name in counted))
        work.record(AuditEvent(type=EventType.PEOPLE_IMPORTED, facts=facts))
    return done


class _Intake:
    """One import under way: who was met already, and on which lines something was wrong."""

    def __init__(self, work: Work, file: File, done: Imported) -> None:
        self.work, self.file, self.done = work, file, done
        self.faults: list[Fault] = []
        self.cases: dict[str, CaseId] = {}
        self.people: dict[str, tuple[PersonId, Entry]] = {}
        self.zones = available_timezones()
        self.said: dict[tuple[str, str], int] = {}

    def tried(self, step: Callable[[Entry], None], entry: Entry) -> None:
        """Take one step; what cannot be is undone and kept as a fault of its line."""
        try:
            with _undone_when_refused(self.work):
                step(entry)
        except StatementMissing:  # of no line: one answer for the whole file
            raise
        except BadInput as error:
            self.faults.append(Fault(line=entry.line, reason=f"{error.field or 'person'}: {error}"))
        except NotFound:
            self.faults.append(Fault(line=entry.line, reason=f"person: {NotFound.__doc__}"))

    # ---- the case and the person

    def take_case(self, entry: Entry) -> None:
        """The case is open.  A step of its own: what is wrong with the first of its people undoes no case."""
        if entry.case in self.cases:
            return
        try:
            self.cases[entry.case] = case_called(self.work, clean_ref(self.file.system, entry.case))
        except NotFound:
            self.cases[entry.case] = self._opened(entry)

    def take_person(self, entry: Entry) -> None:
        """The person is in the case, as the line says."""
        if entry.case not in self.cases:
            return
        self._demand_once(entry)
        if (before := self.people.get(entry.person)) is not None:
            _demand_alike(entry, before[1])
            return
        case = self.cases[entry.case]
        person = self._known(entry)
        if person is None:
            person = self._added(entry, case)
        else:
            self._demand_as_known(entry, person, case)
        self.people[entry.person] = (person, entry)

    def _demand_once(self, entry: Entry) -> None:
        first = self.said.setdefault((entry.person, entry.child), entry.line)
        if first != entry.line:
            raise BadInput(f"Line {first} says this already.", "person")

    def _opened(self, entry: Entry) -> CaseId:
        zone = entry.zone or self.file.zone
        if zone not in self.zones:
            raise BadInput("Write a zone like Europe/London.", "zone")
        if not self.file.workers:
            raise BadInput("This case is new. Name who works on it with --worker.", "case")
        case = members.open_case(self.work, zone=zone, workers=self.file.workers)
        external.refer_to_case(self.work, case, clean_ref(self.file.system, entry.case))
        self.done.cases += 1
        return case

    def _known(self, entry: Entry) -> PersonId | None:
        try:
            return person_called(self.work, clean_ref(self.file.system, entry.person))
        except NotFound:
            return None

    def _added(self, entry: Entry, case: CaseId) -> PersonId:
        person = members.add_person(self.work, case, entry.details, entry.role, entry.channels)
        external.refer_to_person(self.work, person, clean_ref(self.file.system, entry.person))
        for channel in entry.channels:
            if same_channels(self.work, channel.kind, channel.value, besides=person):
                reason = f"{channel.kind}: Somebody else has this too. If they are one person, propose to merge them."
                self.done.warnings.append(Fault(line=entry.line, reason=reason))
        self.done.people += 1
        return person

    def _demand_as_known(self, entry: Entry, person: PersonId, case: CaseId) -> None:
        """A file does not overwrite what somebody has written down since."""
        known, asked = details_of(self.work, person), entry.details
        if case not in cases_with(self.work, person):
            raise BadInput("This person is known in another case. Add them to this one on its page.", "case")
        if member(self.work, person).role is not entry.role:
            raise BadInput("This person is known with another role.", "role")
        for name in ("name", "known_as", "born_on", "languages"):
            if getattr(asked, name) and getattr(asked, name) != getattr(known, name):
                raise BadInput("This person is known otherwise. Change it on their page, or here.", name)
        theirs = {(c.kind, c.value.casefold()) for c in channels_of(self.work, person)}
        for channel in entry.channels:
            if (channel.kind, channel.value.casefold()) not in theirs:
                raise BadInput("This person is not known with this. Add it on their page.", channel.kind)

    # ---- what they are to a child, and where a child lives

    def _met(self, ref: str, column: str) -> PersonId | None:
        """Somebody by reference, from this file or known before; None when their own line was refused."""
        if ref in self.people:
            return self.people[ref][0]
        if any(ref == person for person, _ in self.said):
            return None
        try:
            return person_called(self.work, clean_ref(self.file.system, ref))
        except NotFound:
            raise BadInput(f"Nobody is called “{ref[:40]}”.", column) from None

    def take_relation(self, entry: Entry) -> None:
        """The person is to the child what the line says."""
        if entry.relation is None or entry.person not in self.people:
            return
        child = self._met(entry.child, "child")
        if child is None:
            return
        person = self.people[entry.person][0]
        if member(self.work, child).role is not MemberRole.CHILD:
            raise BadInput("This reference is not that of a child.", "child")
        if case_of(self.work, child) not in cases_with(self.work, person):
            raise BadInput("The child is in another case.", "child")
        before = member(self.work, person, child=child)
        if (before.relation, before.relation_word) == (entry.relation, entry.word):
            return
        if not _is_unrelated(before):
            raise BadInput(
                "This person is known as somebody else to the child. Change it on their page.", "relation"
            )
        members.relate(self.work, Tie(child=child, person=person, relation=entry.relation, word=entry.word))
        self.done.relations += 1

    def take_home(self, entry: Entry) -> None:
        """The child lives where the line says."""
        home = entry.home
        if home is None or entry.person not in self.people:
            return
        carer = self._met(home.carer, "carer") if home.carer else None
        if home.carer and carer is None:
            return
        child = self.people[entry.person][0]
        new = NewPlacement(
            child=child, carer=carer, days=home.days, confidential=home.confidential, words=home.words
        )
        for known in placements_of(self.work, child):
            if (known.carer, known.days, known.confidential, known.words) == (
                new.carer,
                new.days,
                new.confidential,
                new.words,
            ):
                return
        placing.place(self.work, new)
        self.done.placements += 1


def _is_unrelated(seen: Member) -> bool:
    """Whether nothing was written down yet of what somebody is to the child: then the role stands in for it."""
    nothing = seen.relation is Relation.OTHER and seen.relation_word == seen.role.replace("_", " ")
    return nothing or seen.relation is Relation.SELF


def _demand_alike(entry: Entry, first: Entry) -> None:
    """Further rows of a person say the same of the person."""
    for name in ("case", "role", "details", "zone", "channels", "home"):
        if getattr(entry, name) != getattr(first, name):
            raise BadInput(f"This differs from line {first.line}, which is about the same person.", name)


@contextmanager
def _undone_when_refused(work: Work) -> Iterator[None]:
    before = len(work.events)
    try:
        with work.session.begin_nested():
            yield
    except Exception:
        del work.events[before:]
        raise
