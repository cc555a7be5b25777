"""Show once more that it is oneself, before a grave act: a password, and a code where there is an app."""

from contact_service.actor import Authentication
from contact_service.errors import BadInput
from contact_service.factors.actions import signing_in
from contact_service.factors.actions.enrolling import LOST
from contact_service.factors.queries import factors_of
from contact_service.identity.actions.proving import note_proof
from contact_service.identity.queries import account_for
from contact_service.work import Work


def prove(work: Work, code: str) -> None:
    """The actor, who gave their password again just now, showed that it is they; it is recorded.

    Raises ``BadInput`` for whoever has a passkey, which is asked for instead, and for a wrong code; a wrong one is
    recorded and counted, if the caller lets the Work commit.
    """
    assert work.actor.account is not None
    account = account_for(work, work.actor.account)
    factors = factors_of(work, account.id)
    if factors.passkeys:
        raise BadInput(f"You have a passkey: use it here. {LOST}", "password")
    if factors.app_since is None:
        note_proof(work, Authentication.PASSWORD)
        return
    _, spent = signing_in.count_code(work, account.id)
    if spent:
        signing_in.refused(work, account, "too_many_attempts")
        raise BadInput(signing_in.SPENT, "code")
    if not signing_in.take_app_code(work, account.id, code):
        signing_in.refused(work, account, "wrong_code")
        raise BadInput("This code is not right, or it was used before. Wait for the next one.", "code")
    signing_in.forgive_code(work, account.id)
    note_proof(work, Authentication.PASSWORD_AND_APP)


def prove_with_password_alone(work: Work) -> None:
    """A right password, asked for again, shows it too where the account has nothing else; it is recorded then."""
    assert work.actor.account is not None
    if not factors_of(work, work.actor.account).ask_for_more:
        note_proof(work, Authentication.PASSWORD)
