"""A version of the policy: written by one, published by another, in force from then on."""

import threading
from datetime import timedelta

import pytest
from sqlalchemy import text

from contact_service import actor
from contact_service.agency_policy import actions, queries
from contact_service.agency_policy.document import Document
from contact_service.agency_policy.reading import PolicyNotValid
from contact_service.agency_policy.version import PolicyAct, PolicyState
from contact_service.audit.events import AGENCY_CASE, EventType
from contact_service.errors import BadInput, Conflict, ContactServiceError, NotAllowed, NotFound
from contact_service.invitations.actions import inviting
from contact_service.policy.decision import Refused
from tests.cast import House

TWO_DAYS = "title: Two days\nlimits: {minimum_notice: 2 days}\n"


def proposed(house: House, policy: str = TWO_DAYS) -> int:
    with house.work(house.cast.priya) as work:
        return actions.propose_policy(work, policy)


def in_force(house: House) -> int:
    with house.reading(house.cast.priya) as work:
        return queries.policy_in_force(work).version


def test_a_proposed_version_changes_nothing_until_a_second_person_publishes_it(house: House) -> None:
    version = proposed(house)
    assert (version, in_force(house)) == (2, 1)
    with house.work(house.cast.ola) as work:
        actions.publish_policy(work, version)
    assert in_force(house) == 2
    with house.reading(house.cast.noor) as work:
        newest = queries.policy_versions(work)[0]
        assert newest.state is PolicyState.PUBLISHED
        assert newest.text == TWO_DAYS
        assert newest.document.limits.minimum_notice == timedelta(days=2)
        assert newest.decided_by != newest.proposed_by
    kinds = [entry.type for entry in house.entries(AGENCY_CASE)]
    assert kinds.count(EventType.POLICY_PROPOSED) == 1
    assert kinds.count(EventType.POLICY_PUBLISHED) == 2


def test_a_booked_visit_keeps_the_version_it_was_approved_under(house: House) -> None:
    before = house.approved()
    version = proposed(house)
    with house.work(house.cast.ola) as work:
        actions.publish_policy(work, version)
    assert house.visit(before.id).policy_version == 1


def test_nobody_publishes_or_declines_what_they_wrote_themselves(house: House) -> None:
    version = proposed(house)
    for decide in (actions.publish_policy, actions.decline_policy):
        with pytest.raises(NotAllowed, match="yourself"), house.work(house.cast.priya) as work:
            decide(work, version)
    assert in_force(house) == 1


def test_the_database_itself_refuses_one_person_for_both_parts(house: House) -> None:
    version = proposed(house)
    statement = (
        "UPDATE agency_policy SET state = 'published', decided_by = proposed_by, decided_at = proposed_at"
        " WHERE version = :v"
    )
    with pytest.raises(Exception, match="two_people"), house.installation.engine.begin() as connection:
        connection.execute(text(statement), {"v": version})


def test_only_whoever_may_decides_and_writes(house: House) -> None:
    with pytest.raises(NotAllowed), house.work(house.cast.karim) as work:
        actions.propose_policy(work, TWO_DAYS)
    version = proposed(house)
    with pytest.raises(NotAllowed), house.work(house.cast.lena) as work:
        actions.publish_policy(work, version)


def test_a_policy_may_give_its_own_approval_to_administrators_alone(house: House) -> None:
    version = proposed(house, "approvals: {roles: {policy: [administrator]}}\n")
    with house.work(house.cast.ola) as work:
        actions.publish_policy(work, version)
        later = actions.propose_policy(work, TWO_DAYS)
    with pytest.raises(NotAllowed), house.work(house.cast.priya) as work:
        actions.publish_policy(work, later)


def test_a_version_written_on_an_older_one_is_not_published(house: House) -> None:
    one, other = proposed(house), proposed(house, "title: Other\n")
    with house.work(house.cast.ola) as work:
        actions.publish_policy(work, one)
    with pytest.raises(Conflict, match="Another policy"), house.work(house.cast.ola) as work:
        actions.publish_policy(work, other)
    assert in_force(house) == one


def test_of_two_versions_published_at_the_same_moment_one_is_in_force(house: House) -> None:
    one, other = proposed(house), proposed(house, "title: Other\n")
    start, outcomes = threading.Barrier(2), []

    def publish(version: int) -> None:
        start.wait()
        try:
            with house.work(house.cast.ola) as work:
                actions.publish_policy(work, version)
        except ContactServiceError:
            outcomes.append("refused")
        else:
            outcomes.append("published")

    threads = [threading.Thread(target=publish, args=(version,)) for version in (one, other)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["published", "refused"]


def test_a_declined_version_is_kept_and_never_in_force(house: House) -> None:
    version = proposed(house)
    with house.work(house.cast.ola) as work:
        actions.decline_policy(work, version)
    assert in_force(house) == 1
    with pytest.raises(Conflict), house.work(house.cast.ola) as work:
        actions.publish_policy(work, version)


def test_a_text_with_faults_changes_nothing(house: House) -> None:
    entries = len(house.entries(AGENCY_CASE))
    with pytest.raises(PolicyNotValid), house.work(house.cast.priya) as work:
        actions.propose_policy(work, "limits: {minimum_notice: soon}")
    with pytest.raises(BadInput, match="Nothing is different"), house.work(house.cast.priya) as work:
        actions.propose_policy(work, "format: 1\n")
    with pytest.raises(NotFound), house.work(house.cast.priya) as work:
        actions.publish_policy(work, 7)
    assert len(house.entries(AGENCY_CASE)) == entries


def test_the_first_policy_comes_from_the_command_line_and_only_once(house: House) -> None:
    with pytest.raises(Conflict), house.as_actor(actor.COMMAND_LINE) as work:
        actions.start_policy(work, Document())
    with pytest.raises(NotAllowed), house.work(house.cast.priya) as work:
        actions.start_policy(work, Document())


@pytest.mark.rule("R30")
def test_a_new_policy_is_read_before_the_next_booking(house: House) -> None:
    version = proposed(house, "title: Renamed\n")
    with house.work(house.cast.ola) as work:
        actions.publish_policy(work, version)
    with house.work(house.cast.karim) as work:
        refused = inviting.request_visit(work, house.wish())
    assert isinstance(refused, Refused)
    assert [(reason.rule, reason.code) for reason in refused.reasons] == [("R30", "policy_not_read")]
    with house.work(house.cast.karim) as work:
        actions.accept_policy(work, PolicyAct.BOOK, version=version)
        actions.accept_policy(work, PolicyAct.BOOK, version=version)
    with house.work(house.cast.karim) as work:
        assert not isinstance(inviting.request_visit(work, house.wish()), Refused)
    assert [entry.type for entry in house.entries(AGENCY_CASE)].count(EventType.POLICY_ACCEPTED) == 3


def test_nobody_accepts_a_version_that_is_not_in_force(house: House) -> None:
    with pytest.raises(Conflict, match="changed"), house.work(house.cast.karim) as work:
        actions.accept_policy(work, PolicyAct.BOOK, version=7)
