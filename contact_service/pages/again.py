"""Acts for which the reader gives their own password again.

It is checked between two transactions: in the first the try is counted, in the second the act is done, and nobody
waits to write in between.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated

from fastapi import Body, Depends, Form, Header, Request
from pydantic import Field

from contact_service.errors import BadInput
from contact_service.factors.actions.proving import prove_with_password_alone
from contact_service.identity import actions as identity
from contact_service.identity.account import Account
from contact_service.identity.hashing import PasswordAsked, kept_of
from contact_service.pages.access import Desk, form_token, staff_writing
from contact_service.pages.forms import LONGEST_LINE, Json, Posted
from contact_service.pages.sign_in import client_address
from contact_service.pages.site import site_of


class PasswordForm(Posted):
    """The reader's password, again."""

    password: str = ""


class ChangeForm(PasswordForm):
    """The reader's password, and the one that they want."""

    new: str = ""


class PasswordBody(Json):
    """The same from a script."""

    password: str = Field(default="", max_length=LONGEST_LINE)


@dataclass(frozen=True, kw_only=True)
class Checked:
    """A password that was looked at outside any transaction; ``asked`` is None after too many tries."""

    account: Account
    asked: PasswordAsked | None
    right: bool


@dataclass(frozen=True, kw_only=True)
class Again:
    """A desk, and the password that its reader gave again."""

    desk: Desk
    checked: Checked

    def demand(self) -> None:
        """Raise ``BadInput`` unless it was theirs; ask before anything is changed, and let the Work commit."""
        identity.demand_password(self.desk.work, self.checked.asked, right=self.checked.right)
        prove_with_password_alone(self.desk.work)


@dataclass(frozen=True, kw_only=True)
class Change(Again):
    """The same with a new password: what is kept of it, or why it may not be used."""

    kept: str
    refused: BadInput | None

    def new_password(self) -> str:
        """What is kept of the new password; raises ``BadInput`` where the old one or the new one will not do."""
        self.demand()
        if self.refused:
            raise self.refused
        return self.kept


def check(request: Request, token: str, password: str) -> Checked:
    """Count the try in a transaction of its own, then look at the password in none."""
    with staff_writing(request, token) as desk:
        asked = identity.ask_again(desk.work, address=client_address(request))
    right = asked is not None and asked.is_right(password)
    return Checked(account=desk.account, asked=asked, right=right)


def _again_form(
    request: Request, token: Annotated[str, Depends(form_token)], form: Annotated[PasswordForm, Form()]
) -> Iterator[Again]:
    checked = check(request, token, form.password)
    with staff_writing(request, token) as desk:
        yield Again(desk=desk, checked=checked)


def _again_change(
    request: Request, token: Annotated[str, Depends(form_token)], form: Annotated[ChangeForm, Form()]
) -> Iterator[Change]:
    checked = check(request, token, form.password)
    kept, refused = "", None
    try:
        kept = _kept(request, checked, form)
    except BadInput as error:
        refused = BadInput(str(error), "new")
    with staff_writing(request, token) as desk:
        yield Change(desk=desk, checked=checked, kept=kept, refused=refused)


def _kept(request: Request, checked: Checked, form: ChangeForm) -> str:
    """What is kept of the new password, if the old one was right: only then is it worth the time."""
    if not checked.right:
        return ""
    if form.new == form.password:
        raise BadInput("This is your password already. Choose another one.")
    agency = site_of(request).installation.agency
    return kept_of(form.new, email=checked.account.email, known=(checked.account.name, agency))


def _again_json(
    request: Request, body: Annotated[PasswordBody, Body()], x_csrf: Annotated[str, Header()] = ""
) -> Iterator[Again]:
    checked = check(request, x_csrf, body.password)
    with staff_writing(request, x_csrf) as desk:
        yield Again(desk=desk, checked=checked)


AgainForm = Annotated[Again, Depends(_again_form, scope="function")]
AgainChange = Annotated[Change, Depends(_again_change, scope="function")]
AgainJson = Annotated[Again, Depends(_again_json, scope="function")]
