"""One agency of an installation, and what its name and its address must be.  Pure."""

import re
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from contact_service.errors import BadInput, Conflict, StartRefused
from contact_service.ids import AgencyId
from contact_service.keys.text import public_key

# How soon, in seconds, a process that runs looks again which agencies there are.
LOOK_SECONDS = 2.0
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,40}")
_RELAY = re.compile(r"[a-z0-9][a-z0-9-]{0,60}")


class AgencyTaken(Conflict):
    """There is an agency of this name, with this address or with this relay. Choose another: none is used twice."""


class VisitsAhead(Conflict):
    """This agency has visits that are not over. Call them off first, so that every family is told, then close it."""


class AgenciesNotApart(StartRefused):
    """More than one agency, and a database role that no wall binds. Connect as a role that owns nothing."""


class OneAgencyOnly(StartRefused):
    """An SQLite database holds one agency, and another cannot be added. Use PostgreSQL; deploy/README.md says how."""


class AnotherAgencysDatabase(StartRefused):
    """This database holds another agency than CONTACT_AGENCY names. Set it to the one of the first start."""


class AgencyClosed(StartRefused):
    """This agency is closed. Its data are kept; contact-service agency export hands them over."""


@dataclass(frozen=True, kw_only=True)
class Agency:
    """How an agency is called and reached; ``relay`` carries its visits and no other agency's.

    ``relay_key`` is that relay's public key as text, empty where CONTACT_RELAYS names it.
    """

    name: AgencyId
    title: str
    public_url: str
    zone: str
    help_name: str
    help_phone: str
    relay: str
    relay_key: str = ""
    closed_at: datetime | None = None

    @property
    def host(self) -> str:
        """The host of its address, by which a request is known to be its own."""
        return host_of(self.public_url)


def host_of(public_url: str) -> str:
    """The host name in an address, in small letters; empty when there is none."""
    return (urlsplit(public_url).hostname or "").lower()


def demand_sound(agency: Agency) -> None:
    """Raise ``BadInput`` or ``KeyTextWrong`` naming what is wrong with the name, the address or the relay."""
    if not _NAME.fullmatch(agency.name):
        raise BadInput(
            "The name of an agency has small letters, digits and hyphens: it goes into the log's origin."
        )
    parts = urlsplit(agency.public_url)
    if parts.scheme != "https" or not agency.host or parts.path.strip("/") or parts.query or parts.fragment:
        raise BadInput("The address of an agency begins with https:// and ends with its host name.")
    if not _RELAY.fullmatch(agency.relay):
        raise BadInput("The name of a relay has small letters, digits and hyphens.")
    if agency.relay_key:
        public_key(agency.relay_key, setting="--relay-key")


def demand_free(new: Agency, others: list[Agency]) -> None:
    """Raise ``AgencyTaken`` when another agency has the name, the host or the relay."""
    if any(new.name == one.name or new.host == one.host or new.relay == one.relay for one in others):
        raise AgencyTaken
