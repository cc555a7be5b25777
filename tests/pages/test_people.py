"""What is known of people, on the pages of those who work with it; everybody else is told whom to ask."""

import re
from dataclasses import replace

import pytest

from contact_service.demo.brother import Brother
from contact_service.ids import PersonId
from contact_service.people.actions.members import add_person, change_details
from contact_service.people.channel import ChannelKind, NewChannel, SafeUse
from contact_service.people.person import Details, MemberRole, Need, Relation
from contact_service.people.queries.approved import approved_for
from contact_service.people.queries.channels import channels_of
from contact_service.people.queries.members import details_of, kept_as, member
from tests.cast import House
from tests.pages.conftest import Browser, SignIn

DETAILS = {
    "name": "Rosa Marlowe",
    "known_as": "Nana",
    "preferred": "Mrs Marlowe",
    "pronouns": "she/her",
    "born_on": "1961-11-11",
    "language": ["Polish", "bfi", ""],
    "mode": ["spoken", "signed", "spoken"],
    "fluency": ["native", "some", "good"],
    "needs": ["reading", "hearing"],
    "support": "Large print.",
    "aliases": "Rosa Nowak\n\n R. Nowak ",
}


def at(house: House, person: PersonId, act: str = "") -> str:
    return f"/w/child/{house.cast.mia}/person/{person}{act}"


def send(one: Browser, path: str, **form: object) -> tuple[int, str]:
    answer = one.post(path, {"csrf": one.csrf()} | form)
    return answer.status_code, answer.text


def entries(house: House) -> int:
    return len(house.history())


# ---- what is known of a person


def test_a_worker_puts_right_what_is_known_and_reads_it_again(house: House, signed_in: SignIn) -> None:
    karim = signed_in("karim")
    assert send(karim, at(house, house.cast.rosa, "/details"), **DETAILS)[0] == 303
    with house.reading(house.cast.karim) as work:
        kept = details_of(work, house.cast.rosa)
    assert (kept.known_as, kept.needs) == ("Nana", (Need.HEARING, Need.READING))
    assert [(one.tag, one.mode, one.level) for one in kept.languages] == [
        ("pl", "spoken", "native"),
        ("bfi", "signed", "some"),
    ]
    page = karim.get(at(house, house.cast.rosa)).text
    for said in (
        "Polish: Mother tongue",
        "British Sign Language, signed: Some",
        "11 November 1961",
        "R. Nowak",
    ):
        assert said in page, said
    form = karim.get(at(house, house.cast.rosa, "/details")).text
    assert 'value="British Sign Language"' in form


@pytest.mark.parametrize(
    ("field", "form"),
    [
        ("name", {"name": " "}),
        ("name", {"known_as": "x" * 201}),
        ("born_on", {"born_on": "2030-05-15"}),
        ("language-2", {"language": ["Polish", "Elvish of the woods", ""]}),
        ("fluency-1", {"fluency": ["perfect", "some", "good"]}),
        ("fluency-2", {"mode": ["spoken"]}),
        ("needs", {"needs": ["money"]}),
        ("aliases", {"aliases": "\n".join("abcdefghijklmnopqrstu")}),
    ],
)
def test_details_that_cannot_be_are_said_at_their_field_and_change_nothing(
    house: House, signed_in: SignIn, field: str, form: dict[str, object]
) -> None:
    karim, before = signed_in("karim"), entries(house)
    status, text = send(karim, at(house, house.cast.rosa, "/details"), **(DETAILS | form))
    assert status == 422
    assert f'href="#{field}"' in text
    assert f'id="{field}"' in text
    assert "Large print." in text
    assert entries(house) == before


def test_what_is_known_is_for_workers_and_approvers_alone(house: House, signed_in: SignIn) -> None:
    for name, status in (("priya", 200), ("noor", 403), ("lena", 403), ("ola", 403)):
        one = signed_in(name)
        assert one.get(at(house, house.cast.rosa)).status_code == status, name
        assert one.get(f"/w/child/{house.cast.mia}/people").status_code == status, name
    auditor = signed_in("noor").get(f"/w/child/{house.cast.mia}").text
    assert "Rosa Marlowe" in auditor
    assert "/person/" not in auditor


def test_somebody_of_another_case_is_not_there(house: House, signed_in: SignIn) -> None:
    assert signed_in("karim").get(at(house, PersonId("0" * 32))).status_code == 404


# ---- one more person, and what they are to the child


