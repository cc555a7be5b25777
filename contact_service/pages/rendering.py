"""Turns a template and a plain context into a page, in a reader's language and time zone.

This module alone knows where ``web`` lies.  It knows no route, no request and no table.
"""

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from functools import lru_cache, partial
from io import BytesIO
from pathlib import Path
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_datetime, format_time, get_timezone_name
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations
from jinja2 import (
    ChainableUndefined,
    Environment,
    FileSystemLoader,
    PackageLoader,
    PrefixLoader,
    StrictUndefined,
)
from markupsafe import Markup

from contact_service.notifications.dates import clock_name
from contact_service.pages.assets import Assets
from contact_service.texts import ENGLISH

DOMAIN = "contact"
COMPONENTS = ("button", "error-summary", "input", "select", "textarea", "skip-link")
SERVED = ("static", "room", "vendor")
FULL_DATE = "d MMMM y"
# Languages that say more between the parts of a day than a space.
_DAYS_SAID = {"es": {"EEEE d MMMM": "EEEE d 'de' MMMM", FULL_DATE: "d 'de' MMMM 'de' y"}}
_PACKAGE = Path(__file__).resolve().parent.parent


def web_dir() -> Path:
    """The folder of templates, style, scripts and catalogues: in the wheel, or beside the package."""
    packed = _PACKAGE / "_web"
    return packed if packed.is_dir() else _PACKAGE.parent / "web"


def render(
    template: str, context: Mapping[str, object], *, locale: str = "en", zone: str = "Europe/London"
) -> str:
    """The page as text.  Raises ``jinja2.UndefinedError`` naming the first value the context lacks.

    ``locale`` is a BCP 47 tag, its catalogue in ``web/locale`` (English needs none); ``zone`` an IANA name.
    """
    return _environment(locale, zone).get_template(template).render(context)


def static_url(path: str) -> str:
    """The address of a file of ``web/static`` (``app.css``), or of another folder (``room/family.js``).

    The address holds a digest of all of them, so that it may be kept for ever and modules find each other.
    """
    return static_files().url(path)


@lru_cache(maxsize=1)
def static_files() -> Assets:
    """The ASGI application to mount at ``/static``: every file read once, nothing else reachable."""
    return Assets.read({name: web_dir() / name for name in SERVED}, at="/static")


def say(text: str, /, *, locale: str = "en", **values: object) -> str:
    """``text`` in the reader's language, its places filled with ``values``; texts may hold braces only as places."""
    if not text:
        return ""  # which gettext takes for the heading of the catalogue
    said = translations(locale).gettext(text)
    return said.format_map(values) if values else said


def has_words(text: str, locale: str) -> bool:
    """Whether ``text`` is there in ``locale``; English has everything."""
    return locale == ENGLISH or text in getattr(translations(locale), "_catalog", {})


@lru_cache(maxsize=8)
def translations(locale: str) -> NullTranslations:
    """The catalogue of ``locale``; texts without a translation stay English."""
    catalogue = web_dir() / "locale" / locale / "LC_MESSAGES" / f"{DOMAIN}.po"
    if not catalogue.is_file():
        return NullTranslations()
    compiled = BytesIO()
    with catalogue.open("rb") as source:
        write_mo(compiled, read_po(source, locale=locale.replace("-", "_")))
    compiled.seek(0)
    return Translations(compiled, domain=DOMAIN)


@lru_cache(maxsize=64)  # each language in each zone of the agency's families
def _environment(locale: str, zone: str) -> Environment:
    environment = Environment(
        autoescape=True,
        undefined=StrictUndefined,
        loader=FileSystemLoader(web_dir() / "templates"),
        extensions=["jinja2.ext.i18n"],
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.install_gettext_translations(translations(locale), newstyle=True)  # type: ignore[attr-defined]  # added by the i18n extension
    parsed = Locale.parse(locale, sep="-")
    environment.filters.update(_time_filters(parsed, ZoneInfo(zone)))
    environment.globals.update(_components())
    environment.globals.update(lang=locale, dir=parsed.text_direction, zone_id=zone, static=static_url)
    return environment


@lru_cache(maxsize=1)
def _components() -> dict[str, Callable[..., Markup]]:
    """The GOV.UK macros by their own names.  They take missing keys as false."""
    loader = PrefixLoader({"govuk_frontend_jinja": PackageLoader("govuk_frontend_jinja")})
    lenient = Environment(
        autoescape=True, undefined=ChainableUndefined, loader=loader, trim_blocks=True, lstrip_blocks=True
    )
    return dict(_component(lenient, name) for name in COMPONENTS)


def _component(environment: Environment, name: str) -> tuple[str, Callable[..., Markup]]:
    macro = "govuk" + "".join(part.capitalize() for part in name.split("-"))
    module = environment.get_template(f"govuk_frontend_jinja/components/{name}/macro.html").module
    return macro, getattr(module, macro)


def _time_filters(locale: Locale, zone: ZoneInfo) -> dict[str, Callable[..., object]]:
    """Instants are aware and shown in the reader's zone; days are shown as they are."""
    return {
        "clock": partial(_clock, locale=locale, zone=zone),
        "day": partial(_day, pattern="EEEE d MMMM", locale=locale, zone=zone),
        "short_day": partial(_day, pattern="EEE d MMM", locale=locale, zone=zone),
        "brief_date": partial(_day, pattern="d MMM", locale=locale, zone=zone),
        "full_date": partial(_day, pattern=FULL_DATE, locale=locale, zone=zone),
        "weekday_date": partial(_day, pattern="EEE d MMMM y", locale=locale, zone=zone),
        "month_name": partial(_day, pattern="LLLL y", locale=locale, zone=zone),
        "moment": partial(_moment, locale=locale, zone=zone),
        "iso": _iso,
        "minutes": _minutes,
        "clock_name": partial(_clock_name, locale=locale, zone=zone),
        "zone_name": partial(_zone_name, locale=locale, zone=zone),
    }


def full_date(day: date, *, locale: str = "en") -> str:
    """A day as the filter of the same name writes it, for sentences that are put together outside a template."""
    return format_date(day, FULL_DATE, locale=Locale.parse(locale, sep="-"))


def _clock(at: datetime, *, locale: Locale, zone: ZoneInfo) -> str:
    return format_time(at, "HH:mm", tzinfo=zone, locale=locale)


def _day(at: datetime | date, *, pattern: str, locale: Locale, zone: ZoneInfo) -> str:
    local = at.astimezone(zone).date() if isinstance(at, datetime) else at
    return format_date(local, _DAYS_SAID.get(locale.language, {}).get(pattern, pattern), locale=locale)


def _moment(at: datetime, *, locale: Locale, zone: ZoneInfo) -> str:
    return format_datetime(at, "d MMM y, HH:mm:ss z", tzinfo=zone, locale=locale)


def _clock_name(at: datetime, *, locale: Locale, zone: ZoneInfo) -> str:
    return clock_name(at.astimezone(zone), locale.language)


def _zone_name(at: datetime, *, locale: Locale, zone: ZoneInfo) -> str:
    return get_timezone_name(at.astimezone(zone), locale=locale)


def _iso(at: datetime | date) -> str:
    return at.isoformat()


def _minutes(length: timedelta) -> int:
    return int(length.total_seconds()) // 60
