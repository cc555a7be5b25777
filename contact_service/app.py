"""Build the ASGI application: the only place where everything meets.

One process listens twice: on the public address for pages, JSON and, in the demo, signalling; on the private address
for the relays' links, and for nothing else.
"""

import logging
import re
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import uvicorn
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from fastapi import FastAPI
from starlette.routing import Mount
from starlette.types import ASGIApp, Receive, Scope, Send

from contact_service.agencies.agency import host_of
from contact_service.api import health, relay_link, signal_pipe
from contact_service.api.relay_link import Registered
from contact_service.api.v1 import application, problems
from contact_service.audit.verifier import verify
from contact_service.garbage import spare_what_lasts
from contact_service.installing import (
    Present,
    Roster,
    Served,
    install as install,  # noqa: PLC0414  for commands
)
from contact_service.keys.text import KeyTextWrong, private_key, public_key
from contact_service.openid.provider import Provider
from contact_service.openid.tokens import Expected
from contact_service.pages import (
    agency_sign_in,
    demo as demo_pages,
    errors,
    prove,
)
from contact_service.pages.every import PAGES
from contact_service.pages.headers import ProtectiveHeaders
from contact_service.pages.hosts import Agencies, Hosts, OwnHost
from contact_service.pages.limits import BodyLimit
from contact_service.pages.rendering import static_files
from contact_service.pages.request_limits import RequestLimits, declared, kinds_of
from contact_service.pages.site import DemoDesk, Site, Verification
from contact_service.rooms.actions import TicketOffice
from contact_service.settings import Settings, address, secret
from contact_service.work import Installation

logger = logging.getLogger(__name__)
WEBSOCKET_LIMIT_BYTES = 65_536


def serve(settings: Settings, *, demo_desk: DemoDesk | None = None) -> None:
    """Serve pages, JSON and the relays' links of every agency until SIGINT or SIGTERM."""
    settings.require("ticket_key", "relays")
    roster = Roster(settings)
    for one in roster.look().demanded().served:
        _relays(one.settings)  # a wrong key is told now, and not when its relay dials in
    public, private = _listener(settings.listen), _listener(settings.link_listen)
    application = Doors(
        public=agencies_app(roster.look, demo_desk=demo_desk),
        private=link_app(lambda: roster.look().served),
        private_port=private.getsockname()[1],
    )
    config = server_config(settings, application)
    spare_what_lasts()
    uvicorn.Server(config).run(sockets=[public, private])


def server_config(settings: Settings, application: ASGIApp) -> uvicorn.Config:
    """How pages are served; who a client is, a header says only when a trusted proxy sent it."""
    return uvicorn.Config(
        application,
        # Never whatever parser happens to be installed: this one was tested against requests that hide others.
        http="h11",
        log_config=None,
        access_log=False,
        server_header=False,
        date_header=False,
        ws="websockets-sansio",
        ws_max_size=4
        * 1024
        * 1024,  # the relay's link carries whole room lists; signalling is limited at the pipe
        ws_per_message_deflate=False,
        proxy_headers=bool(settings.trusted_proxies),
        forwarded_allow_ips=settings.trusted_proxies,
        timeout_graceful_shutdown=3,
        lifespan="off",
    )


def _listener(listen: str) -> socket.socket:
    host, port = address(listen)
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((host, port))
    listener.set_inheritable(True)
    return listener


@dataclass(frozen=True, kw_only=True)
class Doors:
    """Two applications behind two ports: which one answers is decided by where the connection came in."""

    public: ASGIApp
    private: ASGIApp
    private_port: int

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on to the application of the port; the port is the socket's own, never a header's."""
        if is_of_two_lengths(scope):
            await _refuse(send)
            return
        server = scope.get("server") or ("", None)
        chosen = self.private if server[1] == self.private_port else self.public
        await chosen(scope, receive, send)


def is_of_two_lengths(scope: Scope) -> bool:
    """Whether a request says twice how long it is, in two ways: then a proxy may read another request in it than we.

    Source: RFC 9112, section 6.3: such a message ought to be handled as an error.
    """
    names = {name.lower() for name, _ in scope.get("headers", ())}
    return scope["type"] == "http" and {b"content-length", b"transfer-encoding"} <= names


async def _refuse(send: Send) -> None:
    """Answer and close: whatever comes after it on this connection is read by nobody."""
    headers = [(b"content-length", b"0"), (b"connection", b"close")]
    await send({"type": "http.response.start", "status": 400, "headers": headers})
    await send({"type": "http.response.body", "body": b""})


def agencies_app(look: Callable[[], Present], *, demo_desk: DemoDesk | None = None) -> ASGIApp:
    """Every agency's public application, each under the host of its address, for as long as ``look`` finds it."""

    def hosts() -> Hosts:
        present = look()
        found = {
            host_of(one.settings.public_url): partial(
                pages_app, one.settings, one.installation, demo_desk=demo_desk
            )
            for one in present.served
        }
        return Hosts(open=found, closed=present.closed)

    return Agencies(look=hosts)


def pages_app(
    settings: Settings, installation: Installation, *, demo_desk: DemoDesk | None = None
) -> ASGIApp:
    """The public application."""
    app = public_routes(demo=demo_desk is not None, described=settings.openapi or settings.demo)
    return furnish(app, settings, installation, demo_desk=demo_desk)


