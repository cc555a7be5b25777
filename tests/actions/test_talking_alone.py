"""Somebody who was let in is taken aside: who may, what it costs nobody else, and the one way back."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlmodel import select

from contact_service import actor
from contact_service.consent.actions import NewAnswer
from contact_service.consent.consent import AgeBand, ConsentKind, ConsentState, Method, Purpose, Reader
from contact_service.demo.brother import Brother
from contact_service.errors import NotAllowed, NotFound
from contact_service.ids import InvitationId
from contact_service.policy.decision import Refused
from contact_service.protocol.link import EventKind
from contact_service.protocol.rooms import Role, RoomState, Stage as RoomStage
from contact_service.visits.actions import agreeing, aside, attending, ending, running
from contact_service.visits.queries.aside import TalkAlone, is_aside, talks_alone_in
from contact_service.visits.queries.deciding import join_facts
from contact_service.visits.queries.finding import minutes_of
from contact_service.visits.queries.identifying import photo_to_compare, question_to_ask
from contact_service.visits.seen import Seen
from contact_service.visits.tables import AttendanceRow
from contact_service.visits.visit import EndReason, Outcome, Participant, Stage, Visit, VisitState
from tests.actions.test_admission import codes
from tests.cast import SEEN, House

MINUTE = timedelta(minutes=1)


def talks(house: House, visit: Visit, participant: Participant) -> Visit | Refused:
    with house.work(house.cast.lena) as work:
        return aside.talk_alone(work, visit.id, participant.id)


def goes_back(house: House, visit: Visit, participant: Participant) -> None:
    with house.work(house.cast.lena) as work:
        running.stop_looking(work, visit.id, participant.id)


def admits(house: House, visit: Visit, participant: Participant) -> Visit | Refused:
    with house.work(house.cast.lena) as work:
        return running.admit(work, visit.id, participant.id, SEEN)


def listed(house: House, visit: Visit) -> dict[Role, RoomStage]:
    """What the relay is told of everybody."""
    [room] = [room for room in house.rooms().rooms if room.visit == visit.room]
    return {person.role: person.stage for person in room.people}


def talked(house: House, visit: Visit) -> list[TalkAlone]:
    with house.reading(house.cast.lena) as work:
        return talks_alone_in(work, visit)


@pytest.mark.rule("R70")
def test_the_mother_is_taken_aside_and_let_back_in(house: House) -> None:
    visit = house.live()
    dana = house.mother_in(visit)
    assert isinstance(talks(house, visit, dana), Visit)
    assert house.last_entry()["type"] == "participant.talked_to_alone"
    assert house.last_entry()["decision"]["rules"] == ["R20", "R21", "R23", "R25", "R59", "R70"]  # type: ignore[index]
    assert listed(house, visit)[Role.FAMILY] is RoomStage.PRIVATE
    assert house.state(visit) is VisitState.LIVE  # others see what the relay holds, and no state of the visit
    house.clock.forward(5 * MINUTE)
    began, ended = house.clock.at - 5 * MINUTE, house.clock.at
    assert isinstance(admits(house, visit, dana), Visit)
    assert listed(house, visit)[Role.FAMILY] is RoomStage.ADMITTED
    assert talked(house, visit) == [TalkAlone(participant=dana.id, began_at=began, ended_at=ended)]
    assert house.history().count("admission.granted") == 3  # each with how she was known


def test_time_with_the_child_is_time_in_the_common_room(house: House) -> None:
    visit = house.live()
    dana, mia = house.mother_in(visit), house.child_in(visit)
    house.clock.forward(4 * MINUTE)
    talks(house, visit, dana)
    house.clock.forward(10 * MINUTE)
    admits(house, visit, dana)
    house.clock.forward(3 * MINUTE)
    with house.reading(house.cast.lena) as work:
        assert minutes_of(work, visit) | {visit.watcher.id: 0} == {
            dana.id: 7,
            mia.id: 17,
            visit.watcher.id: 0,
        }
        rows = work.session.exec(select(AttendanceRow).where(AttendanceRow.participant_id == dana.id)).all()
        assert sorted(row.left_at is None for row in rows) == [False, True]


@pytest.mark.rule("R24")
@pytest.mark.rule("R52")
@pytest.mark.rule("R67")
def test_the_way_back_asks_all_that_admission_asks(house: House) -> None:
    visit = house.live()
    dana = house.mother_in(visit)
    talks(house, visit, dana)
    with house.work(house.cast.lena) as work:
        refused = running.admit(work, visit.id, dana.id, Seen())
    assert set(codes(refused)) == {"not_identified", "company_not_seen", "whereabouts_unknown"}
    goes_back(house, visit, dana)
    assert house.mother_in(house.visit(visit.id)).stage is Stage.WAITING
    with house.work(house.cast.lena) as work:
        assert set(codes(running.admit(work, visit.id, dana.id, Seen()))) == set(codes(refused))
    assert isinstance(admits(house, visit, dana), Visit)


@pytest.mark.rule("R70")
def test_one_talk_at_a_time(house: House) -> None:
    visit = house.live()
    talks(house, visit, house.mother_in(visit))
    before = house.snapshot()
    assert codes(talks(house, visit, house.child_in(visit))) == ["alone_with_another"]
    assert house.last_entry()["type"] == "admission.refused"
    assert codes(talks(house, visit, house.mother_in(visit))) == ["not_inside"]
    assert before != house.snapshot()  # the refusals are evidence, and nothing else has changed
    assert [p.stage for p in house.visit(visit.id).families() if p.stage is Stage.PRIVATE] == [Stage.PRIVATE]


@pytest.mark.rule("R21")
@pytest.mark.parametrize("who", ["karim", "priya"])
def test_nobody_else_takes_anybody_aside(house: House, who: str) -> None:
    visit = house.live()
    with house.work(getattr(house.cast, who)) as work:
        assert codes(aside.talk_alone(work, visit.id, house.mother_in(visit).id)) == ["not_supervisor"]
    assert house.visit(visit.id) == visit


def test_the_supervisor_and_strangers_are_nobody_to_take_aside(house: House) -> None:
    visit = house.live()
    for participant in (visit.watcher.id, "f" * 32):
        with pytest.raises(NotFound), house.work(house.cast.lena) as work:
            aside.talk_alone(work, visit.id, participant)


@pytest.mark.rule("R70")
def test_somebody_who_waits_is_looked_at_and_nobody_is_taken_aside_who_has_gone(house: House) -> None:
    visit = house.live()
    dana = house.mother_in(visit)
    house.relay(visit, EventKind.DISCONNECTED, 1, participant=dana.id, leg=dana.leg)
    assert codes(talks(house, visit, dana)) == ["not_inside"]
    house.joins(visit, dana, "dd" * 8)
    assert codes(talks(house, visit, dana)) == ["not_inside"]


@pytest.mark.rule("R70")
def test_after_a_break_the_child_is_talked_to_and_the_break_goes_on(house: House) -> None:
    visit = house.live()
    mia = house.child_in(visit)
    house.relay(visit, EventKind.BREAK_ASKED, 1, participant=mia.id, generation=5)
    assert isinstance(talks(house, visit, mia), Visit)
    [room] = house.rooms().rooms
    assert (room.state, room.cleared_hold) == (RoomState.HELD, None)
    with house.work(house.cast.lena) as work:
        assert codes(running.resume(work, visit.id)) == ["alone_with_somebody"]
    admits(house, visit, mia)
    assert house.state(visit) is VisitState.HELD
    with house.work(house.cast.lena) as work:
        assert isinstance(running.resume(work, visit.id), Visit)
    assert house.state(visit) is VisitState.LIVE


def _ends(house: House, visit: Visit, _: Participant) -> None:
    with house.work(house.cast.lena) as work:
        ending.end(work, visit.id, EndReason.COMPLETED)


def _comes_anew(house: House, visit: Visit, dana: Participant) -> None:
    house.joins(visit, dana, "dd" * 8)


def _leaves(house: House, visit: Visit, dana: Participant) -> None:
    house.relay(visit, EventKind.LEFT, 1, participant=dana.id, leg=dana.leg)


def _is_removed(house: House, visit: Visit, dana: Participant) -> None:
    house.relay(visit, EventKind.REMOVED, 1, participant=dana.id, generation=1)


def _withdraws(house: House, visit: Visit, dana: Participant) -> None:
    house.relay(visit, EventKind.WITHDRAWN, 1, participant=dana.id, leg=dana.leg)


def _child_is_looked_at_instead(house: House, visit: Visit, _: Participant) -> None:
    house.joins(visit, house.child_in(visit), "ee" * 8)
    with house.work(house.cast.lena) as work:
        assert codes(running.look(work, visit.id, house.child_in(visit).id)) == ["alone_with_another"]
    goes_back(house, visit, house.mother_in(visit))
    with house.work(house.cast.lena) as work:
        assert isinstance(running.look(work, visit.id, house.child_in(visit).id), Visit)


LIVE, HELD, ENDED = VisitState.LIVE, VisitState.HELD, VisitState.ENDED


@pytest.mark.rule("R70")
@pytest.mark.parametrize(
    ("over", "state"),
    [
        # The supervisor's own press: the others go on as after a look.
        (goes_back, LIVE),
        (_child_is_looked_at_instead, LIVE),
        (_ends, ENDED),
        # What nobody pressed for that: who speaks as to one alone is not heard by the others before they say so.
        (_comes_anew, HELD),
        (_leaves, HELD),
        (_is_removed, HELD),
        (_withdraws, HELD),
    ],
)
def test_however_a_talk_ends_its_end_is_known_and_she_is_not_inside(
    house: House, over: Callable[[House, Visit, Participant], None], state: VisitState
) -> None:
    visit = house.live()
    dana = house.mother_in(visit)
    talks(house, visit, dana)
    house.clock.forward(MINUTE)
    over(house, visit, dana)
    [talk] = talked(house, visit)
    assert talk.ended_at == house.clock.at
    assert house.state(visit) is state
    if state is HELD:
        assert house.visit(visit.id).hold_reason == "talk_broke_off"
    there = house.mother_in(house.visit(visit.id))
    assert there.standing in (Stage.WAITING, Stage.LEFT, Stage.REMOVED)
    with house.reading(house.cast.lena) as work:
        assert not is_aside(work, there)


def test_a_line_that_goes_in_a_talk_opens_nothing_until_the_supervisor_says_so(house: House) -> None:
    visit = house.live()
    dana = house.mother_in(visit)
    talks(house, visit, dana)
    house.relay(visit, EventKind.DISCONNECTED, 1, participant=dana.id, leg=dana.leg)
    assert listed(house, visit)[Role.FAMILY] is RoomStage.PRIVATE  # with no other end: nobody hears anybody
    goes_back(house, visit, dana)
    assert listed(house, visit)[Role.FAMILY] is RoomStage.WAITING
    with house.as_actor(actor.relay("relay-1")) as work:
        attending.connected(work, visit.id, dana, dana.leg or "")
    assert house.mother_in(house.visit(visit.id)).stage is Stage.WAITING


def test_what_tells_who_somebody_is_stays_shut_in_a_talk_with_somebody_who_was_let_in(house: House) -> None:
    visit = house.live()
    dana = house.mother_in(visit)
    talks(house, visit, dana)
    for shown in (question_to_ask, photo_to_compare):
        with pytest.raises(NotAllowed), house.reading(house.cast.lena) as work:
            shown(work, visit.id, dana.id)
    goes_back(house, visit, dana)
    with house.work(house.cast.lena) as work:
        running.look(work, visit.id, dana.id)
    with house.reading(house.cast.lena) as work:
        assert question_to_ask(work, visit.id, dana.id) is None  # none was agreed, and it may be asked for


def test_who_waits_is_in_no_talk_of_the_record(house: House) -> None:
    """A look at the door is not a talk with somebody who was in the visit."""
    visit = house.waiting()
    house.consents(house.cast.dana)
    house.joins(visit, visit.watcher, "aa" * 8)
    house.joins(visit, house.mother_in(visit), "bb" * 8)
    with house.work(house.cast.lena) as work:
        running.look(work, visit.id, house.mother_in(visit).id)
    assert talked(house, visit) == []


def says_goodbye(house: House, visit: Visit, participant: Participant) -> Visit | Refused:
    with house.work(house.cast.lena) as work:
        return aside.say_goodbye(work, visit.id, participant.id)


@pytest.mark.rule("R70")
def test_the_child_goes_home_first_and_the_mother_is_talked_to_after_that(house: House) -> None:
    visit = house.live()
    dana, mia = house.mother_in(visit), house.child_in(visit)
    assert codes(says_goodbye(house, visit, dana)) == ["child_first"]
    assert house.last_entry()["type"] == "visit.refused"
    assert isinstance(says_goodbye(house, visit, mia), Visit)
    assert (house.last_entry()["type"], house.last_entry()["reason"]) == ("visit.left", "goodbye")
    assert house.state(visit) is VisitState.LIVE
    assert listed(house, visit) | {Role.SUPERVISOR: RoomStage.ADMITTED} == {
        Role.SUPERVISOR: RoomStage.ADMITTED,
        Role.FAMILY: RoomStage.ADMITTED,
        Role.CHILD: RoomStage.REMOVED,  # which closes the device, and says no more
    }
    assert isinstance(talks(house, visit, dana), Visit)
    assert isinstance(says_goodbye(house, visit, house.mother_in(house.visit(visit.id))), Visit)
    [talk] = talked(house, visit)
    assert talk.ended_at == house.clock.at


@pytest.mark.rule("R70")
def test_a_child_who_is_talked_to_alone_is_still_here(house: House) -> None:
    visit = house.live()
    mia = house.child_in(visit)
    talks(house, visit, mia)
    assert codes(says_goodbye(house, visit, house.mother_in(visit))) == ["child_first"]
    house.relay(visit, EventKind.DISCONNECTED, 1, participant=mia.id, leg=mia.leg)
    assert codes(says_goodbye(house, visit, house.mother_in(visit))) == ["child_first"]


@pytest.mark.rule("R17")
def test_whoever_has_said_goodbye_comes_back_by_no_device(house: House) -> None:
    visit = house.live()
    mia = house.child_in(visit)
    says_goodbye(house, visit, mia)
    for event in (EventKind.LEFT, EventKind.DISCONNECTED):
        house.relay(visit, event, 1, participant=mia.id, leg=mia.leg)
    house.joins(visit, house.child_in(house.visit(visit.id)), "ee" * 8)
    there = house.child_in(house.visit(visit.id))
    assert (there.stage, there.leg) == (Stage.GOODBYE, None)
    with house.reading(house.cast.lena) as work:
        facts = join_facts(work, house.visit(visit.id), there, link=InvitationId("0" * 32), link_live=True)
    assert facts.removed
    assert "not_waiting" in codes(admits(house, visit, there))
    assert codes(says_goodbye(house, visit, there)) == ["not_inside"]


def test_a_child_who_says_no_while_talked_to_alone_ends_the_visit_as_ever(house: House) -> None:
    visit = house.live()
    talks(house, visit, house.child_in(visit))
    with house.as_family(house.cast.ines) as work:
        agreeing.take_answer(
            work,
            NewAnswer(
                person=house.cast.mia,
                purpose=Purpose.TAKE_PART,
                kind=ConsentKind.ASSENT,
                state=ConsentState.WITHDRAWN,
                version=1,
                reader=Reader(band=AgeBand.FROM_9),
                method=Method.ON_THE_PAGE,
                visit=visit.id,
            ),
        )
    assert house.state(visit) is VisitState.ENDED


def _outcome(house: House, visit: Visit) -> Outcome | None:
    return house.visit(visit.id).seen_from(house.cast.mia).outcome


@pytest.mark.rule("R70")
def test_what_happens_after_a_childs_goodbye_says_nothing_of_their_visit(house: House) -> None:
    visit = house.live()
    mia = house.child_in(visit)
    says_goodbye(house, visit, mia)
    assert _outcome(house, visit) is Outcome.COMPLETED
    house.relay(visit, EventKind.WITHDRAWN, 1, participant=mia.id, leg=mia.leg)  # pressed a moment too late
    assert (house.state(visit), _outcome(house, visit)) == (VisitState.LIVE, Outcome.COMPLETED)
    assert house.child_in(house.visit(visit.id)).stage is Stage.GOODBYE
    with house.work(house.cast.lena) as work:
        ending.end(work, visit.id, EndReason.SUPERVISOR_LOST)
    assert _outcome(house, visit) is Outcome.COMPLETED


def _told_of_talks(house: House, case: str) -> int:
    return [one.type for one in house.entries(case)].count("participant.talked_to_alone")


def test_a_talk_with_one_childs_carer_stands_in_no_case_of_another_child(
    house: House, brother: Brother
) -> None:
    visit = house.shared(brother)
    there = {participant.person: participant for participant in visit.families()}
    seen = []
    for person in (house.cast.ines, brother.tomas, house.cast.dana):
        whom = there[person]
        assert isinstance(talks(house, visit, whom), Visit)
        goes_back(house, visit, whom)
        seen.append((_told_of_talks(house, house.cast.case), _told_of_talks(house, brother.case)))
    assert seen == [(1, 0), (1, 1), (2, 2)]
