"""From a reason to the page on which what it names is changed, where there is one."""

from collections.abc import Iterable

from contact_service.ids import PersonId
from contact_service.pages.forms import spoken
from contact_service.pages.rendering import say
from contact_service.policy.decision import Reason
from contact_service.texts import N_

_PLAN = ("/plan", N_("Look at the contact plan"))
_PAGES = {
    "not_in_plan": ("/plan", N_("Change the contact plan")),
    "level": _PLAN,
    "longer_than_plan": _PLAN,
    "most_per_period": _PLAN,
    "gap": _PLAN,
    "plan_hours": _PLAN,
    "no_contact": ("#restrictions", N_("Look at the restriction")),
    "apart": ("#restrictions", N_("Look at the restriction")),
    "child_consent_missing": ("#consents", N_("Record the consent")),
    "not_approved": ("/people", N_("See who is approved")),
    "quiet_school": ("/quiet", N_("Look at the hours without visits")),
    "quiet_bedtime": ("/quiet", N_("Look at the hours without visits")),
    "quiet_therapy": ("/quiet", N_("Look at the hours without visits")),
    "quiet_other": ("/quiet", N_("Look at the hours without visits")),
}
_POLICY = {"too_soon", "too_far_ahead", "length", "too_many_people", "weekday", "hours", "agency_level"}


def reasons_shown(reasons: Iterable[Reason], child: PersonId) -> list[dict[str, str]]:
    """Every reason with its rule, and the page where one changes what it names; empty where the form itself does."""
    return [{"rule": reason.rule, "text": spoken(reason)} | _remedy(reason.code, child) for reason in reasons]


def _remedy(code: str, child: PersonId) -> dict[str, str]:
    if code in _PAGES:
        place, text = _PAGES[code]
        return {"href": f"/w/child/{child}{place}", "link": say(text)}
    if code in _POLICY:
        return {"href": "/w/policy", "link": say("See the policy")}
    return {"href": "", "link": ""}
