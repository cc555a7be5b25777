"""A worker opens a case that is not theirs because it cannot wait; others are told, and one of them looks at it."""

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from contact_service import actor
from contact_service.actor import Role
from contact_service.agency_policy.limits import Limits
from contact_service.audit.events import AGENCY_CASE
from contact_service.audit.queries import OpenedEntry
from contact_service.database import metadata
from contact_service.emergency_access.actions import (
    MISSES_PER_HOUR,
    Asked,
    NotOpened,
    Opened,
    end_emergency_access,
    open_in_emergency,
    review_emergency_access,
)
from contact_service.emergency_access.queries import TOLD_FOR, emergency_accesses_for, open_now, to_review
from contact_service.errors import BadInput, Conflict, NotAllowed, NotFound, PersonNeeded
from contact_service.identity.actions import add_account
from contact_service.ids import AccountId, EmergencyAccessId
from contact_service.jobs.emergency_access import close_emergency_accesses
from contact_service.people.actions.forgetting import forget
from contact_service.people.actions.members import put_on_caseload
from contact_service.people.actions.placements import place
from contact_service.people.emergency_access import AccessReason, EmergencyAccess, Finding
from contact_service.people.placement import Days, NewPlacement, PlaceWords
from contact_service.people.queries.members import case_for, cases_of, is_on_caseload
from contact_service.people.queries.placements import placements_for
from contact_service.policy.decision import Refused
from contact_service.readings.actions import write_down, write_down_what_was_opened
from contact_service.readings.queries import cases_read_since, not_written_down, readings_of
from contact_service.suitability.actions import NewConflict, declare_conflict
from contact_service.suitability.fit import ConflictKind
from contact_service.work import read
from tests.cast import House
from tests.rules.wording import codes

LASTS = Limits().emergency_access_lasts
WORDS = "Mia’s school rang: nobody has fetched her."
MIA = Asked(name="Mia Marlowe", born_on=date(2018, 3, 14), reason=AccessReason.CHILD_AT_RISK, words=WORDS)


def asked(**changes: Any) -> Asked:  # noqa: ANN401
    return Asked(
        **({"name": MIA.name, "born_on": MIA.born_on, "reason": MIA.reason, "words": WORDS} | changes)
    )


def somebody(house: House, name: str, *roles: Role) -> AccountId:
    """A colleague with these roles and no case of their own."""
    with house.as_actor(actor.COMMAND_LINE) as work:
        return add_account(work, email=f"{name}@demo.example", name=name.title(), roles=roles, password=None)


@pytest.fixture
def sami(house: House) -> AccountId:
    """A worker who covers for others."""
    return somebody(house, "sami", Role.WORKER)


def opens(house: House, account: AccountId, one: Asked = MIA) -> Opened | Refused | NotOpened:
    with house.work(account) as work:
        return open_in_emergency(work, one)


def opened(house: House, account: AccountId) -> EmergencyAccessId:
    found = opens(house, account)
    assert isinstance(found, Opened), found
    return found.access


def reaches(house: House, account: AccountId) -> bool:
    """Whether the case is within somebody's reach now, by its door and in lists alike."""
    with house.reading(account) as work:
        listed = house.cast.case in cases_of(work)
        try:
            case_for(work, house.cast.case)
        except NotFound:
            assert not listed
            return False
    assert listed
    return True


def access_log(house: House) -> list[OpenedEntry]:
    with read(house.installation, actor.SCHEDULE) as work:
        return readings_of(work, house.cast.case)


def told(house: House) -> list[str]:
    """Who was written to about it, in a message that is due now."""
    outbox = metadata.tables["outbox"]
    query = select(outbox.c.account_id).where(
        outbox.c.kind == "emergency_access", outbox.c.due_at <= house.clock.at
    )
    with house.installation.engine.connect() as connection:
        return sorted(connection.execute(query).scalars())


def test_a_worker_opens_a_case_that_is_not_theirs_and_it_shuts_by_itself(
    house: House, sami: AccountId
) -> None:
    assert not reaches(house, sami)
    opened(house, sami)
    assert reaches(house, sami)
    house.clock.forward(LASTS - timedelta(seconds=1))
    assert reaches(house, sami)
    for later in (timedelta(seconds=1), timedelta(seconds=1), timedelta(days=1)):
        house.clock.forward(later)
        assert not reaches(house, sami)
    with house.reading(sami) as work:
        assert open_now(work) == []