def _api_at(path: str, api: FastAPI) -> Mount:
    """The API answers for every address under ``path``, in its own form also for one with a line break in it."""
    mount = Mount(path, api)
    mount.path_regex = re.compile(mount.path_regex.pattern, re.DOTALL)
    return mount


def public_routes(*, demo: bool, described: bool) -> FastAPI:
    """Every page and operation, of no installation yet: making them takes far longer than furnishing them."""
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    for module in PAGES:
        app.include_router(module.router)
    if demo:
        app.include_router(demo_pages.router)
    app.include_router(health.router)
    app.include_router(signal_pipe.router)
    app.state.api = application.api_routes(described=described)
    app.router.routes.append(_api_at("/api", app.state.api))
    app.mount("/static", static_files())
    errors.install(app)
    prove.install(app)
    app.state.request_kinds = kinds_of(declared_routes())
    return app


def declared_routes() -> list[tuple[str, str]]:
    """Method and path of every page and operation, as they are declared."""
    pages = [one for module in (*PAGES, demo_pages, health) for one in module.router.routes]
    return sorted(declared(pages) + declared(application.routes(), before="/api/v1"))


def furnish(
    app: FastAPI, settings: Settings, installation: Installation, *, demo_desk: DemoDesk | None = None
) -> ASGIApp:
    """Let the routes answer for this installation, and for no other from now on; inside what guards them."""
    app.state.site = _site(settings, installation, demo_desk)
    app.state.installation = installation
    app.state.signal_pipe = settings.signal_pipe
    app.state.public_url = settings.public_url.rstrip("/")
    application.furnish(app.state.api, installation, public_url=app.state.public_url, zone=settings.zone)
    limited = RequestLimits(
        app=BodyLimit(app), inside=app, api=problems.too_many, times=settings.request_limits_times
    )
    app.state.request_limits = limited
    guarded = OwnHost(limited, public_url=settings.public_url)
    return ProtectiveHeaders(guarded, https=settings.public_url.startswith("https:"))


def link_app(look: Callable[[], Sequence[Served]]) -> FastAPI:
    """The private application: the links of relays, each of which carries the visits of one agency."""
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    wrong: set[str] = set()
    app.state.registered = lambda: registered(look(), wrong)
    app.include_router(relay_link.router)
    return app


def registered(served: Sequence[Served], wrong: set[str]) -> dict[str, Registered]:
    """Every relay that may dial in, by its name; of an agency with a wrong key none, and the others are as ever.

    ``wrong`` names those agencies, each of which is logged once.
    """
    relays: dict[str, Registered] = {}
    for one in served:
        try:
            keys = _relays(one.settings)
        except KeyTextWrong:
            if one.installation.agency not in wrong:
                logger.exception("the key of a relay is wrong", extra={"agency": one.installation.agency})
            wrong.add(one.installation.agency)
            continue
        own = {name: Registered(key=key, installation=one.installation) for name, key in keys}
        assert not own.keys() & relays.keys()  # a relay of two agencies would be told the rooms of both
        relays |= own
    return relays


def _relays(settings: Settings) -> Sequence[tuple[str, Ed25519PublicKey]]:
    pairs = [part.strip().partition("=") for part in settings.relays.split(",") if part.strip()]
    return [(name.strip(), public_key(key, setting="CONTACT_RELAYS")) for name, _, key in pairs]


def _site(settings: Settings, installation: Installation, demo_desk: DemoDesk | None) -> Site:
    return Site(
        installation=installation,
        public_url=settings.public_url.rstrip("/"),
        agency_name=settings.agency_name,
        zone=settings.zone,
        help_name=settings.help_name,
        help_phone=settings.help_phone,
        tickets=_tickets(settings),
        verify_log=_verifying(settings, installation),
        verifier_key=settings.seal_verifier_key,
        demo=demo_desk,
        provider=_provider(settings),
    )


def _provider(settings: Settings) -> Provider | None:
    """The agency's single sign-on, where the settings name one."""
    if not settings.oidc_issuer:
        return None
    settings.require("oidc_client_id", "oidc_client_secret")
    expected = Expected(
        issuer=settings.oidc_issuer, client_id=settings.oidc_client_id, proof=settings.oidc_proof
    )
    return Provider(
        expected=expected,
        client_secret=secret(settings.oidc_client_secret),
        redirect_uri=settings.public_url.rstrip("/") + agency_sign_in.BACK,
    )


def _tickets(settings: Settings) -> TicketOffice:
    key: Ed25519PrivateKey = private_key(secret(settings.ticket_key), setting="CONTACT_TICKET_KEY")
    return TicketOffice(key=key, relay=settings.relays.partition("=")[0].strip() or settings.relay_name)


def _verifying(settings: Settings, installation: Installation) -> Callable[[], Verification]:
    """Check the whole log with the public key alone, as anybody could with a copy of the database."""

    def check() -> Verification:
        report = verify(
            settings.database_url,
            [settings.seal_verifier_key] if settings.seal_verifier_key else [],
            agency=installation.agency,
        )
        mine = next((log for log in report.logs if log.log == installation.contact_log), None)
        problem = None
        if report.fault is not None:
            problem = (report.fault.code, report.fault.index, str(report.fault))
        return Verification(
            entries=mine.entries if mine else 0,
            sealed=mine.sealed if mine else 0,
            root=mine.root.hex() if mine else "",
            problem=problem,
        )

    return check
