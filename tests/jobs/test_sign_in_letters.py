"""What somebody is told when their sign-in was changed or tried: it leaves, to them, once, with no code in it."""

import pytest
from sqlalchemy import text

from contact_service.audit.events import AGENCY_CASE
from contact_service.factors.actions.telling import tell
from contact_service.jobs.composing import Post
from contact_service.jobs.letters import send_letters
from contact_service.notifications.message import MessageKind
from tests.actions.test_factors import add_app
from tests.cast import House
from tests.jobs.conftest import Office

KINDS = (
    MessageKind.SIGN_IN_ADDED,
    MessageKind.SIGN_IN_REMOVED,
    MessageKind.SIGN_IN_RESET,
    MessageKind.SIGN_IN_TRIED,
    MessageKind.PASSWORD_CHANGED,
    MessageKind.PASSWORD_RESET,
    MessageKind.RECOVERY_CODE_USED,
)


@pytest.mark.parametrize("kind", KINDS)
def test_a_letter_about_a_sign_in_reaches_its_owner(
    house: House, office: tuple[Office, Post], kind: MessageKind
) -> None:
    keeper, post = office
    phone = add_app(house, house.cast.karim)
    with house.work(house.cast.karim) as work:
        tell(work, house.cast.karim, kind)
    with house.installation.engine.begin() as connection:
        others = "DELETE FROM outbox WHERE visit_id IS NOT NULL OR account_id IS NULL"
        connection.execute(text(others))
    send_letters(house.installation, post)
    send_letters(house.installation, post)
    assert len(keeper.taken) == 2
    assert {one.rcpt_tos[0] for one in keeper.taken} == {"karim@demo.example"}
    assert all(b"https://visits.example/w/account" in one for one in keeper.texts())
    assert not any(code.encode() in one for code in (*phone.codes, phone.secret) for one in keeper.texts())
    assert house.entries(AGENCY_CASE)[-1].type == "message.sent"