def test_it_is_evidence_in_the_same_transaction_and_no_word_of_it_stands_in_the_log(
    house: House, sami: AccountId
) -> None:
    access = opened(house, sami)
    entry = house.last_entry()
    assert (entry["type"], entry["reason"]) == ("breakglass.opened", "child_at_risk")
    assert entry["facts"] == {"access": access, "minutes": 240}
    assert "school" not in str(entry)
    with house.reading(sami) as work:
        [mine] = emergency_accesses_for(work)
    assert (mine.words, mine.case, mine.account) == (WORDS, house.cast.case, sami)


def test_the_cases_worker_and_the_approvers_are_told_at_once_and_nobody_else(
    house: House, sami: AccountId
) -> None:
    opened(house, sami)
    assert told(house) == sorted([house.cast.karim, house.cast.priya])


def test_where_there_is_no_approver_the_administrators_are_told(house: House, sami: AccountId) -> None:
    with house.installation.engine.begin() as connection:
        connection.execute(
            text("UPDATE staff_account SET roles = 'visit_supervisor' WHERE roles = 'approver'")
        )
    opened(house, sami)
    assert told(house) == sorted([house.cast.karim, house.cast.ola])


@pytest.mark.parametrize(
    "roles",
    [
        (Role.VISIT_SUPERVISOR,),
        (Role.ADMINISTRATOR,),
        (Role.AUDITOR,),
        (Role.WORKER, Role.ADMINISTRATOR),
        (Role.WORKER, Role.AUDITOR),
    ],
)
def test_nobody_else_opens_one_and_nothing_is_looked_for(house: House, roles: tuple[Role, ...]) -> None:
    other = somebody(house, "tove", *roles)
    before = house.history()
    for one in (MIA, asked(name="Nobody Atall")):
        found = opens(house, other, one)
        assert isinstance(found, Refused)
        assert codes(found) == [("R65", "not_for_this_role")]
    assert house.history() == before


def test_a_program_opens_none(house: House) -> None:
    machine = actor.Actor(
        ref=actor.NOBODY.ref,
        roles=(Role.SERVICE_ACCOUNT, Role.WORKER),
        authentication=actor.Authentication.TOKEN,
    )
    with pytest.raises(PersonNeeded), house.as_actor(machine) as work:
        open_in_emergency(work, MIA)


WRONG = (
    {"name": "Mia"},
    {"name": "Mia Marlow"},
    {"name": "Dana Marlowe"},
    {"born_on": date(2018, 3, 15)},
    {"other": "Somebody Else"},
    {"born_on": None, "other": "Mia Marlowe"},
)


@pytest.mark.parametrize("changes", WRONG)
def test_whatever_does_not_fit_is_answered_alike_and_written_down(
    house: House, sami: AccountId, changes: dict[str, Any]
) -> None:
    before = house.history()
    assert opens(house, sami, asked(**changes)) is NotOpened.NOTHING_FITS
    assert not reaches(house, sami)
    assert house.history() == before
    last = house.entries(AGENCY_CASE)[-1].fields
    assert (last["type"], last["reason"]) == ("access.refused", "nothing_fits")


@pytest.mark.parametrize(
    "changes",
    [
        {"name": " mia  MARLOWE "},
        {"born_on": None, "other": "dana marlowe"},
        {"other": "Ines Okafor"},
    ],
)
def test_names_fit_however_they_are_spaced_and_somebody_else_of_the_case_will_do(
    house: House, sami: AccountId, changes: dict[str, Any]
) -> None:
    assert isinstance(opens(house, sami, asked(**changes)), Opened)


@pytest.mark.parametrize(
    ("changes", "field"),
    [({"name": " "}, "name"), ({"born_on": None}, "born_on"), ({"words": "x" * 501}, "words")],
)
def test_too_little_or_too_much_is_asked_again(
    house: House, sami: AccountId, changes: dict[str, Any], field: str
) -> None:
    with pytest.raises(BadInput) as caught:
        opens(house, sami, asked(**changes))
    assert caught.value.field == field


def test_whoever_types_names_until_one_fits_is_stopped_for_the_hour(house: House, sami: AccountId) -> None:
    for _ in range(MISSES_PER_HOUR):
        assert opens(house, sami, asked(name="Nobody Atall")) is NotOpened.NOTHING_FITS
    assert opens(house, sami) is NotOpened.TOO_MANY_TRIES
    assert not reaches(house, sami)
    house.clock.forward(timedelta(hours=1))
    assert isinstance(opens(house, sami), Opened)


