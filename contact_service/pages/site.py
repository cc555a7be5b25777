"""What the pages are given when the application is built."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from babel.core import get_global
from starlette.requests import HTTPConnection

from contact_service.invitations.letter import paper_in
from contact_service.invitations.paper import Press
from contact_service.openid.provider import Provider
from contact_service.pages.rendering import web_dir
from contact_service.rooms.actions import TicketOffice
from contact_service.work import Installation


@dataclass(frozen=True, kw_only=True)
class Caught:
    """A message that the demo's own mail server was handed."""

    to: str
    subject: str
    text: str
    at: datetime


@dataclass(frozen=True, kw_only=True)
class DemoDesk:
    """What only the demo shows."""

    password: str
    messages: Callable[[], Sequence[Caught]]


@dataclass(frozen=True, kw_only=True)
class Verification:
    """What checking the evidence log found; ``problem`` is (error name, index) when it does not verify."""

    entries: int
    sealed: int
    root: str
    problem: tuple[str, int | None, str] | None


@dataclass(frozen=True, kw_only=True)
class Site:
    """The installation, and how it presents itself."""

    installation: Installation
    public_url: str
    agency_name: str
    zone: str
    help_name: str
    help_phone: str
    tickets: TicketOffice
    verify_log: Callable[[], Verification]
    verifier_key: str
    demo: DemoDesk | None = None
    provider: Provider | None = None

    @property
    def signal_path(self) -> str:
        """Where a browser opens its signalling socket, on the page's own origin."""
        return f"/signal/{self.tickets.relay}"

    @property
    def press(self) -> Press:
        """How letters are written: on the sheets that printers hold where the agency's clock is."""
        return Press(
            public_url=self.public_url,
            help_name=self.help_name,
            help_phone=self.help_phone,
            messages_dir=web_dir() / "messages",
            fonts_dir=web_dir() / "vendor" / "fonts",
            paper=paper_in(get_global("zone_territories").get(self.zone, "")),
        )

    @property
    def help(self) -> dict[str, str]:
        """Whom to ring, on every family page."""
        return {"name": self.help_name, "phone": self.help_phone}


def site_of(request: HTTPConnection) -> Site:
    """The site that this application was built for."""
    site: Site = request.app.state.site
    return site
