"""Whose yes counts for what: provisional until identified, the child's own apart, witnessed, unseen, in whose words."""

import threading
from dataclasses import replace
from datetime import timedelta

import pytest

from contact_service import actor
from contact_service.approvals.actions import planning as approvals
from contact_service.audit.events import AuditEvent, ConsentFact, EventType, Subject
from contact_service.consent import actions as consent, queries
from contact_service.consent.consent import (
    AgeBand,
    ConsentKind,
    ConsentState,
    Method,
    Purpose,
    Reader,
    Text,
)
from contact_service.errors import BadInput, Conflict, NotFound
from contact_service.identity import queries as identity
from contact_service.identity.actions import disable_staff
from contact_service.ids import AccountId, InvitationId, PersonId, VisitId
from contact_service.invitations.actions import inviting
from contact_service.people.queries import members
from contact_service.plans.plan import PlanBasis
from contact_service.policy.consenting import Ask
from contact_service.policy.decision import Permitted, Refused
from contact_service.protocol.link import EventKind
from contact_service.service_accounts.actions import NewServiceAccount, add_service_account
from contact_service.service_accounts.scope import Scope
from contact_service.visits.actions import ending, running
from contact_service.visits.queries.deciding import own_consents, questions_for, stays_out
from contact_service.visits.visit import Stage, Visit
from tests.actions.test_plans_and_orders import REVIEW, terms
from tests.actions.test_reissuing import replaced
from tests.cast import SEEN, House

TAKE_PART = Purpose.TAKE_PART


def by_link(house: House, visit: Visit, person: PersonId, **changes: object) -> None:
    """Every answer, as it comes from the device that is bound to the person's newest link."""
    new = consent.NewAnswer(
        person=person,
        purpose=TAKE_PART,
        state=ConsentState.GIVEN,
        version=1,
        method=Method.ON_THE_PAGE,
        visit=visit.id,
        link=house.invitation(visit, person).id,
    )
    with house.as_family(person) as work:
        for purpose in Purpose:
            consent.answer(work, replace(new, purpose=purpose, **changes))  # type: ignore[arg-type]


def stands(house: House, person: PersonId, on: InvitationId | None = None) -> set[ConsentState]:
    with house.reading(house.cast.karim) as work:
        return set(queries.standing_of(work, person, tuple(Purpose), on=on).values())


def dana_waits(house: House, visit: Visit, leg: str = "bb" * 8) -> None:
    """On a new phone, with every answer given on it, before the visit supervisor."""
    phone = house.opens(visit, house.cast.dana)
    by_link(house, visit, house.cast.dana)
    assert isinstance(house.knocks(visit, house.cast.dana, phone), Permitted)
    house.joins(visit, visit.watcher, "aa" * 8)
    house.joins(visit, house.mother_in(visit), leg)


def let_in(house: House, visit: Visit) -> Visit | Refused:
    with house.work(house.cast.lena) as work:
        return running.admit(work, visit.id, house.mother_in(visit).id, SEEN)


@pytest.mark.rule("R31")
def test_a_yes_by_link_counts_on_its_own_device_and_nowhere_else(house: House) -> None:
    visit = house.waiting()
    by_link(house, visit, house.cast.dana)
    assert stands(house, house.cast.dana, house.invitation(visit, house.cast.dana).id) == {ConsentState.GIVEN}
    assert stands(house, house.cast.dana, InvitationId("0" * 32)) == {ConsentState.NEEDED}
    assert stands(house, house.cast.dana) == {ConsentState.NEEDED}


@pytest.mark.rule("R31")
def test_it_becomes_firm_when_the_supervisor_tells_who_holds_the_device(house: House) -> None:
    visit = house.waiting()
    dana_waits(house, visit)
    entries = len(house.history())
    assert not isinstance(let_in(house, visit), Refused)
    assert stands(house, house.cast.dana) == {ConsentState.GIVEN}
    assert house.since(entries)[0] == EventType.CONSENT_CONFIRMED
    confirmed = next(e for e in house.entries() if e.type == EventType.CONSENT_CONFIRMED)
    link = house.invitation(visit, house.cast.dana).id
    assert confirmed.fields["facts"] == {"identity_method": "photo", "invitation": link}
    assert len(confirmed.fields["consent"]) == len(Purpose)


