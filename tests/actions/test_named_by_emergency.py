"""An emergency access makes nobody the visit supervisor or duty person of a visit, who may learn where the child is."""

from dataclasses import replace
from datetime import timedelta

import pytest

from contact_service.actor import Role
from contact_service.agency_policy.actions import accept_policy
from contact_service.agency_policy.queries import policy_in_force
from contact_service.agency_policy.version import PolicyAct
from contact_service.errors import BadInput
from contact_service.ids import AccountId
from contact_service.invitations.actions import inviting
from contact_service.policy.decision import Refused
from contact_service.visits.actions.handing import hand_over
from contact_service.visits.queries.handing import Staff, could_take_over
from contact_service.visits.visit import Visit
from contact_service.waiting.actions.adding import add_entry
from tests.actions.test_emergency_access import opened, somebody
from tests.cast import House
from tests.rules.wording import codes
from tests.waiting.listed import Listed


def covering(house: House) -> AccountId:
    """A worker who watches visits, too."""
    return somebody(house, "sami", Role.WORKER, Role.VISIT_SUPERVISOR)


def hands(house: House, visit: Visit, by: AccountId, staff: Staff) -> Visit | Refused:
    with house.work(by) as work:
        return hand_over(work, visit.id, staff, before=Staff(supervisor=visit.supervisor, duty=visit.duty))


def test_nobody_hands_a_visit_to_themselves_by_an_emergency_alone(house: House) -> None:
    visit, account = house.waiting(), covering(house)
    opened(house, account)
    own = Staff(supervisor=account, duty=visit.duty), Staff(supervisor=visit.supervisor, duty=account)
    for staff in own:
        found = hands(house, visit, account, staff)
        assert isinstance(found, Refused)
        assert codes(found) == [("R65", "by_emergency_alone")]
    with house.reading(account) as work:
        offered = could_take_over(work, house.visit(visit.id))
    assert account not in {one.id for one in (*offered.supervisors, *offered.duty)}
    other = Staff(supervisor=visit.supervisor, duty=house.cast.karim)
    assert isinstance(hands(house, visit, account, other), Visit)


def test_whoever_had_a_visit_before_keeps_it_in_an_emergency(house: House) -> None:
    account = covering(house)
    visit = house.waiting(supervisor=account)
    opened(house, account)
    other = Staff(supervisor=account, duty=house.cast.karim)
    assert isinstance(hands(house, visit, account, other), Visit)


def test_somebody_whose_case_it_is_hands_it_to_whoever_opened_it(house: House) -> None:
    visit, account = house.waiting(), covering(house)
    opened(house, account)
    staff = Staff(supervisor=account, duty=visit.duty)
    assert isinstance(hands(house, visit, house.cast.karim, staff), Visit)


@pytest.mark.parametrize("named", ["supervisor", "duty"])
def test_nobody_books_or_changes_a_visit_for_themselves_by_an_emergency_alone(
    house: House, named: str
) -> None:
    visit, account = house.approved(), covering(house)
    opened(house, account)
    with house.work(account) as work:
        accept_policy(work, PolicyAct.BOOK, version=policy_in_force(work).version)
    own = house.wish(**{named: account})
    with house.work(account) as work:
        changed = inviting.change(work, visit.id, own)
    later = replace(own, wall_start=own.wall_start + timedelta(days=7))
    with house.work(account) as work:
        booked = inviting.request_visit(work, later)
    for found in (changed, booked):
        assert isinstance(found, Refused)
        assert ("R65", "by_emergency_alone") in codes(found)


@pytest.mark.parametrize("named", ["supervisor", "duty"])
def test_nobody_waits_for_a_visit_of_their_own_by_an_emergency_alone(house: House, named: str) -> None:
    account = covering(house)
    opened(house, account)
    new = Listed(house=house).new(child=house.cast.mia, **{named: account})
    with pytest.raises(BadInput, match="because of an emergency alone"), house.work(account) as work:
        add_entry(work, new, entry_id="e" * 32)
