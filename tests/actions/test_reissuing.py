"""F3: a link that is lost is replaced; the old one, its device and its tickets are dead at once."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from contact_service import actor
from contact_service.consent.consent import ConsentState, Purpose
from contact_service.errors import Conflict, NotAllowed, NotFound
from contact_service.ids import AccountId, PersonId
from contact_service.invitations.actions import inviting, opening, stopping
from contact_service.invitations.actions.opening import Device, NotUsable, Opened
from contact_service.invitations.actions.reissuing import reissue
from contact_service.invitations.invitation import InvitationState
from contact_service.invitations.queries import secret_for
from contact_service.invitations.reissue import Asked, KnownBy, Reissued, Way
from contact_service.invitations.token import ticket_text
from contact_service.notifications.message import MessageKind, OutboxState
from contact_service.policy.decision import Permitted, Refused
from contact_service.protocol.rooms import Stage as RoomStage
from contact_service.restrictions.actions import NewRestriction
from contact_service.restrictions.restriction import RestrictionKind, RestrictionSource
from contact_service.visits.actions import attending, ending
from contact_service.visits.reasons import CancelReason
from contact_service.visits.visit import EndReason, Stage, Visit, VisitState
from tests.cast import House, Phone


def asked(house: House, visit: Visit, person: PersonId, way: Way = Way.SENT, **changes: object) -> Asked:
    values: dict[str, object] = {
        "way": way,
        "known_by": KnownBy.IN_PERSON,
        "note": "",
        "before": house.invitation(visit, person).generation,
    }
    return Asked(**(values | changes))  # type: ignore[arg-type]


def replace(
    house: House,
    visit: Visit,
    person: PersonId | None = None,
    way: Way = Way.SENT,
    by: AccountId | None = None,
    **changes: object,
) -> Reissued | Refused:
    who = person or house.cast.dana
    with house.work(by or house.cast.karim) as work:
        wanted = asked(house, visit, who, way, **changes)
        return reissue(work, visit.id, house.device_in(visit, who).id, wanted)


def replaced(house: House, visit: Visit, way: Way = Way.SENT, **changes: object) -> Reissued:
    done = replace(house, visit, way=way, **changes)  # type: ignore[arg-type]
    assert isinstance(done, Reissued), done
    return done


def tap(house: House, secret: str, phone: Phone) -> object:
    with house.as_actor(actor.NOBODY) as work:
        return opening.redeem(work, secret, Device(key=phone.key, cookies={}, address="192.0.2.1"))


def codes(result: object) -> set[str]:
    assert isinstance(result, Refused), result
    return {reason.code for reason in result.reasons}


def test_the_old_link_opens_nothing_and_the_new_one_binds_the_new_phone(house: House) -> None:
    visit = house.waiting()
    old = house.secret(visit, house.cast.dana)
    house.opens(visit, house.cast.dana)
    new = replaced(house, visit)
    assert isinstance(tap(house, old, Phone()), NotUsable)
    assert house.secret(visit, house.cast.dana) != old
    opened = tap(house, house.secret(visit, house.cast.dana), Phone())
    assert isinstance(opened, Opened)
    assert (opened.invitation.id, opened.invitation.generation) == (new.invitation.id, 2)


def test_the_device_in_the_room_is_put_out_and_its_tickets_are_void(house: House) -> None:
    visit = house.live()
    phone = house.mother_in(visit)
    replaced(house, visit)
    now = house.mother_in(house.visit(visit.id))
    assert (now.stage, now.leg, now.link) == (Stage.LEFT, None, None)
    told = next(p for p in house.rooms().rooms[0].people if p.participant == phone.id)
    assert (told.leg, told.stage) == (None, RoomStage.WAITING)
    assert told.tickets_after_ms is not None
    with house.as_actor(actor.relay("relay-1")) as work:  # a ticket from before, used a moment later
        attending.joined(work, visit.id, now, "bb" * 8, house.clock.at)
    assert house.mother_in(house.visit(visit.id)).leg is None


def test_what_was_known_of_the_old_device_does_not_count_for_the_new_one(house: House) -> None:
    visit = house.live()
    assert house.mother_in(visit).identity_method
    replaced(house, visit)
    now = house.mother_in(house.visit(visit.id))
    assert (now.identity_method, now.company, now.checked) == ("", None, "")


def test_the_old_device_knocks_in_vain_and_the_new_one_is_let_to_the_waiting_room(house: House) -> None:
    visit = house.waiting()
    house.consents(house.cast.dana)
    old_phone, old = house.opens(visit, house.cast.dana), house.invitation(visit, house.cast.dana)
    replaced(house, visit)
    with house.as_family(house.cast.dana) as work:
        nonce = opening.new_nonce(work, old)
    with house.as_family(house.cast.dana) as work:
        signature = old_phone.sign(ticket_text(old.id, nonce))
        assert isinstance(opening.knock(work, old, nonce=nonce, signature=signature), Refused)
    new_phone = house.opens(visit, house.cast.dana)
    assert isinstance(house.knocks(visit, house.cast.dana, new_phone), Permitted)


def test_the_evidence_says_how_and_by_whom_and_holds_no_secret(house: House) -> None:
    visit = house.waiting()
    done = replaced(
        house, visit, Way.READ_OUT, known_by=KnownBy.CALLED_BACK, note="Rang her mother’s number."
    )
    entry = next(e for e in house.entries() if e.type == "invitation.replaced")
    assert entry.fields["reason"] == "called_back"
    written = repr([e.fields for e in house.entries()])
    with house.as_actor(actor.SCHEDULE) as work:
        assert secret_for(work, done.invitation) not in written
    assert done.code is not None
    assert done.code not in written
    assert "her mother" not in written
    assert "new_link_note" in written


@pytest.mark.parametrize("name", ["karim", "lena", "priya"])
def test_worker_visit_supervisor_and_duty_person_of_the_visit_may(house: House, name: str) -> None:
    visit = house.waiting()
    assert isinstance(replace(house, visit, by=getattr(house.cast, name)), Reissued)


@pytest.mark.parametrize("name", ["noor", "ola"])
def test_nobody_else_may_and_nothing_changes(house: House, name: str) -> None:
    visit = house.waiting()
    with pytest.raises((NotAllowed, NotFound)):
        replace(house, visit, by=getattr(house.cast, name))
    assert house.invitation(visit, house.cast.dana).generation == 1


def test_an_approver_who_is_not_the_duty_person_may_not(house: House) -> None:
    visit = house.waiting(duty=house.cast.karim)
    with pytest.raises(NotAllowed):
        replace(house, visit, by=house.cast.priya)


def test_two_who_press_at_once_make_one_new_link(house: House) -> None:
    visit = house.waiting()
    replaced(house, visit)
    with pytest.raises(Conflict):
        replace(house, visit, before=1)
    assert house.invitation(visit, house.cast.dana).generation == 2


def test_it_is_possible_until_the_visit_is_over_and_not_after(house: House) -> None:
    visit = house.live()
    house.clock.at = visit.ends_at + timedelta(minutes=14)
    replaced(house, visit)
    house.clock.forward(timedelta(minutes=1))
    assert codes(replace(house, visit)) == {"not_ahead"}
    house.clock.at = visit.ends_at
    with house.work(house.cast.lena) as work:
        ending.end(work, visit.id, EndReason.COMPLETED)
    assert "not_ahead" in codes(replace(house, visit))


def test_whose_link_was_revoked_or_whom_a_restriction_stops_gets_none(house: House) -> None:
    visit = house.approved()
    with house.work(house.cast.karim) as work:
        stopping.restrict(
            work,
            house.cast.case,
            NewRestriction(
                kind=RestrictionKind.NO_CONTACT,
                person=house.cast.dana,
                other=house.cast.mia,
                source=RestrictionSource.AGENCY_DECISION,
            ),
        )
    assert house.state(visit) is VisitState.SUSPENDED
    refused = replace(house, visit, before=0)
    assert {"not_ahead", "no_contact"} <= codes(refused)


def test_who_was_sent_out_gets_none(house: House) -> None:
    visit = house.live()
    with house.as_actor(actor.relay("relay-1")) as work:
        attending.removed(work, visit.id, house.mother_in(visit))
    assert codes(replace(house, visit)) == {"removed"}


def test_without_saying_who_asked_there_is_none_and_the_refusal_is_recorded(house: House) -> None:
    visit = house.waiting()
    assert codes(replace(house, visit, known_by=None)) == {"not_identified"}
    assert house.last_entry()["type"] == "invitation.replacing_refused"
    assert codes(replace(house, visit, way=Way.SHOWN, known_by=KnownBy.CALLED_BACK)) == {"not_in_person"}


def test_a_code_or_a_picture_waits_for_the_door_and_a_message_does_not(house: House) -> None:
    visit = house.approved()
    for way in (Way.READ_OUT, Way.SHOWN):
        assert codes(replace(house, visit, way=way)) == {"too_early"}
    house.clock.forward(timedelta(days=1))
    replaced(house, visit)


def test_a_yes_on_the_old_device_counts_nowhere_else_and_a_no_always(house: House) -> None:
    visit = house.waiting()
    house.consents(house.cast.dana)
    house.answers(house.cast.dana, Purpose.TAKE_PART, ConsentState.WITHDRAWN)
    replaced(house, visit)
    phone = house.opens(visit, house.cast.dana)
    assert codes(house.knocks(visit, house.cast.dana, phone)) == {"consent_missing"}


# ---- messages


def kinds(house: House, visit: Visit, person: PersonId) -> list[tuple[MessageKind, OutboxState, int]]:
    return [(m.kind, m.state, m.generation) for m in house.messages(visit) if m.person == person]


def test_an_invitation_that_still_waits_is_dropped_and_reminders_bring_the_new_link(house: House) -> None:
    visit = house.approved()
    house.clock.forward(timedelta(days=1))
    replaced(house, visit)
    found = kinds(house, visit, house.cast.dana)
    invitations = [(state, generation) for kind, state, generation in found if kind is MessageKind.INVITATION]
    assert sorted(invitations, key=lambda one: one[1]) == [(OutboxState.DROPPED, 1), (OutboxState.QUEUED, 2)]
    reminders = {(s, g) for kind, s, g in found if kind is MessageKind.REMINDER}
    assert reminders == {(OutboxState.QUEUED, 2)}
    others = {g for _, _, g in kinds(house, visit, house.cast.ines)}
    assert others == {1}


def test_a_link_is_not_sent_to_what_was_written_down_within_a_day(house: House) -> None:
    visit = house.approved()
    assert codes(replace(house, visit)) == {"no_held_address"}
    assert house.invitation(visit, house.cast.dana).generation == 1
    house.clock.forward(timedelta(days=1))
    replaced(house, visit)


def test_a_code_or_a_picture_sends_nothing(house: House) -> None:
    visit = house.waiting()
    house.deliver(visit)
    replaced(house, visit, Way.SHOWN)
    found = [g for kind, _, g in kinds(house, visit, house.cast.dana) if kind is MessageKind.INVITATION]
    assert found == [1]
    assert house.invitation(visit, house.cast.dana).state is InvitationState.GIVEN


# ---- races


def race(house: House, visit: Visit, old: str) -> tuple[object, object]:
    first: Callable[[], object] = lambda: tap(house, old, Phone())  # noqa: E731
    second: Callable[[], object] = lambda: replace(house, visit)  # noqa: E731
    with ThreadPoolExecutor(2) as pool:
        both = [pool.submit(first), pool.submit(second)]
        return both[0].result(timeout=60), both[1].result(timeout=60)


def test_whoever_is_faster_the_old_device_is_out_and_the_new_link_is_free_twenty_times(house: House) -> None:
    visit = house.waiting()
    for _ in range(20):
        old, before = house.secret(visit, house.cast.dana), house.invitation(visit, house.cast.dana)
        tapped, made = race(house, visit, old)
        assert isinstance(made, Reissued)
        assert isinstance(tapped, Opened | NotUsable)
        now = house.invitation(visit, house.cast.dana)
        assert (now.id, now.generation) == (made.invitation.id, before.generation + 1)
        assert now.device_key == ""
        assert isinstance(tap(house, old, Phone()), NotUsable)
    assert isinstance(tap(house, house.secret(visit, house.cast.dana), Phone()), Opened)


def test_a_visit_that_was_called_off_has_no_new_links(house: House) -> None:
    visit = house.approved()
    with house.work(house.cast.karim) as work:
        inviting.cancel(work, visit.id, CancelReason.CHILD_ILL)
    assert "not_ahead" in codes(replace(house, visit, before=0))


def test_a_knock_in_the_midst_of_a_replacement_waits_and_is_refused(house: House) -> None:
    visit = house.waiting()
    house.consents(house.cast.dana)
    phone, old = house.opens(visit, house.cast.dana), house.invitation(visit, house.cast.dana)
    with house.as_family(house.cast.dana) as work:
        nonce = opening.new_nonce(work, old)

    def knock() -> object:
        with house.as_family(house.cast.dana) as work:
            return opening.knock(work, old, nonce=nonce, signature=phone.sign(ticket_text(old.id, nonce)))

    with ThreadPoolExecutor(1) as pool:
        with house.work(house.cast.karim) as work:
            wanted = asked(house, visit, house.cast.dana)
            assert isinstance(reissue(work, visit.id, house.mother_in(visit).id, wanted), Reissued)
            knocking = pool.submit(knock)
            time.sleep(0.3)
            assert not knocking.done()
        assert isinstance(knocking.result(timeout=30), Refused)