def test_somebody_is_added_with_what_they_are_to_the_child(house: House, signed_in: SignIn) -> None:
    karim = signed_in("karim")
    new = DETAILS | {"name": "Nadia Ferrer", "known_as": "Nadia", "role": "family_member"}
    answer = karim.post(
        f"/w/child/{house.cast.mia}/people",
        new | {"csrf": karim.csrf(), "relation": "kin", "word": "aunt"},
    )
    assert answer.status_code == 303
    person = PersonId(answer.headers["location"].rpartition("/")[2])
    with house.reading(house.cast.karim) as work:
        found = member(work, person, child=house.cast.mia)
    assert (found.relation, found.relation_word) == (Relation.KIN, "aunt")
    assert "Not approved" in karim.get(f"/w/child/{house.cast.mia}/people").text


@pytest.mark.parametrize(
    ("field", "form"),
    [
        ("role", {"role": "friend"}),
        ("relation", {"relation": "cousin"}),
        ("relation", {"relation": "self"}),
        ("word", {"word": " "}),
        ("name", {"name": ""}),
    ],
)
def test_nobody_is_added_by_a_form_that_is_not_right(
    house: House, signed_in: SignIn, field: str, form: dict[str, object]
) -> None:
    karim, before = signed_in("karim"), entries(house)
    new = DETAILS | {"role": "family_member", "relation": "kin", "word": "aunt"} | form
    status, text = send(karim, f"/w/child/{house.cast.mia}/people", **new)
    assert status == 422
    assert f'href="#{field}"' in text
    assert entries(house) == before


def test_a_brother_with_a_case_of_his_own_becomes_family_here(
    house: House, brother: Brother, signed_in: SignIn
) -> None:
    """Karim works both cases; of Jonas, Finn's case knows nothing yet."""
    karim, page = signed_in("karim"), f"/w/child/{brother.finn}/people"
    assert "Jonas Marlowe (case of Jonas, Mia)" in karim.get(page).text
    status, _ = send(
        karim, f"{page}/known", known=house.cast.jonas, known_relation="half_sibling", known_word="brother"
    )
    assert status == 303
    with house.work(house.cast.karim) as work:
        known = details_of(work, house.cast.jonas)
        change_details(work, house.cast.jonas, replace(known, support="Counts to ten first."))
    text = karim.get(f"/w/child/{brother.finn}/person/{house.cast.jonas}").text
    assert "A child of another case." in text
    assert "Counts to ten first." not in text
    assert "Counts to ten first." in karim.get(at(house, house.cast.jonas)).text
    assert "Change what we know" not in text
    assert "How to reach them" not in text
    assert "How to reach them" in karim.get(at(house, house.cast.jonas)).text


@pytest.mark.slow
@pytest.mark.parametrize(
    ("field", "form"),
    [
        ("known", {"known": "0" * 32}),
        ("known_relation", {"known_relation": "cousin"}),
        ("known_word", {"known_word": " "}),
    ],
)
def test_nobody_is_brought_in_by_a_form_that_is_not_right(
    house: House, brother: Brother, signed_in: SignIn, field: str, form: dict[str, object]
) -> None:
    karim = signed_in("karim")
    typed: dict[str, object] = {
        "known": house.cast.jonas,
        "known_relation": "half_sibling",
        "known_word": "brother",
    }
    before = house.snapshot()
    status, text = send(karim, f"/w/child/{brother.finn}/people/known", **(typed | form))
    assert status == 422
    assert f'href="#{field}"' in text
    assert house.snapshot() == before


@pytest.mark.slow
def test_a_worker_is_offered_nobody_whose_case_is_not_theirs(
    house: House, brother: Brother, signed_in: SignIn
) -> None:
    text = signed_in("sade").get(f"/w/child/{brother.finn}/people").text
    assert "Add somebody of another case" not in text
    assert "Jonas" not in text
    assert signed_in("sade").get(f"/w/child/{house.cast.mia}/people").status_code == 404


def test_a_relationship_is_said_anew_and_an_unknown_one_is_refused(house: House, signed_in: SignIn) -> None:
    karim, there = signed_in("karim"), at(house, house.cast.viktor, "/relation")
    assert send(karim, there, relation="kin", word="uncle")[0] == 303
    before = entries(house)
    status, text = send(karim, there, relation="enemy", word="uncle")
    assert (status, entries(house)) == (422, before)
    assert "Choose what they are to the child." in text
    assert "uncle" in karim.get(at(house, house.cast.viktor)).text


def test_nobody_is_related_to_themselves(house: House, signed_in: SignIn) -> None:
    before = entries(house)
    status, _ = send(
        signed_in("karim"), at(house, house.cast.mia, "/relation"), relation="sibling", word="sister"
    )
    assert (status, entries(house)) == (422, before)