@pytest.mark.rule("R31")
def test_a_device_that_is_never_told_apart_leaves_nothing_that_stands(house: House) -> None:
    visit = house.waiting()
    dana_waits(house, visit)
    house.relay(visit, EventKind.REMOVED, 1, participant=house.mother_in(visit).id)
    assert house.mother_in(house.visit(visit.id)).stage is Stage.REMOVED
    assert stands(house, house.cast.dana) == {ConsentState.NEEDED}
    assert isinstance(let_in(house, visit), Refused)
    assert EventType.CONSENT_CONFIRMED not in house.history()


def asked_again(house: House, visit: Visit) -> Visit:
    """The same visit with new links, its door open once more: the old ones were revoked."""
    with house.work(house.cast.priya) as work:
        inviting.suspend(work, visit.id)
    with house.work(house.cast.karim) as work:
        ending.ask_again(work, visit.id)
    house.clock.at = visit.starts_at - timedelta(minutes=10)
    with house.work(house.cast.priya) as work:
        assert not isinstance(inviting.approve(work, visit.id), Refused)
    with house.as_actor(actor.SCHEDULE) as work:
        running.make_ready(work, visit.id)
        running.open_door(work, visit.id)
    return house.visit(visit.id)


@pytest.mark.rule("R31")
def test_what_was_said_behind_a_revoked_link_counts_for_no_other_device_of_that_visit(house: House) -> None:
    visit = house.waiting()
    dana_waits(house, visit)
    old = house.invitation(visit, house.cast.dana).id
    visit = asked_again(house, visit)
    phone = house.opens(visit, house.cast.dana)
    refused = house.knocks(visit, house.cast.dana, phone)
    assert isinstance(refused, Refused)
    assert [reason.code for reason in refused.reasons] == ["consent_missing"]
    by_link(house, visit, house.cast.dana)
    assert isinstance(house.knocks(visit, house.cast.dana, phone), Permitted)
    house.joins(visit, visit.watcher, "aa" * 8)
    house.joins(visit, house.mother_in(visit), "cc" * 8)
    assert not isinstance(let_in(house, visit), Refused)
    with house.reading(house.cast.karim) as work:
        answers = queries.answers_of(work, house.cast.dana)
    assert {answer.link for answer in answers if answer.provisional} == {old}
    assert len([answer for answer in answers if not answer.provisional]) == len(Purpose)


@pytest.mark.rule("R31")
def test_a_device_that_did_not_knock_confirms_nothing(house: House) -> None:
    visit = house.waiting()
    house.opens(visit, house.cast.dana)
    by_link(house, visit, house.cast.dana)
    house.joins(visit, visit.watcher, "aa" * 8)
    house.joins(visit, house.mother_in(visit), "bb" * 8)
    result = let_in(house, visit)
    assert isinstance(result, Refused)
    assert [reason.code for reason in result.reasons] == ["consent_missing"]
    assert stands(house, house.cast.dana) == {ConsentState.NEEDED}


@pytest.mark.rule("R31")
def test_a_no_by_link_counts_everywhere_at_once(house: House) -> None:
    visit = house.waiting()
    house.consents(house.cast.dana)
    by_link(house, visit, house.cast.dana, state=ConsentState.DECLINED)
    assert stands(house, house.cast.dana) == {ConsentState.DECLINED}


@pytest.mark.rule("R31")
def test_of_what_is_confirmed_only_the_last_word_counts(house: House) -> None:
    visit = house.waiting()
    dana_waits(house, visit)
    with house.as_family(house.cast.dana) as work:
        consent.withdraw_all(work, house.cast.dana, visit=visit.id)
    assert isinstance(let_in(house, visit), Refused)
    by_link(house, visit, house.cast.dana)
    assert not isinstance(let_in(house, visit), Refused)
    with house.reading(house.cast.karim) as work:
        given = [a for a in queries.answers_of(work, house.cast.dana) if a.state is ConsentState.GIVEN]
    assert [a.provisional for a in given] == [False] * len(Purpose) + [True] * len(Purpose)


