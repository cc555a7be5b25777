"""Court orders, hours without visits, what a plan rests on, and when it is looked at again."""

import re
from datetime import date, timedelta

import pytest

from contact_service.ids import OrderId
from contact_service.plans.order import OrderStatus
from contact_service.plans.plan import PlanBasis, ReviewMark, review_mark
from contact_service.plans.queries import order_versions, orders_of, plans_to_review, quiet_hours_of
from tests.actions.test_plans_and_orders import approved, in_force, recorded, terms
from tests.cast import House
from tests.pages.conftest import SignIn
from tests.pages.test_people import entries, send
from tests.pages.test_plan_and_restrictions import propose

pytestmark = pytest.mark.slow

ORDER = {
    "about": "contact",
    "court": "Family Court",
    "reference": "ZW30C00001",
    "decided_on": "2030-05-01",
    "status": "in_force",
    "says": "Dana shall see Mia every week.",
}


def orders(house: House) -> str:
    return f"/w/child/{house.cast.mia}/orders"


def order_page(house: House, order: OrderId) -> str:
    return f"/w/child/{house.cast.mia}/order/{order}"


# ---- orders


def test_an_order_is_recorded_and_seen_on_the_childs_page(house: House, signed_in: SignIn) -> None:
    karim = signed_in("karim")
    answer = karim.post(orders(house), ORDER | {"csrf": karim.csrf()})
    assert answer.status_code == 303
    page = karim.get(answer.headers["location"]).text
    for said in (
        "Contact is ordered",
        "ZW30C00001",
        "1 May 2030",
        "In force",
        "Dana shall see Mia every week.",
    ):
        assert said in page, said
    assert "Family Court, ZW30C00001" in signed_in("noor").get(f"/w/child/{house.cast.mia}").text
    with house.reading(house.cast.karim) as work:
        [kept] = orders_of(work, house.cast.mia)
    assert kept.starts_on == date(2030, 5, 1)


@pytest.mark.parametrize(
    ("field", "form"),
    [
        ("about", {"about": "weather"}),
        ("status", {"status": ""}),
        ("decided_on", {"decided_on": ""}),
        ("decided_on", {"decided_on": "2018-03-13"}),  # the day before Mia was born
        ("decided_on", {"decided_on": "2030-05-15"}),  # tomorrow
        ("starts_on", {"starts_on": "then"}),
        ("ends_on", {"ends_on": "2030-04-30"}),
        ("court", {"court": " "}),
        ("reference", {"reference": ""}),
    ],
)
def test_an_order_that_cannot_be_is_said_at_its_field_and_not_kept(
    house: House, signed_in: SignIn, field: str, form: dict[str, object]
) -> None:
    karim, before = signed_in("karim"), entries(house)
    status, text = send(karim, orders(house), **(ORDER | form))
    assert status == 422
    assert f'href="#{field}"' in text
    assert "Dana shall see Mia every week." in text
    assert entries(house) == before


def test_only_whoever_works_the_case_records_orders(house: House, signed_in: SignIn) -> None:
    order, before = recorded(house), entries(house)
    for name in ("noor", "lena", "ola"):
        one = signed_in(name)
        for there in (orders(house), order_page(house, order)):
            assert send(one, there, **ORDER)[0] == 403, name
        assert send(one, f"{order_page(house, order)}/discharge", discharged_on="2030-05-02")[0] == 403
    assert entries(house) == before
    assert "<form" not in signed_in("noor").get(order_page(house, order)).text.partition('id="main"')[2]


