"""Where a child lives, and who decides for the child: kept, ended, refused, and hidden from whom it must be."""

import pytest

from contact_service.actor import Role
from contact_service.demo.household import furnish
from contact_service.identity.actions import add_account
from contact_service.jobs.composing import Post
from contact_service.jobs.letters import send_letters
from contact_service.people.queries.placements import placements_of
from contact_service.people.queries.rights import rights_of
from tests.cast import PASSWORD, House
from tests.jobs.conftest import Office, office as office_of_jobs
from tests.pages.conftest import Dana, SignIn
from tests.pages.test_people import entries, send

office = office_of_jobs
WORDS = ("14 Larch Row", "Northmoor", "Hill Primary")


def home(house: House) -> str:
    return f"/w/child/{house.cast.mia}/home"


def move(house: House, **form: object) -> dict[str, object]:
    known = {
        "carer": house.cast.ines,
        "place": "14 Larch Row",
        "area": "Northmoor",
        "school": "Hill Primary",
        "first_on": "2030-01-01",
        "confidential": "yes",
    }
    return known | form


def test_a_move_ends_where_the_child_lived_before(house: House, signed_in: SignIn) -> None:
    karim = signed_in("karim")
    assert send(karim, home(house), **move(house))[0] == 303
    assert send(karim, home(house), **move(house, place="Number two", first_on="2030-05-01"))[0] == 303
    page = karim.get(home(house)).text
    assert "1 January 2030 to 30 April 2030" in page
    assert "from 1 May 2030" in page
    assert "Number two" in page


@pytest.mark.parametrize(
    ("field", "form"),
    [
        ("first_on", {"first_on": ""}),
        ("first_on", {"first_on": "2029-12-01"}),  # shares days with the one that stands
        ("last_on", {"first_on": "2030-06-01", "last_on": "2030-05-01"}),
        ("last_on", {"first_on": "2030-06-01", "last_on": "never"}),
        ("carer", {"first_on": "2030-06-01", "carer": "0" * 32}),
        ("place", {"first_on": "2030-06-01", "carer": "", "place": "", "area": "", "school": ""}),
        ("place", {"first_on": "2030-06-01", "place": "x" * 201}),
    ],
)
def test_a_move_that_cannot_be_is_said_at_its_field_and_changes_nothing(
    house: House, signed_in: SignIn, field: str, form: dict[str, object]
) -> None:
    karim = signed_in("karim")
    send(karim, home(house), **move(house))
    before = entries(house)
    status, text = send(karim, home(house), **move(house, **form))
    assert status == 422
    assert f'href="#{field}"' in text
    assert entries(house) == before
    with house.reading(house.cast.karim) as work:
        assert [p.days.last for p in placements_of(work, house.cast.mia)] == [None]


def test_the_last_day_is_written_down_and_never_before_the_first(house: House, signed_in: SignIn) -> None:
    karim = signed_in("karim")
    send(karim, home(house), **move(house))
    with house.reading(house.cast.karim) as work:
        [found] = placements_of(work, house.cast.mia)
    before = entries(house)
    for wrong in ("2029-12-31", "", "soon"):
        status, text = send(karim, f"{home(house)}/{found.id}/end", last_on=wrong)
        assert (status, entries(house)) == (422, before)
        assert f'href="#last-{found.id}"' in text
    assert send(karim, f"{home(house)}/{found.id}/end", last_on="2030-03-31")[0] == 303
    assert send(karim, f"{home(house)}/{found.id}/end", last_on="2030-04-30")[0] == 404


def test_a_confidential_home_is_read_by_the_childs_own_workers_alone(house: House, signed_in: SignIn) -> None:
    karim = signed_in("karim")
    send(karim, home(house), **move(house))
    send(karim, home(house), **move(house, place="Open Row", confidential="", first_on="2030-05-01"))
    assert all(word in karim.get(home(house)).text for word in WORDS)
    approver = signed_in("priya").get(home(house)).text
    assert "Open Row" in approver
    assert "14 Larch Row" not in approver
    assert "Only the child’s own workers read where." in approver
    for name in ("noor", "lena", "ola"):
        answer = signed_in(name).get(home(house))
        assert answer.status_code in (403, 404), name
        assert not any(word in answer.text for word in WORDS), name


def test_the_role_of_a_worker_without_the_case_is_not_enough(house: House, signed_in: SignIn) -> None:
    send(signed_in("karim"), home(house), **move(house))
    with house.work(house.cast.ola) as work:
        for name, roles in (("una", (Role.WORKER,)), ("max", (Role.WORKER, Role.APPROVER))):
            add_account(work, email=f"{name}@demo.example", name=name, roles=roles, password=PASSWORD)
    assert signed_in("una").get(home(house)).status_code == 404
    both = signed_in("max").get(home(house))
    assert both.status_code == 200
    assert not any(word in both.text for word in WORDS)