def assents(house: House, visit: Visit, state: ConsentState, link: InvitationId | None = None) -> None:
    with house.as_family(house.cast.ines) as work:
        consent.answer(
            work,
            consent.NewAnswer(
                person=house.cast.mia,
                purpose=TAKE_PART,
                kind=ConsentKind.ASSENT,
                state=state,
                version=1,
                reader=Reader(band=AgeBand.FROM_9),
                method=Method.ON_THE_PAGE,
                visit=visit.id,
                link=link,
            ),
        )


@pytest.mark.rule("R43")
def test_the_childs_own_word_is_kept_apart_and_counts_for_this_visit(house: House) -> None:
    visit = house.waiting()
    assents(house, visit, ConsentState.DECLINED)
    with house.reading(house.cast.karim) as work:
        assert queries.assent_of(work, house.cast.mia, visit.id) is ConsentState.DECLINED
        assert queries.assent_of(work, house.cast.mia, VisitId("0" * 32)) is ConsentState.NEEDED
        held = queries.newest_answer(work, house.cast.mia, TAKE_PART)
    assert held is not None
    assert (held.state, held.kind) == (ConsentState.GIVEN, ConsentKind.CONSENT)
    assert house.history()[-1] == EventType.ASSENT_DECLINED


@pytest.mark.rule("R43")
def test_a_child_who_said_no_is_not_let_in_until_they_say_yes(house: House) -> None:
    visit = house.waiting()
    house.consents(house.cast.dana, house.cast.ines)
    assents(house, visit, ConsentState.DECLINED)
    for participant in (visit.watcher, house.mother_in(visit), house.child_in(visit)):
        house.joins(visit, participant, participant.id[:16])
    with house.work(house.cast.lena) as work:
        running.admit(work, visit.id, house.mother_in(visit).id, SEEN)
    with house.work(house.cast.lena) as work:
        refused = running.admit(work, visit.id, house.child_in(visit).id, SEEN)
    assert isinstance(refused, Refused)
    assert [reason.code for reason in refused.reasons] == ["child_said_no"]
    assents(house, visit, ConsentState.GIVEN)
    with house.work(house.cast.lena) as work:
        again = running.admit(work, visit.id, house.child_in(visit).id, SEEN)
    assert not isinstance(again, Refused)


def childs_word(house: House, visit: Visit, *, on: InvitationId | None = None) -> ConsentState:
    with house.reading(house.cast.karim) as work:
        return queries.assent_of(work, house.cast.mia, visit.id, on=(on,) if on else ())


@pytest.mark.rule("R31")
def test_a_childs_yes_on_a_wrong_device_ends_with_its_link_and_the_no_before_it_stands(house: House) -> None:
    visit = house.waiting()
    wrong = house.invitation(visit, house.cast.ines).id
    assents(house, visit, ConsentState.GIVEN, wrong)
    assert childs_word(house, visit, on=wrong) is ConsentState.GIVEN
    replaced(house, visit, person=house.cast.ines)
    right = house.invitation(visit, house.cast.ines).id
    assert childs_word(house, visit, on=right) is ConsentState.NEEDED
    assents(house, visit, ConsentState.DECLINED, right)
    assents(house, visit, ConsentState.GIVEN, wrong)
    assert childs_word(house, visit, on=right) is ConsentState.DECLINED
    with house.reading(house.cast.karim) as work:
        assert stays_out(work, house.visit(visit.id).seen_from(house.cast.mia))
    assents(house, visit, ConsentState.GIVEN, right)
    assert childs_word(house, visit, on=right) is ConsentState.GIVEN