def test_an_order_is_followed_by_its_next_version_and_then_discharged(
    house: House, signed_in: SignIn
) -> None:
    karim, order = signed_in("karim"), recorded(house)
    there = order_page(house, order)
    assert 'value="ZW30C00001"' in karim.get(there).text
    varied = ORDER | {"status": "varied", "decided_on": "2030-05-10", "says": "Every second week."}
    assert send(karim, there, **varied)[0] == 303
    page = karim.get(there).text
    assert "Version 2" in page
    assert "Earlier versions" in page
    for wrong in ("2030-05-09", "", "2030-05-20"):
        before = entries(house)
        status, text = send(karim, f"{there}/discharge", discharged_on=wrong)
        assert (status, entries(house)) == (422, before), wrong
        assert 'href="#discharged_on"' in text
    assert send(karim, f"{there}/discharge", discharged_on="2030-05-14")[0] == 303
    assert send(karim, f"{there}/discharge", discharged_on="2030-05-14")[0] == 409
    assert "The court has varied it" not in karim.get(there).text
    with house.reading(house.cast.karim) as work:
        assert [v.status for v in order_versions(work, order)] == [
            OrderStatus.DISCHARGED,
            OrderStatus.VARIED,
            OrderStatus.IN_FORCE,
        ]


def test_an_order_of_another_child_is_not_there(house: House, signed_in: SignIn) -> None:
    order = recorded(house)
    there = f"/w/child/{house.cast.jonas}/order/{order}"
    assert signed_in("karim").get(there).status_code == 404
    assert send(signed_in("karim"), there, **ORDER)[0] == 404


def test_an_order_that_forbids_contact_says_that_the_restriction_is_another_step(
    house: House, signed_in: SignIn
) -> None:
    karim = signed_in("karim")
    answer = karim.post(orders(house), ORDER | {"about": "no_contact", "csrf": karim.csrf()})
    page = karim.get(answer.headers["location"]).text
    assert "the order alone stops no visit" in page
    assert f"/w/child/{house.cast.mia}#restrictions" in page


# ---- what a plan rests on


def test_a_plan_shows_its_basis_and_the_order_it_rests_on(house: House, signed_in: SignIn) -> None:
    karim, priya, order = signed_in("karim"), signed_in("priya"), recorded(house)
    assert propose(karim, house, order=order, basis="authority_plan")[0] == 303
    decision = priya.get("/w/approvals").text
    assert "What the plan rests on" in decision
    assert "The authority’s plan; the order of Family Court" in decision
    page = karim.get(f"/w/child/{house.cast.mia}/plan").text
    assert "It rests on: An agreement." in page  # the version in force
    assert "Rests on the order of Family Court" in page  # the proposed one


def test_a_plan_keeps_its_basis_unless_another_is_chosen(house: House, signed_in: SignIn) -> None:
    karim = signed_in("karim")
    approved(house, terms(house))
    propose(karim, house, basis="authority_plan")
    propose(karim, house, minutes="35")
    assert karim.get(f"/w/child/{house.cast.mia}/plan").text.count("The authority’s plan") >= 2
    status, text = propose(karim, house, basis="court_order")
    assert status == 422
    assert 'href="#basis"' in text
    assert in_force(house).basis is PlanBasis.AGREEMENT


# ---- when a plan is looked at again


@pytest.mark.parametrize(
    ("days", "mark"),
    [
        (15, ReviewMark.AHEAD),
        (14, ReviewMark.NEAR),
        (0, ReviewMark.NEAR),
        (-1, ReviewMark.PAST),
    ],
)
def test_a_review_is_near_for_a_fortnight_and_past_the_day_after(days: int, mark: ReviewMark) -> None:
    today = date(2030, 5, 14)
    assert review_mark(today + timedelta(days=days), today) is mark


@pytest.mark.parametrize(
    ("days_before", "said", "shown"),
    [
        (15, "", ""),
        (14, "contact plan is to be looked at again by 2 August 2030.", "Review due soon"),
        (0, "contact plan is to be looked at again by 2 August 2030.", "Review due soon"),
        (-1, "contact plan is overdue since 2 August 2030.", "Review overdue"),
    ],
)
def test_a_review_that_is_near_or_past_stands_on_today_and_on_the_childs_page(
    house: House, signed_in: SignIn, days_before: int, said: str, shown: str
) -> None:
    review_on = in_force(house).review_on
    house.clock.at = house.clock.at.replace(year=review_on.year, month=review_on.month, day=review_on.day)
    house.clock.at -= timedelta(days=days_before)
    karim = signed_in("karim")
    today, child = karim.get("/w/today").text, karim.get(f"/w/child/{house.cast.mia}").text
    if not said:
        assert "looked at again" not in today
        assert "Review due" not in child
        return
    assert today.count(said) == 2  # Mia's and Jonas's
    assert f'href="/w/child/{house.cast.mia}/plan"' in today
    assert shown in child
    assert shown in karim.get(f"/w/child/{house.cast.mia}/plan").text
    assert said not in signed_in("priya").get("/w/today").text


