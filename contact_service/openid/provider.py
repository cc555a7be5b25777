"""The agency's single sign-on, asked over HTTP: where it is, what its keys are, and what a code is worth.

TLS is checked, no redirection is followed, no proxy is taken from the environment.  Every answer has bounds of size and
time.  Everything else it says of itself is looked up below the issuer's own address, which an operator wrote down.
Sources: OpenID Connect Discovery 1.0; RFC 6749; RFC 7636; RFC 9207; RFC 9700.
"""

import json
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

import httpx
from authlib.oauth2.auth import ClientAuth
from authlib.oauth2.client import OAuth2Client
from joserfc.jwk import KeySet

from contact_service.openid.errors import ProviderAway, TokenRefused
from contact_service.openid.question import Question
from contact_service.openid.tokens import (
    Expected,
    Identity,
    Logout,
    keys_in,
    read_id_token,
    read_logout_token,
)

SECONDS = 5.0
"""For the whole of one answer."""
LARGEST_BYTES = 65_536
KNOWN_FOR = timedelta(minutes=1)
"""What it says of itself and its keys: so soon is a change of keys known, and that it is away."""
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


@dataclass(kw_only=True)
class Provider:
    """One provider for one client; what it says of itself is known for a minute."""

    expected: Expected
    client_secret: str = field(repr=False)
    redirect_uri: str
    _about: _About | None = field(default=None, init=False)
    _keys: _Keys | None = field(default=None, init=False)

    def address_for(self, question: Question, *, at: datetime) -> str:
        """Where a browser asks ``question``; raises ``ProviderAway``."""
        more = {"max_age": str(int(self.expected.signed_in_within.total_seconds()))}
        if self.expected.proof.startswith("acr:"):
            more["acr_values"] = self.expected.proof.removeprefix("acr:")
        address, _ = self._client(self._described(at)).create_authorization_url(
            self._described(at).authorization,
            state=question.state,
            nonce=question.nonce,
            code_verifier=question.verifier,
            **more,
        )
        return str(address)

    def who(self, returned: Returned, question: Question, *, at: datetime) -> Identity:
        """Who signed in, for a browser that came back; raises ``ProviderAway`` or ``TokenRefused``.

        The access token that comes along is not kept: nothing else is asked in anybody's name.
        """
        about = self._described(at)
        if returned.issuer != self.expected.issuer and (returned.issuer or about.names_itself):
            raise TokenRefused("another_provider")
        answer = self._client(about).fetch_token(
            about.token,
            grant_type="authorization_code",
            code=returned.code,
            code_verifier=question.verifier,
            redirect_uri=self.redirect_uri,
        )
        token = answer.get("id_token")
        if not isinstance(token, str):
            raise TokenRefused("no_id_token")
        return read_id_token(token, self._known_keys(at), expected=self.expected, nonce=question.nonce, at=at)

    def signed_out(self, token: str, *, at: datetime) -> Logout:
        """Whose sign-ins a logout token ends; raises ``ProviderAway`` or ``TokenRefused``."""
        return read_logout_token(token, self._known_keys(at), expected=self.expected, at=at)

    def _client(self, about: _About) -> "_Client":
        return _Client(
            session=None,
            client_id=self.expected.client_id,
            client_secret=self.client_secret,
            token_endpoint_auth_method="client_secret_post"
            if about.secret_in_body
            else "client_secret_basic",
            scope=SCOPE,
            redirect_uri=self.redirect_uri,
            code_challenge_method="S256",
        )

    def _described(self, at: datetime) -> _About:
        """What the provider says of itself.  Source: OpenID Connect Discovery 1.0, 4.3: the issuer is exactly ours."""
        if self._about is None or self._about.at + KNOWN_FOR <= at:
            issuer = self.expected.issuer
            said = _ask("GET", f"{issuer.rstrip('/')}/.well-known/openid-configuration")
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

    def _known_keys(self, at: datetime) -> KeySet:
        if self._keys is None or self._keys.at + KNOWN_FOR <= at:
            self._keys = _Keys(known=keys_in(_ask("GET", self._described(at).keys)), at=at)
        return self._keys.known


def _is_a_name(host: str) -> bool:
    """Whether a host is a name with a dot, and no number in any of its forms."""
    try:
        ip_address(host)
    except ValueError:
        last = host.rstrip(".").rpartition(".")
        return bool(last[0]) and not last[2][:1].isdigit()
    return False


class _Client(OAuth2Client):  # type: ignore[misc]  # authlib has no types
    """Authlib's client of the code flow, which asks with our bounds."""

    def _fetch_token(
        self, url: str, body: str, headers: Mapping[str, str], auth: ClientAuth, **_: object
    ) -> Any:  # noqa: ANN401
        address, sent, content = auth.prepare("POST", url, dict(headers), body)
        return _ask("POST", address, headers=sent, content=content)


def _ask(
    method: str, url: str, *, headers: Mapping[str, str] | None = None, content: str | None = None
) -> dict[str, Any]:
    """The JSON object that an address answers; raises ``ProviderAway``, or ``TokenRefused`` for a code it refused."""
    until = time.monotonic() + SECONDS
    sent = {"Accept": "application/json", **(headers or {}), "Accept-Encoding": "identity"}
    try:
        with (
            httpx.Client(timeout=SECONDS, follow_redirects=False, trust_env=False) as client,
            client.stream(method, url, headers=sent, content=content) as response,
        ):
            if method == "POST" and response.status_code in (_BAD_REQUEST, _UNAUTHORIZED):
                raise TokenRefused("code_refused")
            if response.status_code != _GOOD or "content-encoding" in response.headers:
                raise ProviderAway
            said = json.loads(b"".join(_bounded(response.iter_raw(), until)))
    except (httpx.HTTPError, httpx.InvalidURL, ValueError, RecursionError):
        raise ProviderAway from None
    if not isinstance(said, dict):
        raise ProviderAway
    return said


def _bounded(pieces: Iterator[bytes], until: float) -> Iterator[bytes]:
    size = 0
    for piece in pieces:
        size += len(piece)
        if size > LARGEST_BYTES or time.monotonic() > until:
            raise ProviderAway
        yield piece