def test_no_page_of_the_case_says_where_the_child_lives_to_anybody_else(
    house: House, signed_in: SignIn
) -> None:
    furnish(house.installation, house.cast)
    visit = house.approved()
    child = f"/w/child/{house.cast.mia}"
    pages = [
        *(f"{child}{part}" for part in ("", "/people", "/plan", "/orders", "/deciding", "/quiet", "/home")),
        f"{child}/person/{house.cast.ines}",
        f"{child}/person/{house.cast.mia}",
        f"/w/visit/{visit.id}",
        f"/w/case/{house.cast.case}",
        f"/w/case/{house.cast.case}/history.json",
        "/w/today",
        "/w/approvals",
    ]
    for name in ("priya", "noor", "lena", "ola"):
        one = signed_in(name)
        for page in pages:
            text = one.get(page).text
            told = [word for word in ("Larch Row", "Hill Primary") if word in text]
            assert told == [], (name, page)


def test_neither_links_nor_letters_say_where_the_child_lives(
    house: House, office: tuple[Office, Post], ines: Dana
) -> None:
    furnish(house.installation, house.cast)
    one, _, base = ines
    keeper, post = office
    send_letters(house.installation, post)
    assert keeper.texts()
    pages = ("/", "/consent/1", "/answers", "/check", "/start", "/room", "/withdraw", "/thanks")
    texts = [one.get(base + page).content for page in pages] + keeper.texts()
    assert not any(word.encode() in text for word in (*WORDS, "NM30C00001") for text in texts)


# ---- who decides


def deciding(house: House) -> str:
    return f"/w/child/{house.cast.mia}/deciding"


def right(house: House, **form: object) -> dict[str, object]:
    known = {
        "holder": house.cast.dana,
        "matters": ["contact", "notes"],
        "basis": "parental_responsibility",
        "first_on": "2030-01-01",
        "last_on": "2030-06-30",
    }
    return known | form


def test_a_right_is_kept_and_everybody_who_sees_the_child_reads_it(house: House, signed_in: SignIn) -> None:
    karim = signed_in("karim")
    assert send(karim, deciding(house), **right(house))[0] == 303
    assert (
        send(karim, deciding(house), **right(house, holder="court", first_on="2031-01-01", last_on=""))[0]
        == 303
    )
    page = signed_in("noor").get(deciding(house)).text
    for said in (
        "Whether the child meets somebody; Whether notes are kept",
        "Parental responsibility",
        "1 January 2030 to 30 June 2030",
        "The court",
        "Not yet",
        "Stands",
    ):
        assert said in page, said
    assert "<form" not in page.partition('id="main"')[2]
    assert send(signed_in("noor"), deciding(house), **right(house))[0] == 403


@pytest.mark.parametrize(
    ("field", "form"),
    [
        ("holder", {"holder": ""}),
        ("holder", {"holder": "0" * 32}),
        ("matters", {"matters": []}),
        ("matters", {"matters": ["money"]}),
        ("basis", {"basis": "habit"}),
        ("first_on", {"first_on": "long ago"}),
        ("last_on", {"last_on": "2029-12-31"}),
    ],
)
def test_a_right_that_cannot_be_is_said_at_its_field_and_not_kept(
    house: House, signed_in: SignIn, field: str, form: dict[str, object]
) -> None:
    karim, before = signed_in("karim"), entries(house)
    status, text = send(karim, deciding(house), **right(house, **form))
    assert status == 422
    assert f'href="#{field}"' in text
    assert entries(house) == before


def test_a_child_decides_for_no_child(house: House, signed_in: SignIn) -> None:
    assert send(signed_in("karim"), deciding(house), **right(house, holder=house.cast.jonas))[0] == 422


def test_a_right_ends_on_a_day_that_is_not_before_it_began(house: House, signed_in: SignIn) -> None:
    karim = signed_in("karim")
    send(karim, deciding(house), **right(house, last_on=""))
    with house.reading(house.cast.karim) as work:
        found = next(one for one in rights_of(work, house.cast.mia) if one.holder == house.cast.dana)
    before = entries(house)
    status, text = send(karim, f"{deciding(house)}/{found.id}/end", last_on="2029-12-31")
    assert (status, entries(house)) == (422, before)
    assert "The last day is before the first." in text
    assert 'value="2029-12-31"' in text
    assert send(karim, f"{deciding(house)}/{found.id}/end", last_on="2030-05-01")[0] == 303
    assert "Ended" in karim.get(deciding(house)).text
