"""Hold what the database and the room list say against the book."""

from dataclasses import dataclass, field

from contact_service.ids import VisitId
from contact_service.protocol.rooms import Person, Role, Room, RoomState, Stage as RoomStage
from contact_service.visits.visit import RUNNING, TAKING_TIME, Participant, Stage, Visit
from tests.cast import House
from tests.histories.book import DOOR, Book, Meeting


@dataclass(kw_only=True)
class Judge:
    """Remembers who was inside when it last looked, so that it knows who has come in since.

    Who has just come in is judged by everything that binds at this instant; who was inside already may stay until the
    clock's jobs have run, which in the product is within a second.
    """

    house: House
    book: Book
    knocked: dict[str, str]
    inside: set[tuple[str, str | None, str]] = field(default_factory=set)
    flowing: set[str] = field(default_factory=set)
    admissions: int = 0
    seen: int = 0

    def looks(self, visits: list[VisitId]) -> None:
        """Fail unless everybody who is in a room may be there."""
        rooms = {room.visit: room for room in self.house.rooms().rooms}
        inside: set[tuple[str, str | None, str]] = set()
        flowing: set[str] = set()
        for visit_id in visits:
            visit = self.house.visit(visit_id)
            self._judge_admissions(visit, self.book.meetings[visit_id], inside)
            if visit.room in rooms:
                self._judge_media(visit, self.book.meetings[visit_id], rooms[visit.room], inside)
                if rooms[visit.room].state is RoomState.LIVE:
                    flowing.add(visit.room)
            self._judge_time(visit)
        assert self.house.overlaps() == 0, "somebody is booked twice at once"
        self.inside, self.flowing = inside, flowing

    def _judge_time(self, visit: Visit) -> None:
        """Whoever a visit needs is taken for it while it takes time, and for nothing afterwards."""
        taken = set(self.house.claimed(visit))
        needed = {*map(str, visit.people), str(visit.supervisor)} if visit.state in TAKING_TIME else set()
        if (
            visit.time_open
        ):  # what is held for a choice goes when it is over, before a job has seen that it is
            taken = max(taken, needed)
        assert taken == needed, f"time of a visit that is {visit.state}: {taken ^ needed}"

    def _judge_admissions(
        self, visit: Visit, meeting: Meeting, inside: set[tuple[str, str | None, str]]
    ) -> None:
        """Who is admitted in the database, and was not before."""
        admitted = [p for p in visit.families() if p.standing is Stage.ADMITTED]
        assert not admitted or visit.state in RUNNING, f"admitted to a visit that is {visit.state}"
        persons = frozenset(str(p.person) for p in admitted)
        for participant in admitted:
            mark = (participant.id, participant.leg, "admitted")
            inside.add(mark)
            if mark not in self.inside:
                self.admissions += 1
                self._judge_admission(visit, meeting, participant, persons)

    def _judge_admission(
        self, visit: Visit, meeting: Meeting, participant: Participant, persons: frozenset[str]
    ) -> None:
        at, link = self.house.clock.at, self.knocked.get(participant.id)
        person = str(participant.person)
        wrong = self.book.against(meeting, person, persons, at)
        wrong += self.book.unasked(meeting, person, link)
        wrong += self.book.child_says_no(visit.id, person)
        if link in self.book.dead_links:
            wrong.append("a dead link")
        if participant.id in self.book.gone_home:
            wrong.append("said goodbye")
        if participant.id not in self.book.told:
            wrong.append("nobody said who else is in the room")
        if not meeting.begins - DOOR <= at < meeting.ends + DOOR:
            wrong.append("the door is shut")
        assert not wrong, f"WRONG ADMISSION of {person}: {wrong}"
        self.book.firm(person, link)

    def _judge_media(
        self, visit: Visit, meeting: Meeting, room: Room, inside: set[tuple[str, str | None, str]]
    ) -> None:
        """Who may send and receive, by what the relay is told."""
        people = {p.id: str(p.person) for p in visit.families()}
        private = [p for p in room.people if p.stage is RoomStage.PRIVATE]
        live = room.state is RoomState.LIVE and not private
        admitted = [p for p in room.people if live and p.stage is RoomStage.ADMITTED]
        carried = [p for p in (*private, *admitted) if p.role is not Role.SUPERVISOR and p.leg]
        persons = frozenset(people[p.participant] for p in carried)
        for person in carried:
            self.seen += 1
            mark = (person.participant, person.leg, person.stage.value)
            fresh = mark not in self.inside or room.visit not in self.flowing
            inside.add(mark)
            self._judge_stay(visit, meeting, (person, people[person.participant]), (persons, fresh))

    def _judge_stay(
        self,
        visit: Visit,
        meeting: Meeting,
        who: tuple[Person, str],
        around: tuple[frozenset[str], bool],
    ) -> None:
        listed, person = who
        persons, fresh = around
        wrong = self.book.against(meeting, person, persons, self.house.clock.at, due_only=not fresh)
        wrong += self.book.said_no(meeting, person)
        if listed.stage is RoomStage.ADMITTED:
            wrong += self.book.child_says_no(visit.id, person)
        assert not wrong, f"MEDIA for {person} ({listed.stage}): {wrong}"