@pytest.mark.rule("R31", "R43")
def test_a_childs_yes_is_firm_once_the_holder_of_its_device_is_identified(house: House) -> None:
    visit = house.waiting()
    house.consents(house.cast.dana, house.cast.ines)
    link = house.invitation(visit, house.cast.ines).id
    phone = house.opens(visit, house.cast.ines)
    assents(house, visit, ConsentState.DECLINED, link)
    assents(house, visit, ConsentState.GIVEN, link)
    assert isinstance(house.knocks(visit, house.cast.ines, phone), Permitted)
    for participant in (visit.watcher, house.mother_in(visit), house.child_in(visit)):
        house.joins(visit, participant, participant.id[:16])
    assert childs_word(house, visit) is ConsentState.DECLINED
    for participant in (house.mother_in(visit), house.child_in(visit)):
        with house.work(house.cast.lena) as work:
            done = running.admit(work, visit.id, participant.id, SEEN)
        assert not isinstance(done, Refused)
    assert childs_word(house, visit) is ConsentState.GIVEN


def test_who_listens_but_is_not_seen_is_listed_so_for_the_relay(house: House) -> None:
    visit = house.waiting()
    by_link(house, visit, house.cast.dana, unseen=True)
    listed = {person.participant: person.unseen for room in house.rooms().rooms for person in room.people}
    assert listed[house.mother_in(visit).id] is True
    assert listed[house.child_in(visit).id] is False
    assert listed[visit.watcher.id] is False


def spoken(house: House, witness: AccountId | None) -> None:
    with house.work(house.cast.karim) as work:
        consent.answer(
            work,
            consent.NewAnswer(
                person=house.cast.emil,
                purpose=TAKE_PART,
                state=ConsentState.GIVEN,
                version=1,
                method=Method.SPOKEN,
                witness=witness,
            ),
        )


def test_a_spoken_answer_is_heard_by_two(house: House) -> None:
    for witness in (None, house.cast.karim):
        with pytest.raises(BadInput) as refused:
            spoken(house, witness)
        assert refused.value.field == "witness"
    spoken(house, house.cast.lena)
    with house.reading(house.cast.karim) as work:
        heard = queries.newest_answer(work, house.cast.emil, TAKE_PART)
    assert heard is not None
    assert (heard.method, heard.provisional) == (Method.SPOKEN, False)


def published(house: House, **changes: object) -> None:
    text = Text(purpose=TAKE_PART, version=1, language="pl", words="Zobaczycie sie na ekranie.")
    with house.work(house.cast.karim) as work:
        consent.publish_text(work, replace(text, **changes))  # type: ignore[arg-type]


def test_words_come_in_ones_own_language_and_age_else_older_else_english(house: House) -> None:
    published(house)
    with house.reading(house.cast.karim) as work:
        polish = queries.text_for(work, TAKE_PART, Reader(language="pl", band=AgeBand.FROM_6))
        somali = queries.text_for(work, TAKE_PART, Reader(language="so", band=AgeBand.FROM_6))
        notes = queries.text_for(work, Purpose.NOTES_KEPT, Reader(language="pl", band=AgeBand.FROM_3))
        with pytest.raises(NotFound):
            queries.text_version(work, TAKE_PART, 9, Reader())
    assert (polish.language, polish.band) == ("pl", AgeBand.ADULT)
    assert (somali.language, somali.band) == ("en", AgeBand.FROM_6)
    assert (notes.language, notes.band) == ("en", AgeBand.ADULT)


def test_new_words_in_one_language_make_no_answer_in_another_old(house: House) -> None:
    house.consents(house.cast.dana)
    published(house)
    published(house, version=2)
    assert stands(house, house.cast.dana) == {ConsentState.GIVEN}
    published(house, language="en", version=2, words="New words.")
    assert stands(house, house.cast.dana) == {ConsentState.GIVEN, ConsentState.STALE}


@pytest.mark.parametrize(
    ("changes", "field", "says"),
    [
        ({"version": 2}, "version", "This is not the next version of these words. Load the page again."),
        ({"version": 0}, "version", "This is not the next version of these words. Load the page again."),
        ({"words": " "}, "words", "Write the words, and the language they are in."),
        ({"language": ""}, "words", "Write the words, and the language they are in."),
        ({"language": "e"}, "words", "Write the words, and the language they are in."),
        ({"language": "x" * 36}, "words", "Write the words, and the language they are in."),
    ],
)
def test_words_that_cannot_be_published_are_refused(
    house: House, changes: dict[str, object], field: str, says: str
) -> None:
    with pytest.raises(BadInput) as refused:
        published(house, **changes)
    assert (refused.value.field, str(refused.value)) == (field, says)


