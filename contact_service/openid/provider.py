"""The agency's single sign-on, asked over HTTP: where it is, what its keys are, and what a code is worth.

TLS is checked, no redirection is followed, no proxy is taken from the environment.  Every answer has bounds of size and
time; it is waited for on the event loop, in no thread, and few are at once: a provider that hangs holds up nobody else.
Everything else it says of itself is looked up below the issuer's own address, which an operator wrote down.
Sources: OpenID Connect Discovery 1.0; RFC 6749; RFC 7636; RFC 9207; RFC 9700.
"""

import asyncio
import json
import ssl
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

import httpx
from anyio import CapacityLimiter, WouldBlock
from authlib.oauth2.auth import ClientAuth
from authlib.oauth2.client import OAuth2Client
from joserfc.jwk import KeySet

from contact_service.openid.errors import ProviderAway, ProviderBusy, TokenRefused
from contact_service.openid.question import Question
from contact_service.openid.tokens import (
    Expected,
    Identity,
    Logout,
    demand_since,
    keys_in,
    read_id_token,
    read_logout_token,
)

SECONDS = 5.0
"""For the whole of one answer, from the first step of the connection to the last byte."""
AT_ONCE = 3
"""So many sign-ins wait for the provider at a time, and so many logouts beside them; the next is sent away."""
LARGEST_BYTES = 65_536
KNOWN_FOR = timedelta(minutes=1)
"""What it says of itself and its keys: so soon is a change of keys known, and that it is away."""
AWAY_FOR = timedelta(seconds=10)
"""So long is a provider that did not say who it is not asked again."""
SCOPE = "openid email"
_GOOD, _BAD_REQUEST, _UNAUTHORIZED = 200, 400, 401


@dataclass(frozen=True, kw_only=True)
class Returned:
    """What a browser came back with; ``issuer`` is empty where the provider did not name itself (RFC 9207)."""

    code: str
    issuer: str


@dataclass(frozen=True, kw_only=True)
class _About:
    """What the provider says of itself."""

    authorization: str
    token: str
    keys: str
    names_itself: bool
    secret_in_body: bool
    at: datetime


@dataclass(frozen=True, kw_only=True)
class _Keys:
    known: KeySet
    at: datetime


@dataclass(frozen=True, kw_only=True)
class Turns:
    """Who may wait for the provider now; nobody waits for a turn."""

    _limiter: CapacityLimiter = field(default_factory=lambda: CapacityLimiter(AT_ONCE))

    @contextmanager
    def one(self) -> Iterator[None]:
        """Hold one of the turns; raises ``ProviderBusy`` at once when all are taken."""
        holder = object()
        try:
            self._limiter.acquire_on_behalf_of_nowait(holder)
        except WouldBlock:
            raise ProviderBusy from None
        try:
            yield
        finally:
            self._limiter.release_on_behalf_of(holder)