def test_a_case_that_is_within_reach_is_not_opened_again(house: House, sami: AccountId) -> None:
    opened(house, sami)
    found = opens(house, sami)
    assert isinstance(found, Refused)
    assert codes(found) == [("R65", "within_reach")]


def test_the_list_is_a_reading_and_opens_no_word_out_of_reach(house: House, sami: AccountId) -> None:
    access = opened(house, sami)
    for account in (house.cast.priya, house.cast.noor, house.cast.karim):
        with house.reading(account) as work:
            [one] = emergency_accesses_for(work)
            assert (one.told, one.words, list(work.opened)) == (True, WORDS, [house.cast.case])
    with house.work(sami) as work:
        end_emergency_access(work, access)
    with house.reading(sami) as work:
        [mine] = emergency_accesses_for(work)
        assert (mine.told, mine.words, list(work.opened)) == (False, "", [])


def test_what_was_looked_at_long_ago_is_not_read_again(house: House, sami: AccountId) -> None:
    access = opened(house, sami)
    house.clock.forward(LASTS)
    reviews(house, house.cast.priya, access, Finding.WRONG, "It could have waited.")
    house.clock.forward(TOLD_FOR - timedelta(seconds=1))
    for told in (True, False):
        with house.reading(house.cast.noor) as work:
            [one] = emergency_accesses_for(work)
        assert one.review is not None
        assert (one.told, one.words == WORDS, one.review.words == "It could have waited.") == (told,) * 3
        assert one.review.finding is Finding.WRONG
        house.clock.forward(timedelta(seconds=1))


def test_to_say_how_many_wait_opens_nothing(house: House, sami: AccountId) -> None:
    opened(house, sami)
    with house.reading(sami) as work:
        assert [(one.told, one.words) for one in open_now(work)] == [(False, "")]
    house.clock.forward(LASTS)
    with house.reading(house.cast.priya) as work:
        assert [(one.told, one.words) for one in to_review(work)] == [(False, "")]
        assert list(work.opened) == []


def test_a_conflict_of_interest_keeps_it_shut(house: House, sami: AccountId) -> None:
    new = NewConflict(account=sami, case=house.cast.case, person=house.cast.viktor, kind=ConflictKind.KIN)
    with house.work(house.cast.priya) as work:
        declare_conflict(work, new)
    for _ in range(MISSES_PER_HOUR):
        assert opens(house, sami) is NotOpened.NOTHING_FITS
    assert not reaches(house, sami)
    last = house.last_entry()
    assert (last["type"], last["reason"]) == ("access.refused", "conflict_of_interest")
    assert opens(house, sami) is NotOpened.TOO_MANY_TRIES


def reads(house: House, account: AccountId, part: str) -> None:
    """A page of the case is opened, as the door writes it down."""
    with house.reading(account) as work:
        case_for(work, house.cast.case)
        found = not_written_down(work, part)
    if found:
        with house.work(account) as work:
            write_down(work, found, part=part)


def marks(house: House) -> list[object]:
    found = (entry for entry in access_log(house) if entry.type == "record.read")
    return [entry.fields["facts"].get("emergency_access") for entry in found]


def test_every_reading_under_it_is_marked_and_no_other(house: House, sami: AccountId) -> None:
    access = opened(house, sami)
    reads(house, sami, "child")
    reads(house, house.cast.karim, "child")
    assert marks(house) == [access, None]


def test_a_second_one_in_the_same_hour_is_marked_with_its_own(house: House, sami: AccountId) -> None:
    first = opened(house, sami)
    reads(house, sami, "child")
    with house.work(sami) as work:
        end_emergency_access(work, first)
    second = opened(house, sami)
    reads(house, sami, "child")
    assert marks(house) == [first, second]


def test_opening_one_makes_nobody_forget_whose_records_were_read(house: House, sami: AccountId) -> None:
    first = opened(house, sami)
    reads(house, sami, "child")
    with house.work(sami) as work:
        end_emergency_access(work, first)
    opened(house, sami)
    with house.reading(sami) as work:
        assert cases_read_since(work, work.actor.ref, work.now) == 1


def test_what_is_changed_under_it_is_marked_too(house: House, sami: AccountId) -> None:
    access = opened(house, sami)
    with house.work(sami) as work:
        words = PlaceWords(name="Number nine")
        days = Days(first=house.clock.at.date())
        place(work, NewPlacement(child=house.cast.mia, carer=None, days=days, confidential=True, words=words))
        write_down_what_was_opened(work, part="child.home")
    assert marks(house) == [access]