@pytest.mark.parametrize("language", ["pl", "x" * 35])
def test_what_is_published_stands_in_the_evidence_by_its_hash(house: House, language: str) -> None:
    with house.work(house.cast.karim) as work:
        text = Text(purpose=TAKE_PART, version=1, language=language, words="Witaj.", band=AgeBand.FROM_9)
        consent.publish_text(work, text)
        [event] = work.events
    assert event.type is EventType.CONSENT_TEXT_PUBLISHED
    assert event.facts == (
        ("purpose", "take_part"),
        ("version", 1),
        ("hash", text.hash),
        ("language", language),
        ("band", "from_9"),
    )
    with house.reading(house.cast.karim) as work:
        assert (
            queries.text_version(work, TAKE_PART, 1, Reader(language=language, band=AgeBand.FROM_9)) == text
        )


def test_who_told_the_device_apart_stands_in_the_evidence(house: House) -> None:
    visit = house.waiting()
    dana_waits(house, visit)
    link = house.invitation(visit, house.cast.dana).id
    let_in(house, visit)
    [entry] = [e for e in house.entries() if e.type == EventType.CONSENT_CONFIRMED]
    facts = entry.fields
    assert facts["visit"] == visit.id
    assert facts["facts"] == {"identity_method": "photo", "invitation": link}
    assert {c["scope"] for c in facts["consent"]} == {p.value for p in Purpose}
    assert {c["basis"] for c in facts["consent"]} == {"on_the_page"}
    assert [s["role"] for s in facts["subjects"]] == ["consenting"]


def test_a_withdrawal_in_a_visit_names_the_visit(house: House) -> None:
    visit = house.live()
    with house.as_family(house.cast.dana) as work:
        consent.withdraw_all(work, house.cast.dana, visit=visit.id)
        assert {event.visit for event in work.events} == {visit.id}
        assert {event.type for event in work.events} == {EventType.CONSENT_WITHDRAWN}


def test_a_child_who_may_be_heard_and_not_seen_is_not_seen(house: House) -> None:
    new = consent.NewAnswer(
        person=house.cast.mia,
        purpose=TAKE_PART,
        kind=ConsentKind.ASSENT,
        state=ConsentState.GIVEN,
        version=1,
        method=Method.ON_THE_PAGE,
        unseen=True,
    )
    with house.reading(house.cast.karim) as work:
        assert not queries.stays_unseen(work, house.cast.mia)
    with house.as_family(house.cast.ines) as work:
        consent.answer(work, new)
    with house.reading(house.cast.karim) as work:
        assert queries.stays_unseen(work, house.cast.mia)
        assert not queries.stays_unseen(work, house.cast.jonas)


def test_what_was_confirmed_or_said_elsewhere_is_not_provisional_here(house: House) -> None:
    visit = house.waiting()
    house.consents(house.cast.dana)  # firm, on no device
    link = house.invitation(visit, house.cast.dana).id
    elsewhere = InvitationId("2" * 32)
    by_link(house, visit, house.cast.dana, link=elsewhere)
    with house.reading(house.cast.karim) as work:
        assert queries.provisional_on(work, house.cast.dana, link) == []
        assert queries.provisional_on(work, house.cast.dana, None) == []
        found = queries.provisional_on(work, house.cast.dana, elsewhere)
    assert {answer.purpose for answer in found} == set(Purpose)


def test_an_answer_to_words_that_do_not_exist_is_refused(house: House) -> None:
    visit = house.waiting()
    with pytest.raises(Conflict):
        by_link(house, visit, house.cast.dana, version=9)