def test_a_restriction_on_oneself_is_refused(house: House, signed_in: SignIn) -> None:
    before = entries(house)
    for form in (
        {"kind": "no_contact", "restricted": house.cast.mia},
        {"kind": "apart", "restricted": house.cast.rosa, "other": house.cast.rosa},
    ):
        status, text = send(
            signed_in("karim"), f"/w/child/{house.cast.mia}/restriction", source="police", **form
        )
        assert status == 422
        assert "Choose two different people." in text
    assert entries(house) == before


# ---- whom the child may meet


def test_an_approver_approves_and_a_worker_may_end_it(
    house: House, signed_in: SignIn, double: PersonId
) -> None:
    karim, priya, there = signed_in("karim"), signed_in("priya"), at(house, double)
    assert send(karim, f"{there}/approve")[0] == 403
    assert send(signed_in("noor"), f"{there}/end-approval")[0] == 403
    assert "An approver decides here" in karim.get(there).text
    assert send(priya, f"{there}/approve")[0] == 303
    with house.reading(house.cast.karim) as work:
        assert double in approved_for(work, house.cast.mia)
    assert send(karim, f"{there}/end-approval")[0] == 303
    with house.reading(house.cast.karim) as work:
        assert double not in approved_for(work, house.cast.mia)
    assert "An approval ended on 14 May 2030." in karim.get(there).text


def test_nobody_is_approved_past_a_restriction(house: House, signed_in: SignIn) -> None:
    priya, there, before = signed_in("priya"), at(house, house.cast.viktor), entries(house)
    page = priya.get(there).text
    assert "No contact. Nobody can book this, approved or not." in page
    assert "/approve" not in page
    status, text = send(priya, f"{there}/approve")
    assert (status, entries(house)) == (422, before)
    assert "The restriction is lifted first, by two people." in text
    assert 'href="#meeting"' in text


def test_approving_a_plan_approves_whom_it_names(house: House) -> None:
    with house.reading(house.cast.karim) as work:
        everybody = {house.cast.dana, house.cast.emil, house.cast.rosa, house.cast.jonas}
        assert approved_for(work, house.cast.mia) == everybody


# ---- how people are reached


def channel(house: House, person: PersonId, kind: ChannelKind = ChannelKind.PHONE) -> str:
    with house.reading(house.cast.karim) as work:
        return next(c.id for c in channels_of(work, person) if c.kind is kind)


def test_a_number_is_added_with_when_it_is_safe(house: House, signed_in: SignIn) -> None:
    karim = signed_in("karim")
    new = {"kind": "phone", "value": "07700 900123", "use": "between", "earliest": "09:00", "latest": "12:30"}
    more = {"say": "It is about the library books.", "confirmed": "yes"}
    assert send(karim, at(house, house.cast.rosa, "/channel"), **new, **more)[0] == 303
    page = karim.get(at(house, house.cast.rosa)).text
    assert "It is about the library books." in page
    assert "Safe only from 09:00 to 12:30" in page
    assert "Checked by Karim Aziz on 14 May 2030" in page


@pytest.mark.parametrize(
    ("field", "form"),
    [
        ("kind", {"kind": "pigeon"}),
        ("value", {"value": "12"}),
        ("value", {"value": "01632 960103"}),  # Rosa's own
        ("use", {"use": ""}),
        ("say", {"say": "x" * 201}),
        ("earliest", {"use": "between", "earliest": "9", "latest": "12:00"}),
        ("latest", {"use": "between", "earliest": "12:00", "latest": "12:00"}),
    ],
)
def test_a_channel_that_is_none_is_said_at_its_field_and_not_kept(
    house: House, signed_in: SignIn, field: str, form: dict[str, object]
) -> None:
    karim, before = signed_in("karim"), entries(house)
    new = {"kind": "phone", "value": "07700 900123", "use": "always"} | form
    status, text = send(karim, at(house, house.cast.rosa, "/channel"), **new)
    assert status == 422
    assert f'href="#{field}"' in text
    assert entries(house) == before


def test_an_equal_number_is_a_warning_with_what_to_do_next(house: House, signed_in: SignIn) -> None:
    karim = signed_in("karim")
    new = {"kind": "phone", "value": "+44 1632 960101", "use": "call_only"}
    assert send(karim, at(house, house.cast.rosa, "/channel"), **new)[0] == 303
    page = karim.get(at(house, house.cast.rosa)).text
    assert re.search(rf'href="{at(house, house.cast.dana)}"><bdi>Dana Marlowe</bdi></a>\s+has the same', page)
    assert "If it is one person entered twice" in page


