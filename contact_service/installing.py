"""From the settings to the agencies that a process works for: database reached, schema current, keys fitting, walls up.

What is said once for all of them stands in the settings; what is each agency's own, in the row it was added with.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Engine

from contact_service import actor
from contact_service.agencies.agency import AgenciesNotApart, Agency, AgencyClosed, OneAgencyOnly
from contact_service.agencies.queries import agencies, demand_own_database, names_known
from contact_service.audit.note import verifier_for
from contact_service.database import connect
from contact_service.ids import AgencyId
from contact_service.keys import queries as keys
from contact_service.keys.provider import KeyProvider
from contact_service.migrations.upgrade import demand_current
from contact_service.operations.queries import demand_demo_is
from contact_service.settings import Settings, secret
from contact_service.wall import is_open_to
from contact_service.work import Installation, read


def install(settings: Settings) -> Installation:
    """The installation that the settings describe: database reached, schema current, keys fitting."""
    settings.require("keys_path", "keys_passphrase")
    assert settings.keys_path is not None
    engine = connect(settings.database_url)
    demand_current(engine)
    provider = KeyProvider.open(settings.keys_path, secret(settings.keys_passphrase))
    return _installed(settings, engine, provider)


def _installed(settings: Settings, engine: Engine, provider: KeyProvider) -> Installation:
    installation = Installation(
        engine=engine,
        keys=provider,
        agency=AgencyId(settings.agency),
        log_origin=settings.log_origin,
        demand_passkeys=settings.demand_passkeys,
        zone=settings.zone,
    )
    with read(installation, actor.NOBODY) as work:
        demand_own_database(work)
        keys.demand_provider(work.session, installation.keys, agency=installation.agency)
        demand_demo_is(work, demo=settings.demo)
    return installation


@dataclass(frozen=True, kw_only=True)
class Served:
    """An agency with the settings that hold for it."""

    settings: Settings
    installation: Installation


def install_all(settings: Settings) -> list[Served]:
    """Every agency that is not closed, that of the settings first; raises ``AgenciesNotApart``, ``AgencyClosed``."""
    first = install(settings)
    with read(first, actor.NOBODY) as work:
        known = agencies(work)
        # Behind its own door each agency is apart; without the wall, one mistake in one statement would join them.
        if names_known(work) - {first.agency} and is_open_to(work.session.connection()):
            raise AgenciesNotApart
    own = with_own_relays(settings, known)
    served = [] if _is_closed(known, first.agency) else [Served(settings=own, installation=first)]
    for one in known:
        if one.name != first.agency and one.closed_at is None:
            own = settings_for(settings, one)
            served.append(Served(settings=own, installation=_installed(own, first.engine, first.keys)))
    if not served:
        raise AgencyClosed
    return served


def _is_closed(known: Sequence[Agency], name: str) -> bool:
    return any(one.name == name and one.closed_at is not None for one in known)


def with_own_relays(settings: Settings, known: Sequence[Agency]) -> Settings:
    """The settings of the first agency with the relays that are its own, and no other's.

    Never one that an agency was added with, also when that agency is closed: its relay would be told the rooms of
    this one.  Alone, the first agency has every other relay; beside others, the first of them, which its tickets are
    for: of whose the rest are, the settings say nothing.
    """
    others = {one.relay for one in known if one.name != settings.agency}
    pairs = [pair for pair in settings.relays.split(",") if pair.strip() and _relay_in(pair) not in others]
    return settings.model_copy(update={"relays": ",".join(pairs[:1] if others else pairs)})


def _relay_in(pair: str) -> str:
    return pair.partition("=")[0].strip()


def agency_of(settings: Settings) -> Agency:
    """The agency that the settings describe."""
    return Agency(
        name=AgencyId(settings.agency),
        title=settings.agency_name,
        public_url=settings.public_url.rstrip("/"),
        zone=settings.zone,
        help_name=settings.help_name,
        help_phone=settings.help_phone,
        relay=settings.relays.partition("=")[0].strip() or settings.relay_name,
    )


def demand_room_for_another(installation: Installation) -> None:
    """Raise ``OneAgencyOnly`` on SQLite, ``AgenciesNotApart`` where the wall does not bind whoever is connected."""
    if installation.engine.dialect.name != "postgresql":
        raise OneAgencyOnly
    with read(installation, actor.NOBODY) as work:
        if is_open_to(work.session.connection()):
            raise AgenciesNotApart


def settings_for(settings: Settings, agency: Agency) -> Settings:
    """The settings as they are for another agency than theirs: its name, address, zone, help, relay and log."""
    origin = f"{settings.log_origin}/{agency.name}/contact"
    key = settings.seal_verifier_key
    relays = [pair for pair in settings.relays.split(",") if _relay_in(pair) == agency.relay]
    return settings.model_copy(
        update={
            "agency": agency.name,
            "agency_name": agency.title,
            "public_url": agency.public_url,
            "zone": agency.zone,
            "help_name": agency.help_name,
            "help_phone": agency.help_phone,
            "relays": ",".join(relays),
            "relay_name": agency.relay,
            "seal_verifier_key": verifier_for(key, origin) if key else "",
            "demo": False,
            "oidc_issuer": "",  # the single sign-on of one agency knows nobody of another
        }
    )