def test_where_the_child_lives_in_confidence_stays_with_the_childs_own_workers(
    house: House, sami: AccountId
) -> None:
    with house.work(house.cast.karim) as work:
        words = PlaceWords(name="Number nine")
        days = Days(first=house.clock.at.date())
        place(work, NewPlacement(child=house.cast.mia, carer=None, days=days, confidential=True, words=words))
    opened(house, sami)
    with house.reading(sami) as work:
        assert not is_on_caseload(work, house.cast.case)
        assert "Number nine" not in str(placements_for(work, house.cast.mia))
    with house.reading(house.cast.karim) as work:
        assert "Number nine" in str(placements_for(work, house.cast.mia))


@pytest.mark.parametrize("who", ["sami", "karim", "priya"])
def test_it_can_be_ended_early(house: House, sami: AccountId, who: str) -> None:
    access = opened(house, sami)
    account = sami if who == "sami" else getattr(house.cast, who)
    with house.work(account) as work:
        end_emergency_access(work, access)
    assert not reaches(house, sami)
    assert house.last_entry()["type"] == "breakglass.closed"
    with pytest.raises(Conflict), house.work(account) as work:
        end_emergency_access(work, access)


def test_nobody_else_knows_of_it_or_ends_it(house: House, sami: AccountId) -> None:
    access = opened(house, sami)
    tove = somebody(house, "tove", Role.WORKER)
    with pytest.raises(NotFound), house.work(tove) as work:
        end_emergency_access(work, access)
    with pytest.raises(NotAllowed), house.work(house.cast.noor) as work:
        end_emergency_access(work, access)
    for other in (house.cast.ola, house.cast.lena):
        with pytest.raises(NotAllowed), house.reading(other) as work:
            emergency_accesses_for(work)
    assert reaches(house, sami)


def test_what_is_over_by_time_cannot_be_ended_again(house: House, sami: AccountId) -> None:
    access = opened(house, sami)
    house.clock.forward(LASTS)
    with pytest.raises(Conflict), house.work(sami) as work:
        end_emergency_access(work, access)