def test_when_a_number_is_safe_is_said_anew_and_it_is_ended(house: House, signed_in: SignIn) -> None:
    karim, found = signed_in("karim"), channel(house, house.cast.emil)
    there = at(house, house.cast.emil, f"/channel/{found}")
    assert karim.get(there).status_code == 200
    assert send(karim, there, use="between", earliest="12:00", latest="09:00")[0] == 422
    assert send(karim, there, use="never")[0] == 303
    with house.reading(house.cast.karim) as work:
        [phone] = [c for c in channels_of(work, house.cast.emil) if c.kind is ChannelKind.PHONE]
    assert (phone.rule.use, phone.confirmed_by) == (SafeUse.NEVER, None)
    assert "Not safe: do not use it" in karim.get(at(house, house.cast.emil)).text
    assert send(karim, f"{there}/end")[0] == 303
    assert send(karim, f"{there}/end")[0] == 404
    assert send(signed_in("noor"), f"{there}/end")[0] == 403


# ---- two records of one person


@pytest.fixture
def double(house: House) -> PersonId:
    """Dana, entered a second time with the same number."""
    with house.work(house.cast.karim) as work:
        new = NewChannel(kind=ChannelKind.PHONE, value="01632 960101")
        details = Details(name="D. Marlowe", known_as="Dana")
        return add_person(work, house.cast.case, details, MemberRole.FAMILY_MEMBER, [new])


def test_one_says_that_two_records_are_one_person_and_another_agrees(
    house: House, signed_in: SignIn, double: PersonId
) -> None:
    karim, priya = signed_in("karim"), signed_in("priya")
    assert send(karim, at(house, house.cast.dana, "/merge"), other=double, keep="this")[0] == 303
    assert "Somebody else must decide." in karim.get(at(house, house.cast.dana)).text
    page = priya.get("/w/approvals").text
    assert "Are Dana Marlowe and D. Marlowe one person?" in page
    there = re.search(r"/w/merge/[0-9a-f]{32}", page)
    assert there
    assert send(karim, f"{there[0]}/agree")[0] == 403
    assert send(priya, f"{there[0]}/agree")[0] == 303
    with house.reading(house.cast.karim) as work:
        assert kept_as(work, double) == house.cast.dana
    assert send(priya, f"{there[0]}/decline")[0] == 409


def test_whoever_said_it_does_not_decide_it(house: House, signed_in: SignIn, double: PersonId) -> None:
    priya = signed_in("priya")
    assert send(priya, at(house, house.cast.dana, "/merge"), other=double, keep="other")[0] == 303
    page = priya.get("/w/approvals").text
    assert "You said this. Somebody else must decide." in page
    there = re.search(r'merge-([0-9a-f]{32})"', page)
    assert there
    assert send(priya, f"/w/merge/{there[1]}/agree")[0] == 403


def test_two_people_stay_two_and_the_approver_reads_why(house: House, signed_in: SignIn) -> None:
    karim, priya = signed_in("karim"), signed_in("priya")
    assert send(karim, at(house, house.cast.dana, "/merge"), other=house.cast.rosa, keep="this")[0] == 303
    there = re.search(r"/w/merge/[0-9a-f]{32}", priya.get("/w/approvals").text)
    assert there
    status, text = send(priya, f"{there[0]}/agree")
    assert status == 422
    assert "These are two people, or one entry is wrong." in text
    with house.reading(house.cast.karim) as work:
        assert kept_as(work, house.cast.rosa) == house.cast.rosa
    assert send(priya, f"{there[0]}/decline")[0] == 303
    assert "Nothing is waiting for a decision." in priya.get("/w/approvals").text


@pytest.mark.parametrize("form", [{"other": ""}, {"other": "0" * 32}, {"keep": "both"}, {"keep": ""}])
def test_no_merge_of_nobody(house: House, signed_in: SignIn, double: PersonId, form: dict[str, str]) -> None:
    before = entries(house)
    posted = {"other": double, "keep": "this"} | form
    status, _ = send(signed_in("karim"), at(house, house.cast.dana, "/merge"), **posted)
    assert (status, entries(house)) == (422, before)


# ---- what staff speak


def test_staff_write_down_their_own_languages_and_a_manager_those_of_others(
    house: House, signed_in: SignIn
) -> None:
    lena, priya = signed_in("lena"), signed_in("priya")
    form = {"language": ["Polish", "en-GB"], "mode": ["spoken", "spoken"], "fluency": ["native", "good"]}
    assert send(lena, f"/w/languages/{house.cast.lena}", **form)[0] == 303
    assert send(lena, f"/w/languages/{house.cast.karim}", **form)[0] == 403
    assert send(priya, f"/w/languages/{house.cast.karim}", **form)[0] == 303
    page = lena.get("/w/languages").text
    assert page.count("Polish: Mother tongue") == 2
    assert "British English: Good" in page
    status, text = send(lena, f"/w/languages/{house.cast.lena}", **(form | {"language": ["?", "en"]}))
    assert status == 422
    assert 'href="#language-1"' in text
