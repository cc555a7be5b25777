"""From the settings to the agencies that a process works for: database reached, schema current, keys fitting, walls up.

What is said once for all of them stands in the settings; what is each agency's own, in the row it was added with.
Agencies are added and closed while processes run: ``Roster`` is looked at again and again.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from threading import Lock

from sqlalchemy import Engine

from contact_service import actor
from contact_service.agencies.agency import AgenciesNotApart, Agency, AgencyClosed, OneAgencyOnly
from contact_service.agencies.queries import agencies, demand_own_database, names_known
from contact_service.audit.note import verifier_for
from contact_service.database import connect
from contact_service.errors import ContactServiceError
from contact_service.ids import AgencyId
from contact_service.keys import queries as keys
from contact_service.keys.provider import KeyProvider
from contact_service.migrations.upgrade import demand_current
from contact_service.operations.queries import demand_demo_is
from contact_service.settings import Settings, secret
from contact_service.wall import is_open_to
from contact_service.work import Installation, read

logger = logging.getLogger(__name__)


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


@dataclass(frozen=True, kw_only=True)
class Present:
    """The agencies at one look: whom to serve, that of the settings first, and the hosts of those that are closed.

    ``refused`` says, by the name of the agency, why one that is open cannot be served.
    """

    served: tuple[Served, ...]
    closed: frozenset[str] = frozenset()
    refused: Mapping[str, ContactServiceError] = field(default_factory=dict)

    def demanded(self) -> "Present":
        """The same, for a process that starts: raises what was refused, and ``AgencyClosed`` with nobody to serve."""
        for why in self.refused.values():
            raise why
        if not self.served:
            raise AgencyClosed
        return self


class Roster:
    """The agencies of an installation, as they are whenever somebody looks."""

    def __init__(self, settings: Settings) -> None:
        self._settings, self._first = settings, install(settings)
        self._installed = {self._first.agency: self._first}
        self._told: dict[str, str] = {}
        self._lock = Lock()

    def look(self) -> Present:
        """Whom to serve now.  What is wrong with one agency keeps none of the others, and is logged once."""
        with self._lock:
            with read(self._first, actor.NOBODY) as work:
                known = agencies(work)
                # Behind its own door each agency is apart; without the wall, one mistake in one statement would
                # join them.
                others = names_known(work) - {self._first.agency}
                mixed = bool(others) and is_open_to(work.session.connection())
            refused: dict[str, ContactServiceError] = (
                dict.fromkeys(others, AgenciesNotApart()) if mixed else {}
            )
            served = [
                one for one in (self._served(agency, known, refused) for agency in self._open(known)) if one
            ]
            self._tell(refused)
            closed = frozenset(one.host for one in known if one.closed_at is not None)
            return Present(served=tuple(served), closed=closed, refused=refused)

    def _open(self, known: Sequence[Agency]) -> list[Agency]:
        here = agency_of(self._settings)
        rows = [one for one in known if one.closed_at is None and one.name != here.name]
        return rows if _is_closed(known, here.name) else [here, *rows]

    def _served(
        self, agency: Agency, known: Sequence[Agency], refused: dict[str, ContactServiceError]
    ) -> Served | None:
        if agency.name in refused:
            return None
        if agency.name == self._first.agency:
            return Served(settings=with_own_relays(self._settings, known), installation=self._first)
        own = settings_for(self._settings, agency)
        try:
            if agency.name not in self._installed:
                installed = _installed(own, self._first.engine, self._first.keys)
                self._installed[agency.name] = installed
        except ContactServiceError as why:
            refused[agency.name] = why
            return None
        return Served(settings=own, installation=self._installed[agency.name])

    def _tell(self, refused: Mapping[str, ContactServiceError]) -> None:
        why = {name: type(error).__name__ for name, error in refused.items()}
        for name in why.keys() - self._told.keys():
            logger.error("an agency cannot be served", extra={"agency": name, "error": why[name]})
        self._told = why


def install_all(settings: Settings) -> Sequence[Served]:
    """Every agency that is not closed, that of the settings first; raises ``AgenciesNotApart``, ``AgencyClosed``."""
    return Roster(settings).look().demanded().served


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
    if agency.relay_key and not relays:
        relays = [f"{agency.relay}={agency.relay_key}"]
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
