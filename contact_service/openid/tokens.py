"""What the agency's single sign-on signs, checked: who signed in, and who signed out.  Pure.

The list of algorithms is closed, and keys come from the caller alone: a token that brings a key or an address of one
is refused before anything is computed.  Sources: OpenID Connect Core 1.0, 3.1.3.7; Back-Channel Logout 1.0, 2.4 and
2.6; RFC 8725; OWASP ASVS 5.0, 9.1 and 10.5.
"""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, KeySet, OKPKey, RSAKey
from joserfc.jws import extract_compact

from contact_service.openid.errors import TokenRefused

ALGORITHMS = ("RS256", "PS256", "ES256", "Ed25519")
LEEWAY = timedelta(seconds=30)
LONGEST_TOKEN = 16_384
LONGEST_NAME = 255
"""Of a ``sub``, and of everything else that is kept.  Source: OpenID Connect Core 1.0, 2."""
OLDEST_ISSUE = timedelta(minutes=10)
LOGOUT_EVENT = "http://schemas.openid.net/event/backchannel-logout"
LOGOUT_TYPE = "logout+jwt"
SMALLEST_RSA_BITS = 2048
MOST_KEYS = 50
_BRINGS_A_KEY = frozenset({"jwk", "jku", "x5u", "x5c", "crit"})
_KINDS: Mapping[str, type[RSAKey | ECKey | OKPKey]] = {"RSA": RSAKey, "EC": ECKey, "OKP": OKPKey}


@dataclass(frozen=True, kw_only=True)
class Expected:
    """What a token must say.  ``proof`` is ``acr:VALUE`` or ``amr:VALUE``, or empty where nothing counts as one.

    ``signed_in_within`` is how long ago somebody may have given proof of themselves to the provider.
    """

    issuer: str
    client_id: str
    proof: str = ""
    signed_in_within: timedelta = timedelta(hours=12)


@dataclass(frozen=True, kw_only=True)
class Identity:
    """Who signed in: ``subject`` is theirs for good at this issuer.

    ``email`` is empty unless the issuer says that it checked it.  ``proven``: in a way that nobody is tricked out of.
    ``session`` is what the issuer calls this sign-in, if it says so; ``signed_in_at``, when they gave proof of
    themselves there.
    """

    issuer: str
    subject: str
    email: str
    proven: bool
    session: str | None
    signed_in_at: datetime


@dataclass(frozen=True, kw_only=True)
class Logout:
    """Whose sign-ins are over: those of ``subject``, the one that the issuer calls ``session``, or where both fit."""

    issuer: str
    id: str
    subject: str | None
    session: str | None


def keys_in(document: Mapping[str, Any]) -> KeySet:
    """The public keys of a JWKS with which signatures are checked; others, and whatever is none, are left out."""
    listed = document.get("keys")
    keys: dict[str | None, RSAKey | ECKey | OKPKey] = {}
    for one in listed[:MOST_KEYS] if isinstance(listed, list) else ():
        key = _key(one) if isinstance(one, dict) else None
        if key is not None:
            keys.setdefault(key.kid, key)
    return KeySet(list(keys.values()))


def _key(one: dict[str, Any]) -> RSAKey | ECKey | OKPKey | None:
    kind = _KINDS.get(str(one.get("kty")))
    if kind is None or one.get("use", "sig") != "sig" or "d" in one:
        return None
    if not isinstance(one.get("kid", ""), str):
        return None
    try:
        key = kind.import_key(one)
        if isinstance(key, RSAKey) and key.public_key.key_size < SMALLEST_RSA_BITS:
            return None
    except (JoseError, ValueError, TypeError, KeyError):
        return None
    return key


def read_id_token(token: str, keys: KeySet, *, expected: Expected, nonce: str, at: datetime) -> Identity:
    """Who signed in, of an ID token for us and for the question with ``nonce``; raises ``TokenRefused``."""
    header, claims = _signed(token, keys)
    if str(header.get("typ", "JWT")).lower() == LOGOUT_TYPE or "events" in claims:
        raise TokenRefused("wrong_type")
    _demand_from_and_for(claims, expected)
    _demand_in_time(claims, at)
    given = claims.get("nonce")
    if not isinstance(given, str) or not hmac.compare_digest(given.encode(), nonce.encode()):
        raise TokenRefused("wrong_nonce")
    signed_in_at = _instant(claims, "auth_time")
    if not at - expected.signed_in_within - LEEWAY <= signed_in_at <= at + LEEWAY:
        raise TokenRefused("signed_in_too_long_ago")
    checked = claims.get("email_verified") is True
    return Identity(
        issuer=expected.issuer,
        subject=_demand_name(claims, "sub"),
        email=(_name(claims, "email") or "").strip().lower() if checked else "",
        proven=_is_proven(claims, expected.proof),
        session=_name(claims, "sid"),
        signed_in_at=signed_in_at,
    )


