"""What is known of people: channels, placements, rights to decide, approvals, merges; and forgetting one of them."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy.exc import DBAPIError
from sqlmodel import select

from contact_service.approvals.actions import merging as approving_merges
from contact_service.audit.events import EventType
from contact_service.consent import queries as consent
from contact_service.consent.consent import ConsentState, Purpose
from contact_service.errors import BadInput, BeforeBirth, NotAllowed, NotFound
from contact_service.ids import MergeId, PersonId
from contact_service.people.actions import (
    approved,
    channels,
    forgetting,
    members,
    merging,
    placements,
    rights,
)
from contact_service.people.channel import ChannelKind, NewChannel, SafeRule, SafeUse, from_bytes
from contact_service.people.decision_right import Authority, Basis, Matter, NewRight, may_decide
from contact_service.people.person import FORGOTTEN, Details, MemberRole, Relation
from contact_service.people.placement import Days, NewPlacement, PlaceWords
from contact_service.people.queries.approved import approved_for, unapproved_at
from contact_service.people.queries.channels import channels_of
from contact_service.people.queries.members import details_of, kept_as, members_of
from contact_service.people.queries.merges import waiting_merges
from contact_service.people.queries.placements import placement_on, placements_of
from contact_service.people.queries.rights import rights_of
from contact_service.people.tables import PlacementRow
from contact_service.policy.decision import Refused
from contact_service.restrictions import queries as restrictions
from contact_service.restrictions.restriction import RestrictionKind
from contact_service.work import Work
from tests.actions.test_restriction import restrict
from tests.cast import House

PLACE = PlaceWords(name="Number nine", area="Northmoor", school="Hill School")


@contextmanager
def nothing_changes(house: House, error: type[Exception]) -> Iterator[Work]:
    """The act fails with ``error`` and leaves every row and the evidence as they were."""
    entries = house.history()
    with pytest.raises(error), house.work(house.cast.karim) as work:
        yield work
    assert house.history() == entries


def placement(house: House, first: str, last: str | None = None) -> NewPlacement:
    days = Days(first=date.fromisoformat(first), last=date.fromisoformat(last) if last else None)
    return NewPlacement(
        child=house.cast.mia, carer=house.cast.ines, days=days, confidential=True, words=PLACE
    )


def add(house: House, name: str, channels_: tuple[NewChannel, ...] = ()) -> PersonId:
    with house.work(house.cast.karim) as work:
        details = Details(name=name, known_as=name.partition(" ")[0])
        return members.add_person(work, house.cast.case, details, MemberRole.FAMILY_MEMBER, channels_)


# ---- channels


def test_an_equal_channel_is_a_warning_and_no_error(house: House) -> None:
    with house.work(house.cast.karim) as work:
        new = NewChannel(kind=ChannelKind.EMAIL, value="DANA@demo.example")
        added = channels.add_channel(work, house.cast.rosa, new)
    assert [same.person for same in added.same] == [house.cast.dana]
    entry = house.last_entry()
    assert "dana" not in json.dumps(entry, default=str).lower()


def test_numbers_that_end_alike_are_equal(house: House) -> None:
    national = NewChannel(kind=ChannelKind.PHONE, value="07700 900123")
    add(house, "Nadia Ferrer", (national,))
    with house.work(house.cast.karim) as work:
        new = NewChannel(kind=ChannelKind.PHONE, value="+44 7700 900123")
        assert len(channels.add_channel(work, house.cast.rosa, new).same) == 1


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (ChannelKind.EMAIL, "nobody"),
        (ChannelKind.EMAIL, "two@signs@demo.example"),
        (ChannelKind.EMAIL, "a b@demo.example"),
        (ChannelKind.EMAIL, "x" * 250 + "@demo.example"),
        (ChannelKind.PHONE, "12"),
        (ChannelKind.PHONE, "1" * 30),
        (ChannelKind.PHONE, "ring me"),
    ],
)
def test_what_is_no_channel_is_refused(house: House, kind: ChannelKind, value: str) -> None:
    with nothing_changes(house, BadInput) as work:
        channels.add_channel(work, house.cast.rosa, NewChannel(kind=kind, value=value))


def test_a_channel_is_written_down_once(house: House) -> None:
    with nothing_changes(house, BadInput) as work:
        again = NewChannel(kind=ChannelKind.EMAIL, value="rosa@demo.example")
        channels.add_channel(work, house.cast.rosa, again)


def test_an_ended_channel_is_used_no_more(house: House) -> None:
    with house.work(house.cast.karim) as work:
        for channel in channels_of(work, house.cast.dana):
            channels.end_channel(work, house.cast.dana, channel.id)
    with house.reading(house.cast.karim) as work:
        assert channels_of(work, house.cast.dana) == []
    with nothing_changes(house, NotFound) as work:
        channels.end_channel(work, house.cast.dana, channel.id)


def test_the_rule_of_a_channel_says_when_it_is_safe(house: House) -> None:
    rule = SafeRule(use=SafeUse.BETWEEN, earliest=9 * 60, latest=12 * 60, say="It is about the books.")
    with house.work(house.cast.karim) as work:
        [mail] = [c for c in channels_of(work, house.cast.dana) if c.kind is ChannelKind.EMAIL]
        channels.change_rule(work, house.cast.dana, mail.id, rule, confirmed=True)
    with house.reading(house.cast.karim) as work:
        [mail] = [c for c in channels_of(work, house.cast.dana) if c.kind is ChannelKind.EMAIL]
    assert mail.rule == rule
    assert mail.confirmed_at == house.clock.at


# ---- placements


def test_a_move_ends_the_placement_before(house: House) -> None:
    with house.work(house.cast.karim) as work:
        placements.place(work, placement(house, "2030-01-01"))
        placements.place(work, placement(house, "2030-05-01"))
    with house.reading(house.cast.karim) as work:
        assert [p.days.last for p in placements_of(work, house.cast.mia)] == [None, date(2030, 4, 30)]
        found = placement_on(work, house.cast.mia, date(2030, 4, 30))
        assert found is not None
        assert found.words == PLACE


def test_no_word_of_where_a_child_lives_is_in_the_evidence_or_readable_in_the_row(house: House) -> None:
    with house.work(house.cast.karim) as work:
        placements.place(work, placement(house, "2030-01-01"))
    with house.reading(house.cast.karim) as work:
        [row] = work.session.exec(select(PlacementRow)).all()
    kept = json.dumps([house.last_entry(), row.model_dump()], default=str)
    assert not any(word in kept for word in ("Northmoor", "Number nine", "Hill School"))


@pytest.mark.parametrize(
    ("first", "last"), [("2030-01-15", "2030-01-20"), ("2029-12-01", None), ("2030-01-31", "2030-02-02")]
)
def test_no_two_placements_share_a_day(house: House, first: str, last: str | None) -> None:
    with house.work(house.cast.karim) as work:
        placements.place(work, placement(house, "2030-01-01", "2030-01-31"))
    with nothing_changes(house, BadInput) as work:
        placements.place(work, placement(house, first, last))


def test_the_table_itself_refuses_shared_days(house: House) -> None:
    with house.work(house.cast.karim) as work:
        placements.place(work, placement(house, "2030-01-01", "2030-01-31"))
    with nothing_changes(house, DBAPIError) as work:
        row = work.session.exec(select(PlacementRow)).one()
        copy = row.model_dump() | {"id": work.new_id(), "first_on": date(2030, 1, 31)}
        work.session.add(PlacementRow(**copy))
        work.session.flush()


# ---- rights to decide


def test_a_right_counts_for_its_matter_and_its_days(house: House) -> None:
    days = Days(first=date(2030, 1, 1), last=date(2030, 6, 30))
    with house.work(house.cast.karim) as work:
        new = NewRight(
            child=house.cast.mia,
            holder=house.cast.dana,
            matters=frozenset({Matter.CONTACT}),
            basis=Basis.PARENTAL_RESPONSIBILITY,
            days=days,
        )
        rights.record_right(work, new)
    with house.reading(house.cast.karim) as work:
        found = rights_of(work, house.cast.mia)
    assert may_decide(found, house.cast.dana, Matter.CONTACT, date(2030, 6, 30))
    assert not may_decide(found, house.cast.dana, Matter.CONTACT, date(2030, 7, 1))
    assert not may_decide(found, house.cast.dana, Matter.NOTES, date(2030, 3, 1))
    assert not may_decide(found, Authority.AGENCY, Matter.CONTACT, date(2030, 3, 1))


def test_a_child_holds_no_right_over_a_child(house: House) -> None:
    with nothing_changes(house, BadInput) as work:
        new = NewRight(
            child=house.cast.mia,
            holder=house.cast.jonas,
            matters=frozenset({Matter.CONTACT}),
            basis=Basis.DELEGATED,
            days=Days(first=date(2030, 1, 1)),
        )
        rights.record_right(work, new)


def test_nothing_is_from_before_the_child_was_born(house: House) -> None:
    """Mia was born on 14 March 2018."""
    with nothing_changes(house, BeforeBirth) as work:
        placements.place(work, placement(house, "2018-03-13"))
    with nothing_changes(house, BeforeBirth) as work:
        new = NewRight(
            child=house.cast.mia,
            holder=house.cast.dana,
            matters=frozenset({Matter.CONTACT}),
            basis=Basis.PARENTAL_RESPONSIBILITY,
            days=Days(first=date(2018, 3, 13)),
        )
        rights.record_right(work, new)
    with house.work(house.cast.karim) as work:
        placements.place(work, placement(house, "2018-03-14"))


# ---- approved people


def test_approval_for_a_child_stands_until_it_ends(house: House) -> None:
    nadia = add(house, "Nadia Ferrer")
    with house.work(house.cast.karim) as work:
        assert approved.approve_for(work, house.cast.mia, nadia, reason="plan")
        assert not approved.approve_for(work, house.cast.mia, nadia, reason="plan")
    with house.work(house.cast.karim) as work:
        assert nadia in approved_for(work, house.cast.mia)
        assert approved.end_approval(work, house.cast.mia, nadia)
        assert nadia not in approved_for(work, house.cast.mia)
        assert unapproved_at(work, house.cast.mia, nadia) == house.clock.at


# ---- what is known of a person


@pytest.mark.parametrize(
    "details",
    [
        Details(name=" ", known_as="Rosa"),
        Details(name="Rosa\nMarlowe", known_as="Rosa"),
        Details(name="R" * 201, known_as="Rosa"),
        Details(name="Rosa Marlowe", known_as="Rosa", born_on="2030-05-15"),
        Details(name="Rosa Marlowe", known_as="Rosa", born_on="1850-01-01"),
        Details(name="Rosa Marlowe", known_as="Rosa", born_on="14 March"),
        Details(name="Rosa Marlowe", known_as="Rosa", aliases=("x",) * 21),
    ],
)
def test_details_that_cannot_be_are_refused(house: House, details: Details) -> None:
    with nothing_changes(house, BadInput) as work:
        members.change_details(work, house.cast.rosa, details)


def test_the_evidence_of_a_change_says_which_field_and_not_what(house: House) -> None:
    with house.work(house.cast.karim) as work:
        before = details_of(work, house.cast.rosa)
        members.change_details(
            work, house.cast.rosa, Details(name=before.name, known_as="Nana", born_on=before.born_on)
        )
    fields = json.dumps(house.last_entry(), default=str)
    assert "known_as" in fields
    assert "Nana" not in fields


def test_nobody_is_related_to_themselves(house: House) -> None:
    with nothing_changes(house, BadInput) as work:
        members.relate(
            work,
            members.Tie(
                child=house.cast.mia, person=house.cast.mia, relation=Relation.SIBLING, word="sister"
            ),
        )


def test_a_supervisor_changes_nothing_that_is_known(house: House) -> None:
    with pytest.raises((NotAllowed, NotFound)), house.work(house.cast.lena) as work:
        members.change_details(work, house.cast.rosa, Details(name="Rosa", known_as="Rosa"))


def test_somebody_forgotten_cannot_be_read_again(house: House) -> None:
    with house.work(house.cast.karim) as work:
        forgetting.forget(work, house.cast.viktor)
    with house.reading(house.cast.karim) as work:
        assert details_of(work, house.cast.viktor) == FORGOTTEN
        assert channels_of(work, house.cast.viktor) == []
        assert restrictions.restrictions_between(work, {house.cast.viktor, house.cast.mia}, at=house.clock.at)


# ---- two records of one person


def propose(house: House, kept: PersonId, merged: PersonId) -> MergeId:
    with house.work(house.cast.karim) as work:
        return merging.propose_merge(work, kept, merged)


def test_a_merge_keeps_restrictions_answers_and_channels_of_both(house: House) -> None:
    double = add(house, "D. Marlowe", (NewChannel(kind=ChannelKind.EMAIL, value="other@demo.example"),))
    restrict(house, RestrictionKind.NO_CONTACT, person=double)
    house.consents(house.cast.dana)
    house.clock.forward(timedelta(hours=1))
    house.answers(double, Purpose.TAKE_PART, ConsentState.WITHDRAWN)
    merge = propose(house, house.cast.dana, double)
    with house.work(house.cast.priya) as work:
        approving_merges.agree_to_merge(work, merge)
    with house.reading(house.cast.karim) as work:
        both = {house.cast.dana, house.cast.mia}
        [bound] = restrictions.restrictions_between(work, both, at=house.clock.at)
        assert bound.kind is RestrictionKind.NO_CONTACT
        newest = consent.newest_answer(work, house.cast.dana, Purpose.TAKE_PART)
        assert newest is not None
        assert newest.state is ConsentState.WITHDRAWN
        assert {"other@demo.example", "dana@demo.example"} <= {
            c.value for c in channels_of(work, house.cast.dana)
        }
        assert double not in {m.person for m in members_of(work, house.cast.case)}
        assert kept_as(work, double) == house.cast.dana


def test_after_a_merge_nobody_books_around_the_restriction(house: House) -> None:
    double = add(house, "V. Stahl")
    merge = propose(house, double, house.cast.viktor)
    with house.work(house.cast.priya) as work:
        approving_merges.agree_to_merge(work, merge)
    with house.work(house.cast.karim) as work:
        from contact_service.invitations.actions import inviting  # noqa: PLC0415

        refused = inviting.request_visit(work, house.wish(people=(double,)))
    assert isinstance(refused, Refused)
    assert "R2" in refused.rules


def test_whoever_proposed_a_merge_does_not_decide_it(house: House) -> None:
    merge = propose(house, house.cast.dana, add(house, "D. Marlowe"))
    with nothing_changes(house, NotAllowed) as work:
        approving_merges.agree_to_merge(work, merge)


def test_two_who_stand_in_one_plan_are_two_people(house: House) -> None:
    with house.work(house.cast.karim) as work:
        shared = NewChannel(kind=ChannelKind.PHONE, value="01632 960101")  # a merge would end one of the two
        channels.add_channel(work, house.cast.rosa, shared)
        before = channels_of(work, house.cast.rosa)
    merge = propose(house, house.cast.dana, house.cast.rosa)
    entries = house.history()
    with house.work(house.cast.priya) as work:
        refused = approving_merges.agree_to_merge(work, merge)
    assert isinstance(refused, approving_merges.MergeRefused)
    assert house.history() == [*entries, EventType.MERGE_REFUSED]
    with house.reading(house.cast.priya) as work:
        assert kept_as(work, house.cast.rosa) == house.cast.rosa
        assert channels_of(work, house.cast.rosa) == before
        assert [m.id for m in waiting_merges(work, house.cast.case)] == [merge]


def test_a_child_is_never_merged(house: House) -> None:
    with nothing_changes(house, BadInput) as work:
        merging.propose_merge(work, house.cast.mia, house.cast.jonas)


def test_a_declined_merge_changes_nobody(house: House) -> None:
    double = add(house, "D. Marlowe")
    merge = propose(house, house.cast.dana, double)
    with house.work(house.cast.priya) as work:
        merging.decline_merge(work, merge)
    with house.reading(house.cast.karim) as work:
        assert kept_as(work, double) == double


@pytest.mark.parametrize(
    ("local", "expected"),
    [
        (datetime(2030, 5, 14, 8, 0), datetime(2030, 5, 14, 9, 0)),  # noqa: DTZ001  wall time
        (datetime(2030, 5, 14, 10, 0), datetime(2030, 5, 14, 10, 0)),  # noqa: DTZ001
        (datetime(2030, 5, 14, 12, 0), datetime(2030, 5, 15, 9, 0)),  # noqa: DTZ001
    ],
)
def test_a_safe_hour_is_waited_for(local: datetime, expected: datetime) -> None:
    rule = SafeRule(use=SafeUse.BETWEEN, earliest=9 * 60, latest=12 * 60)
    assert rule.writable_from(local) == expected


def test_a_rule_that_was_sealed_before_there_were_words_is_read() -> None:
    old = b'{"earliest": 0, "latest": 1440, "use": "always", "value": "01632 960101"}'
    assert from_bytes(old) == ("01632 960101", SafeRule())


def test_the_rules_of_both_records_hold_with_what_may_be_said_for_each() -> None:
    one = SafeRule(use=SafeUse.BETWEEN, earliest=0, latest=700, say="The books.")
    other = SafeRule(use=SafeUse.BETWEEN, earliest=600, latest=1440, say="The school.")
    both = SafeRule(use=SafeUse.BETWEEN, earliest=600, latest=700, say="The books.; The school.")
    assert one.and_also(other) == both
    assert one.and_also(one) == one