@dataclass(kw_only=True)
class Provider:
    """One provider for one client; what it says of itself is known for a minute, that it is away for ten seconds.

    Ask within a turn of ``signing_in`` or ``signing_out``: sign-ins, which strangers may begin, hold up no logout.
    """

    expected: Expected
    client_secret: str = field(repr=False)
    redirect_uri: str
    signing_in: Turns = field(default_factory=Turns, init=False)
    signing_out: Turns = field(default_factory=Turns, init=False)
    _tls: ssl.SSLContext = field(
        default_factory=lambda: httpx.create_ssl_context(trust_env=False), init=False, repr=False
    )
    _away_at: datetime | None = field(default=None, init=False)
    _about: _About | None = field(default=None, init=False)
    _keys: _Keys | None = field(default=None, init=False)

    async def address_for(self, question: Question, *, at: datetime) -> str:
        """Where a browser asks ``question``; raises ``ProviderAway``."""
        more = {"max_age": str(int(self.expected.signed_in_within.total_seconds()))}
        if question.session is not None:  # whoever sits there, whoever signed in there before
            more = {"max_age": "0", "prompt": "login"}
        if self.expected.proof.startswith("acr:"):
            more["acr_values"] = self.expected.proof.removeprefix("acr:")
        about = await self._described(at)
        address, _ = self._client(about).create_authorization_url(
            about.authorization,
            state=question.state,
            nonce=question.nonce,
            code_verifier=question.verifier,
            **more,
        )
        return str(address)

    async def who(self, returned: Returned, question: Question, *, at: datetime) -> Identity:
        """Who signed in, for a browser that came back; raises ``ProviderAway`` or ``TokenRefused``.

        The access token that comes along is not kept: nothing else is asked in anybody's name.
        """
        about = await self._described(at)
        if returned.issuer != self.expected.issuer and (returned.issuer or about.names_itself):
            raise TokenRefused("another_provider")
        answer = await self._client(about).fetch_token(
            about.token,
            grant_type="authorization_code",
            code=returned.code,
            code_verifier=question.verifier,
            redirect_uri=self.redirect_uri,
        )
        token = answer.get("id_token")
        if not isinstance(token, str):
            raise TokenRefused("no_id_token")
        keys = await self._known_keys(at)
        identity = read_id_token(token, keys, expected=self.expected, nonce=question.nonce, at=at)
        demand_since(identity, question.since)
        return identity

    async def signed_out(self, token: str, *, at: datetime) -> Logout:
        """Whose sign-ins a logout token ends; raises ``ProviderAway`` or ``TokenRefused``."""
        return read_logout_token(token, await self._known_keys(at), expected=self.expected, at=at)

    def _client(self, about: _About) -> "_Client":
        return _Client(
            session=self._tls,
            client_id=self.expected.client_id,
            client_secret=self.client_secret,
            token_endpoint_auth_method="client_secret_post"
            if about.secret_in_body
            else "client_secret_basic",
            scope=SCOPE,
            redirect_uri=self.redirect_uri,
            code_challenge_method="S256",
        )

    async def _described(self, at: datetime) -> _About:
        """What the provider says of itself.  Source: OpenID Connect Discovery 1.0, 4.3: the issuer is exactly ours."""
        if self._about is None or self._about.at + KNOWN_FOR <= at:
            issuer = self.expected.issuer
            said = await self._told(f"{issuer.rstrip('/')}/.well-known/openid-configuration", at)
            if said.get("issuer") != issuer:
                raise ProviderAway
            ways = said.get("token_endpoint_auth_methods_supported")
            self._about = _About(
                authorization=self._own(said, "authorization_endpoint"),
                token=self._own(said, "token_endpoint"),
                keys=self._own(said, "jwks_uri"),
                names_itself=said.get("authorization_response_iss_parameter_supported") is True,
                secret_in_body=isinstance(ways, list) and "client_secret_basic" not in ways,
                at=at,
            )
        return self._about

    def _own(self, said: Mapping[str, Any], name: str) -> str:
        """An address that the provider named: over TLS, and no number of another machine; raises ``ProviderAway``."""
        issuer, address = urlsplit(self.expected.issuer), said.get(name)
        try:
            parts = urlsplit(address if isinstance(address, str) else "")
            same_host = parts.hostname == issuer.hostname
            fits = parts.scheme == "https" or (parts.scheme == issuer.scheme and same_host)
            fits = fits and bool(parts.hostname) and "@" not in parts.netloc and not parts.fragment
        except ValueError:
            raise ProviderAway from None
        if not isinstance(address, str) or not fits or not (same_host or _is_a_name(parts.hostname or "")):
            raise ProviderAway
        return address

    async def _known_keys(self, at: datetime) -> KeySet:
        if self._keys is None or self._keys.at + KNOWN_FOR <= at:
            about = await self._described(at)
            self._keys = _Keys(known=keys_in(await self._told(about.keys, at)), at=at)
        return self._keys.known

    async def _told(self, url: str, at: datetime) -> dict[str, Any]:
        """What it says of itself.  Only here is its silence remembered: what a code brings about, a stranger may."""
        if self._away_at is not None and timedelta(0) <= at - self._away_at < AWAY_FOR:
            raise ProviderAway
        try:
            return await _ask(self._tls, "GET", url)
        except ProviderAway:
            self._away_at = at
            raise


def _is_a_name(host: str) -> bool:
    """Whether a host is a name with a dot, and no number in any of its forms."""
    try:
        ip_address(host)
    except ValueError:
        last = host.rstrip(".").rpartition(".")
        return bool(last[0]) and not last[2][:1].isdigit()
    return False


class _Client(OAuth2Client):  # type: ignore[misc]  # authlib has no types
    """Authlib's client of the code flow, which asks with our bounds; its session is how TLS is checked."""

    async def _fetch_token(
        self, url: str, body: str, headers: Mapping[str, str], auth: ClientAuth, **_: object
    ) -> dict[str, Any]:
        address, sent, content = auth.prepare("POST", url, dict(headers), body)
        return await _ask(self.session, "POST", address, headers=sent, content=content)


async def _ask(
    tls: ssl.SSLContext,
    method: str,
    url: str,
    *,
    headers: Mapping[str, str] | None = None,
    content: str | None = None,
) -> dict[str, Any]:
    """The JSON object that an address answers; raises ``ProviderAway``, or ``TokenRefused`` for a code it refused."""
    sent = {"Accept": "application/json", **(headers or {}), "Accept-Encoding": "identity"}
    try:
        # One deadline over everything: httpx's own begins anew with every byte that comes.
        async with (
            asyncio.timeout(SECONDS),
            httpx.AsyncClient(timeout=SECONDS, verify=tls, follow_redirects=False, trust_env=False) as client,
            client.stream(method, url, headers=sent, content=content) as response,
        ):
            if method == "POST" and response.status_code in (_BAD_REQUEST, _UNAUTHORIZED):
                raise TokenRefused("code_refused")
            if response.status_code != _GOOD or "content-encoding" in response.headers:
                raise ProviderAway
            said = json.loads(await _bounded(response.aiter_raw()))
    except (httpx.HTTPError, httpx.InvalidURL, TimeoutError, ValueError, RecursionError):
        raise ProviderAway from None
    if not isinstance(said, dict):
        raise ProviderAway
    return said


async def _bounded(pieces: AsyncIterator[bytes]) -> bytes:
    whole = b""
    async for piece in pieces:
        whole += piece
        if len(whole) > LARGEST_BYTES:
            raise ProviderAway
    return whole
