"""The table of what each role may do says what the access matrix says, and everybody of the staff reads it."""

import pytest

from contact_service.actor import Role
from contact_service.pages.permissions import PERMISSIONS, Permission
from tests.pages.conftest import SignIn
from tests.pages.test_access_matrix import CAST, rows

WEARS = {
    "karim": Role.WORKER,
    "priya": Role.APPROVER,
    "lena": Role.VISIT_SUPERVISOR,
    "noor": Role.AUDITOR,
}
NO = {"401", "403", "404"}


@pytest.mark.parametrize("one", PERMISSIONS, ids=lambda one: one.route)
def test_the_matrix_lets_in_whom_the_table_names_and_nobody_else(one: Permission) -> None:
    [answers] = [found for method, path, found in rows() if f"{method} {path}" == one.route]
    let_in = {
        WEARS[who] for who, answer in zip(CAST, answers, strict=True) if who in WEARS and answer not in NO
    }
    assert let_in == set(one.roles) - {Role.ADMINISTRATOR}


@pytest.mark.parametrize("one", [p for p in PERMISSIONS if "{" not in p.route and "GET" in p.route])
def test_an_administrator_opens_what_the_table_names_and_no_more(signed_in: SignIn, one: Permission) -> None:
    status = signed_in("ola").get(one.route.removeprefix("GET ")).status_code
    assert (status == 200) is (Role.ADMINISTRATOR in one.roles)


@pytest.mark.parametrize("name", ["karim", "priya", "lena", "noor", "ola"])
def test_everybody_of_the_staff_reads_it(signed_in: SignIn, name: str) -> None:
    page = signed_in(name).get("/w/permissions")
    assert page.status_code == 200
    assert "Take away the sign-in of a colleague" in page.text
