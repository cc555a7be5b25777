"""Who carries text messages, by the settings."""

from contact_service.jobs.composing import Texting
from contact_service.settings import Settings, secret
from contact_service.sms.providers import NOTIFY, TWILIO, GovUkNotify, OwnGateway, Provider, Twilio

_NEEDED = {
    "own": ("sms_url",),
    "twilio": ("sms_account", "sms_key", "sms_from"),
    "govuk-notify": ("sms_key", "sms_template"),
}


def texting(settings: Settings) -> Texting | None:
    """The provider, or None where no text messages are sent; raises ``SettingsInvalid`` for one that is half named."""
    if not settings.sms_provider:
        return None
    settings.require(*_NEEDED[settings.sms_provider])
    return Texting(provider=_provider(settings), country=settings.sms_country)


def _provider(settings: Settings) -> Provider:
    key, url = secret(settings.sms_key) if settings.sms_key else "", settings.sms_url
    if settings.sms_provider == "twilio":
        return Twilio(account=settings.sms_account, token=key, sender=settings.sms_from, url=url or TWILIO)
    if settings.sms_provider == "govuk-notify":
        return GovUkNotify(key=key, template=settings.sms_template, url=url or NOTIFY)
    return OwnGateway(url=url, key=key, sender=settings.sms_from)