def test_its_end_by_time_is_written_down_once_and_with_the_time_it_had(house: House, sami: AccountId) -> None:
    access = opened(house, sami)
    house.clock.forward(LASTS - timedelta(seconds=1))
    close_emergency_accesses(house.installation)
    assert house.last_entry()["type"] != "breakglass.closed"
    house.clock.forward(timedelta(minutes=5))
    assert not reaches(house, sami)
    close_emergency_accesses(house.installation)
    closed = house.last_entry()
    assert (closed["type"], closed["reason"]) == ("breakglass.closed", "time_over")
    assert closed["facts"] == {"access": access, "minutes": LASTS // timedelta(minutes=1)}
    entries = number_of_entries(house)
    close_emergency_accesses(house.installation)
    assert number_of_entries(house) == entries
    with house.reading(house.cast.priya) as work:
        [told] = emergency_accesses_for(work)
    assert told.ended_at == told.until


def test_what_was_ended_by_somebody_does_not_end_again_by_time(house: House, sami: AccountId) -> None:
    access = opened(house, sami)
    with house.work(sami) as work:
        end_emergency_access(work, access)
    entries = number_of_entries(house)
    house.clock.forward(LASTS * 2)
    close_emergency_accesses(house.installation)
    assert number_of_entries(house) == entries


def number_of_entries(house: House) -> int:
    with house.reading(house.cast.priya) as work:
        return len(work.session.execute(select(metadata.tables["audit_entry"].c.idx)).all())


def reviews(
    house: House, account: AccountId, access: EmergencyAccessId, finding: Finding | None, words: str = ""
) -> EmergencyAccess | Refused:
    with house.work(account) as work:
        return review_emergency_access(work, access, finding, words)


def test_another_person_looks_at_it_once_it_is_over(house: House, sami: AccountId) -> None:
    access = opened(house, sami)
    with house.reading(house.cast.priya) as work:
        assert to_review(work) == []
    early = reviews(house, house.cast.priya, access, Finding.RIGHT)
    assert isinstance(early, Refused)
    assert codes(early) == [("R66", "still_open")]
    house.clock.forward(LASTS)
    with house.reading(house.cast.priya) as work:
        assert [one.id for one in to_review(work)] == [access]
        assert not to_review(work)[0].is_overdue(work.now)
    house.clock.forward(Limits().emergency_access_reviewed_within)
    with house.reading(house.cast.priya) as work:
        assert to_review(work)[0].is_overdue(work.now)
    done = reviews(house, house.cast.priya, access, Finding.WRONG, "It could have waited.")
    assert isinstance(done, EmergencyAccess)
    assert done.review is not None
    assert (done.review.by, done.review.finding) == (house.cast.priya, Finding.WRONG)
    assert done.review.words == "It could have waited."
    last = house.last_entry()
    assert (last["type"], last["reason"]) == ("breakglass.reviewed", "wrong")
    with house.reading(house.cast.priya) as work:
        assert to_review(work) == []
    with pytest.raises(Conflict):
        reviews(house, house.cast.priya, access, Finding.RIGHT)


@pytest.fixture
def both(house: House) -> AccountId:
    """Somebody who was a worker when they opened the case, and is an approver now."""
    account = somebody(house, "bo", Role.WORKER)
    opened(house, account)
    house.clock.forward(LASTS)
    with house.installation.engine.begin() as connection:
        change = text("UPDATE staff_account SET roles = 'worker,approver' WHERE id = :id")
        connection.execute(change, {"id": account})
    return account


def test_nobody_looks_at_what_they_opened_themselves(house: House, both: AccountId) -> None:
    with house.reading(both) as work:
        [access] = emergency_accesses_for(work)
        assert to_review(work) == []
    own = reviews(house, both, access.id, Finding.RIGHT)
    assert isinstance(own, Refused)
    assert codes(own) == [("R66", "own_access")]


def test_the_database_itself_refuses_a_review_of_ones_own(house: House, sami: AccountId) -> None:
    opened(house, sami)
    change = (
        "UPDATE emergency_access SET reviewed_by = account_id, reviewed_at = opened_at, finding = 'right'"
    )
    with pytest.raises(IntegrityError), house.installation.engine.begin() as connection:
        connection.execute(text(change))


def test_a_worker_or_an_auditor_writes_no_finding(house: House, sami: AccountId) -> None:
    access = opened(house, sami)
    house.clock.forward(LASTS)
    for account in (house.cast.karim, house.cast.noor):
        found = reviews(house, account, access, Finding.RIGHT)
        assert isinstance(found, Refused)
        assert codes(found) == [("R66", "not_an_approver")]


def test_an_approver_with_a_conflict_of_interest_does_not_look_at_it(house: House, sami: AccountId) -> None:
    access = opened(house, sami)
    house.clock.forward(LASTS)
    new = NewConflict(account=house.cast.priya, case=house.cast.case, person=None, kind=ConflictKind.KIN)
    with house.work(house.cast.priya) as work:
        declare_conflict(work, new)
    with house.reading(house.cast.priya) as work:
        assert to_review(work) == emergency_accesses_for(work) == []
    with pytest.raises(NotFound):
        reviews(house, house.cast.priya, access, Finding.RIGHT)


def test_a_worker_sees_who_opened_their_own_cases_and_no_other_does(house: House, sami: AccountId) -> None:
    access = opened(house, sami)
    tove = somebody(house, "tove", Role.WORKER)
    seen = {}
    for account in (house.cast.karim, sami, house.cast.priya, house.cast.noor, tove):
        with house.reading(account) as work:
            seen[account] = [one.id for one in emergency_accesses_for(work)]
    assert seen.pop(tove) == []
    assert list(seen.values()) == [[access]] * 4


def test_when_the_evidence_cannot_be_written_nothing_is_open(house: House, sami: AccountId) -> None:
    with house.installation.engine.begin() as connection:
        connection.execute(text("ALTER TABLE audit_entry RENAME TO mislaid"))
    with pytest.raises(DBAPIError):
        opens(house, sami)
    with house.reading(sami) as work:
        assert cases_of(work) == []
        assert open_now(work) == []
    assert told(house) == []


def test_a_child_who_was_forgotten_takes_the_words_along(house: House, sami: AccountId) -> None:
    opened(house, sami)
    with house.work(house.cast.karim) as work:
        forget(work, house.cast.mia)
    with house.reading(house.cast.priya) as work:
        [left] = emergency_accesses_for(work)
    assert left.words == ""


def test_a_case_that_came_onto_the_caseload_meanwhile_is_read_without_a_mark(
    house: House, sami: AccountId
) -> None:
    opened(house, sami)
    with house.work(house.cast.karim) as work:
        put_on_caseload(work, house.cast.case, sami)
    reads(house, sami, "child")
    assert marks(house) == [None]