def test_only_the_version_in_force_is_to_be_reviewed(house: House) -> None:
    first = in_force(house)
    house.clock.forward(timedelta(days=10))
    with house.reading(house.cast.karim) as work:
        assert [p.id for p in plans_to_review(work, until=first.review_on) if p.child == house.cast.mia] == [
            first.id
        ]
    approved(house, terms(house))
    with house.reading(house.cast.karim) as work:
        due = plans_to_review(work, until=first.review_on)
        assert [p.version for p in due if p.child == house.cast.mia] in ([], [2])
    with house.reading(house.cast.lena) as work:
        assert plans_to_review(work, until=date(2031, 1, 1)) == []


def test_a_review_that_changes_nothing_is_held_by_two(house: House, signed_in: SignIn) -> None:
    karim, priya, before = signed_in("karim"), signed_in("priya"), in_force(house)
    there = f"/w/child/{house.cast.mia}/plan/review"
    assert send(karim, there, again_on="2030-08-10")[0] == 303
    decision = priya.get("/w/approvals").text
    assert "Nothing changes but the day of the next review." in decision
    found = re.search(r"/w/plan/[0-9a-f]{32}/approve", decision)
    assert found
    assert send(priya, found[0])[0] == 303
    after = in_force(house)
    assert (after.people, after.basis, after.review_on) == (before.people, before.basis, date(2030, 8, 10))


@pytest.mark.parametrize(
    ("again_on", "status"), [("", 422), ("soon", 422), ("2030-05-13", 409), ("2031-01-01", 409)]
)
def test_a_next_review_that_cannot_be_is_said_and_keeps_what_was_typed(
    house: House, signed_in: SignIn, again_on: str, status: int
) -> None:
    karim = signed_in("karim")
    answer, text = send(karim, f"/w/child/{house.cast.mia}/plan/review", again_on=again_on)
    assert answer == status
    assert f'value="{again_on}"' in text or not again_on
    assert "R36" in text or status == 422
    assert "waits for an approver" not in text


# ---- hours without visits


QUIET = {"kind": "school", "days": ["monday", "friday"], "earliest": "08:30", "latest": "15:15"}


def test_hours_without_visits_are_kept_and_ended(house: House, signed_in: SignIn) -> None:
    karim, there = signed_in("karim"), f"/w/child/{house.cast.mia}/quiet"
    assert send(karim, there, **QUIET)[0] == 303
    page = karim.get(there).text
    assert "Monday, Friday, 08:30 to 15:15" in page
    assert "The agency has visits:" in page
    with house.reading(house.cast.karim) as work:
        [(quiet, _)] = quiet_hours_of(work, house.cast.mia)
    assert send(signed_in("noor"), f"{there}/{quiet}/end")[0] == 403
    assert send(karim, f"{there}/{quiet}/end")[0] == 303
    assert send(karim, f"{there}/{quiet}/end")[0] == 404
    assert "Monday, Friday" not in karim.get(there).text


@pytest.mark.parametrize(
    ("field", "form"),
    [
        ("kind", {"kind": "play"}),
        ("days", {"days": []}),
        ("days", {"days": ["someday"]}),
        ("earliest", {"earliest": "8.30"}),
        ("latest", {"latest": "08:30"}),
        ("latest", {"latest": "25:00"}),
    ],
)
def test_hours_that_are_none_are_said_at_their_field_and_not_kept(
    house: House, signed_in: SignIn, field: str, form: dict[str, object]
) -> None:
    karim, before = signed_in("karim"), entries(house)
    status, text = send(karim, f"/w/child/{house.cast.mia}/quiet", **(QUIET | form))
    assert status == 422
    assert f'href="#{field}"' in text
    assert entries(house) == before