def test_where_the_authoritys_plan_is_the_basis_supervision_and_notes_are_told(house: House) -> None:
    with house.work(house.cast.karim) as work:
        plan = approvals.propose_plan(
            work,
            house.cast.mia,
            with_people=[terms(house)],
            review_on=REVIEW,
            basis=PlanBasis.AUTHORITY_PLAN,
        )
    assert not isinstance(plan, Refused)
    with house.work(house.cast.priya) as work:
        approvals.approve_plan(work, plan)
    with house.work(house.cast.karim) as work:
        consent.withdraw_all(work, house.cast.mia, visit=None)
    visit = house.requested()
    with house.reading(house.cast.karim) as work:
        questions = questions_for(work, visit)
        assert questions[Purpose.BE_SUPERVISED] is Ask.NOTICE
        assert own_consents(work, visit, house.cast.dana, None)[Purpose.NOTES_KEPT] is ConsentState.NEEDED
    link = InvitationId("1" * 32)
    for purpose in (Purpose.BE_SUPERVISED, Purpose.NOTES_KEPT):
        with house.as_family(house.cast.dana) as work:
            new = consent.NewAnswer(
                person=house.cast.dana,
                purpose=purpose,
                kind=ConsentKind.NOTICE,
                state=ConsentState.GIVEN,
                version=1,
                method=Method.ON_THE_PAGE,
                visit=visit.id,
                link=link,
            )
            consent.answer(work, new)
    with house.reading(house.cast.karim) as work:
        own = own_consents(work, visit, house.cast.dana, link)
    assert own[Purpose.BE_SUPERVISED] is own[Purpose.NOTES_KEPT] is ConsentState.GIVEN
    assert own[TAKE_PART] is ConsentState.NEEDED


def test_two_answers_at_the_same_moment_are_two_and_neither_is_lost(house: House) -> None:
    start, failed = threading.Barrier(2), []
    house.consents(house.cast.dana)

    def say(state: ConsentState) -> None:
        start.wait()
        try:
            with house.as_actor(actor.SCHEDULE) as work:
                new = consent.NewAnswer(
                    person=house.cast.dana,
                    purpose=TAKE_PART,
                    state=state,
                    version=1,
                    method=Method.ON_THE_PAGE,
                )
                consent.answer(work, new)
        except Exception as error:  # noqa: BLE001  whatever it is fails the test below
            failed.append(error)

    both = [threading.Thread(target=say, args=(s,)) for s in (ConsentState.GIVEN, ConsentState.WITHDRAWN)]
    for thread in both:
        thread.start()
    for thread in both:
        thread.join()
    assert failed == []
    with house.reading(house.cast.karim) as work:
        answers = [a for a in queries.answers_of(work, house.cast.dana) if a.purpose is TAKE_PART]
    assert len(answers) == 3


def evidence_of(house: House, new: consent.NewAnswer) -> AuditEvent:
    """The line that one answer leaves, as staff enter it."""
    with house.work(house.cast.karim) as work:
        consent.answer(work, new)
        [event] = work.events
    return event


@pytest.mark.parametrize(
    ("changes", "facts"),
    [
        ({}, ()),
        ({"unseen": True}, (("unseen", 1),)),
        (
            {"link": InvitationId("3" * 32)},
            (("invitation", "3" * 32), ("provisional", 1)),
        ),
        ({"link": InvitationId("3" * 32), "state": ConsentState.DECLINED}, (("invitation", "3" * 32),)),
        ({"holder": "person:" + "4" * 32}, (("holder", "person"),)),
        ({"holder": "agency"}, (("holder", "agency"),)),
    ],
)
def test_an_answer_stands_in_the_evidence_as_it_was_given(
    house: House, changes: dict[str, object], facts: tuple[tuple[str, object], ...]
) -> None:
    plain = consent.NewAnswer(
        person=house.cast.dana,
        purpose=TAKE_PART,
        state=ConsentState.GIVEN,
        version=1,
        method=Method.ON_THE_PAGE,
        reason="too_early",
    )
    event = evidence_of(house, replace(plain, **changes))  # type: ignore[arg-type]
    with house.reading(house.cast.karim) as work:
        kept = queries.newest_answer(work, house.cast.dana, TAKE_PART)
        text = queries.text_version(work, TAKE_PART, 1, Reader())
        ref = members.member(work, house.cast.dana).ref
    assert kept is not None
    assert (kept.person, kept.language, kept.at) == (house.cast.dana, "en", house.clock.at)
    assert (kept.visit, kept.link) == (None, changes.get("link"))
    assert event.subjects == (Subject(ref=ref, role="consenting"),)
    assert event.consent == (ConsentFact(ref=kept.id, basis="on_the_page", scope="take_part"),)
    assert event.reason == "too_early"
    words = (("text_version", 1), ("text_hash", text.hash), ("language", "en"), ("band", "adult"))
    assert event.facts == (*words, *facts)