def demand_since(identity: Identity, since: datetime | None) -> None:
    """Raise ``TokenRefused`` where proof was given before ``since``: what was asked for was to be given anew.

    A provider's clock may be half a minute behind ours.  Source: OpenID Connect Core 1.0, 3.1.2.1 and 3.1.3.7.
    """
    if since is not None and identity.signed_in_at < since - LEEWAY:
        raise TokenRefused("not_signed_in_anew")


def read_logout_token(token: str, keys: KeySet, *, expected: Expected, at: datetime) -> Logout:
    """Whose sign-ins are over, of a logout token for us; raises ``TokenRefused``."""
    header, claims = _signed(token, keys)
    if str(header.get("typ", LOGOUT_TYPE)).lower() not in {LOGOUT_TYPE, "jwt"}:
        raise TokenRefused("wrong_type")
    events = claims.get("events")
    if not isinstance(events, dict) or not isinstance(events.get(LOGOUT_EVENT), dict):
        raise TokenRefused("no_logout_event")
    if "nonce" in claims:
        raise TokenRefused("has_nonce")
    _demand_from_and_for(claims, expected)
    _demand_in_time(claims, at)
    subject, session = _name(claims, "sub"), _name(claims, "sid")
    if subject is None and session is None:
        raise TokenRefused("nobody_named")
    return Logout(issuer=expected.issuer, id=_demand_name(claims, "jti"), subject=subject, session=session)


def _header(token: str) -> Mapping[str, Any]:
    """The header of a token, before its signature is looked at; raises ``TokenRefused`` where it is none of ours."""
    if len(token) > LONGEST_TOKEN:
        raise TokenRefused("too_long")
    try:
        header = extract_compact(token.encode()).headers()
    except (JoseError, ValueError, TypeError, RecursionError):
        raise TokenRefused("not_a_token") from None
    if not isinstance(header.get("kid", ""), str):
        raise TokenRefused("not_a_token")
    if not _BRINGS_A_KEY.isdisjoint(header):
        raise TokenRefused("brings_a_key")
    if header.get("alg") not in ALGORITHMS:
        raise TokenRefused("wrong_algorithm")
    return header


def _signed(token: str, keys: KeySet) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    header = _header(token)
    try:
        return header, jwt.decode(token, keys, algorithms=ALGORITHMS).claims
    except (JoseError, ValueError, TypeError, RecursionError):
        raise TokenRefused("not_signed_by_the_provider") from None


def _demand_from_and_for(claims: Mapping[str, Any], expected: Expected) -> None:
    if claims.get("iss") != expected.issuer:
        raise TokenRefused("wrong_issuer")
    audience = claims.get("aud")
    several = audience if isinstance(audience, list) else [audience]
    if expected.client_id not in several:
        raise TokenRefused("wrong_audience")
    # With more than one audience the token says to whom of them it was given.
    if claims.get("azp", expected.client_id if len(several) == 1 else None) != expected.client_id:
        raise TokenRefused("wrong_audience")


def _demand_in_time(claims: Mapping[str, Any], at: datetime) -> None:
    if _instant(claims, "exp") + LEEWAY <= at:
        raise TokenRefused("expired")
    issued = _instant(claims, "iat")
    if issued > at + LEEWAY or issued < at - OLDEST_ISSUE:
        raise TokenRefused("not_issued_now")
    if "nbf" in claims and _instant(claims, "nbf") > at + LEEWAY:
        raise TokenRefused("not_yet")


def _instant(claims: Mapping[str, Any], name: str) -> datetime:
    seconds = claims.get(name)
    if isinstance(seconds, bool) or not isinstance(seconds, int | float):
        raise TokenRefused(f"no_{name}")
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, OSError, ValueError):
        raise TokenRefused(f"no_{name}") from None


def _name(claims: Mapping[str, Any], name: str) -> str | None:
    value = claims.get(name)
    if value is None:
        return None
    if not isinstance(value, str) or not 0 < len(value) <= LONGEST_NAME or not value.isprintable():
        raise TokenRefused(f"bad_{name}")
    return value


def _demand_name(claims: Mapping[str, Any], name: str) -> str:
    value = _name(claims, name)
    if value is None:
        raise TokenRefused(f"no_{name}")
    return value


def _is_proven(claims: Mapping[str, Any], proof: str) -> bool:
    where, _, value = proof.partition(":")
    said = claims.get(where) if where else None
    return value in said if isinstance(said, list) else said is not None and said == value