def test_the_witness_of_a_spoken_answer_stands_in_the_evidence(house: House) -> None:
    spoken(house, house.cast.lena)
    with house.reading(house.cast.karim) as work:
        lena = identity.account_for(work, house.cast.lena).ref
        kept = queries.newest_answer(work, house.cast.emil, TAKE_PART)
        assert kept is not None
        assert kept.given_by == work.actor.ref
    assert house.last_entry()["facts"]["witness"] == lena  # type: ignore[index]


def test_a_notice_that_was_read_is_no_consent(house: House) -> None:
    read_it = consent.NewAnswer(
        person=house.cast.dana,
        purpose=Purpose.NOTES_KEPT,
        kind=ConsentKind.NOTICE,
        state=ConsentState.GIVEN,
        version=1,
        method=Method.ON_THE_PAGE,
    )
    assert evidence_of(house, read_it).type is EventType.NOTICE_READ


@pytest.mark.parametrize(
    ("witness", "says"),
    [
        ("nobody", "Name the colleague who heard it with you."),
        ("karim", "Two people hear a spoken answer. Name somebody other than yourself."),
    ],
)
def test_a_spoken_answer_that_one_heard_alone_says_what_is_missing(
    house: House, witness: str, says: str
) -> None:
    with pytest.raises(BadInput) as refused:
        spoken(house, getattr(house.cast, witness, None))
    assert (str(refused.value), refused.value.field) == (says, "witness")


def test_an_answer_to_a_childs_words_is_old_when_those_words_are(house: House) -> None:
    young = Reader(band=AgeBand.FROM_6)
    new = consent.NewAnswer(
        person=house.cast.mia,
        purpose=TAKE_PART,
        kind=ConsentKind.ASSENT,
        state=ConsentState.GIVEN,
        version=1,
        method=Method.ON_THE_PAGE,
        reader=young,
    )
    with house.as_family(house.cast.ines) as work:
        consent.answer(work, new)
    published(house, language="en", version=2, words="For grown-ups.")
    assert newest_for_mia(house) == 1
    published(house, language="en", band=AgeBand.FROM_6, version=2, words="For six.")
    assert newest_for_mia(house) == 2
    with pytest.raises(Conflict) as refused, house.as_family(house.cast.ines) as work:
        consent.answer(work, new)
    assert str(refused.value) == "These words have changed. Please read them again."


def newest_for_mia(house: House) -> int:
    with house.reading(house.cast.karim) as work:
        found = queries.newest_answer(work, house.cast.mia, TAKE_PART, ConsentKind.ASSENT)
    assert found is not None
    return found.newest_version


def test_a_second_listener_is_named_for_a_spoken_answer_alone_and_is_somebody(house: House) -> None:
    answered = consent.NewAnswer(
        person=house.cast.mia,
        purpose=TAKE_PART,
        state=ConsentState.GIVEN,
        version=1,
        method=Method.BY_DECISION_HOLDER,
        holder="agency",
        witness=house.cast.lena,
    )
    with pytest.raises(BadInput) as refused, house.work(house.cast.karim) as work:
        consent.answer(work, answered)
    assert refused.value.field == "witness"
    with pytest.raises(NotFound):
        spoken(house, AccountId("f" * 32))


def test_nobody_hears_a_spoken_answer_whose_account_is_closed_and_no_machine_does(house: House) -> None:
    with house.as_actor(actor.COMMAND_LINE) as work:
        machine = add_service_account(
            work,
            NewServiceAccount(
                name="Caseworks",
                owner=house.cast.karim,
                scopes=frozenset({Scope.PEOPLE_READ}),
                lasts=timedelta(days=1),
            ),
        ).account
        disable_staff(work, house.cast.lena)
    for witness in (machine, house.cast.lena):
        with pytest.raises(NotFound):
            spoken(house, witness)
