"""A small OpenID provider, as a process of its own: honest until a test tells it how to lie.

``python tests/openid_provider.py PORT`` serves it; ``Running`` starts and stops one.
"""

import base64
import hashlib
import hmac
import json
import secrets
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlencode

import httpx
import uvicorn
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

CLIENT, SECRET = "contact-service", "the secret of the client"
EVENT = "http://schemas.openid.net/event/backchannel-logout"
HONEST: dict[str, Any] = {
    "at": 0,
    "sub": "sub-karim",
    "email": "karim@demo.example",
    "claims": {},
    "without": [],
    "sign": "well",
    "discovery": "well",
    "keys": "well",
    "iss": "own",
    "answer": "well",
    "page": False,
}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


@dataclass
class Server:
    """What the process keeps."""

    port: int
    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "first", "use": "sig"}))
    other: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "first", "use": "sig"}))
    behaviour: dict[str, Any] = field(default_factory=lambda: dict(HONEST))
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    seen: list[dict[str, Any]] = field(default_factory=list)

    @property
    def issuer(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def app(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/.well-known/openid-configuration", self.discovery),
                Route("/moved", self.described),
                Route("/authorize", self.authorize),
                Route("/token", self.token, methods=["POST"]),
                Route("/keys", self.keys),
                Route("/behave", self.behave, methods=["POST"]),
                Route("/logout-token", self.logout_token, methods=["POST"]),
                Route("/seen", self.tell),
            ]
        )

    async def behave(self, request: Request) -> Response:
        self.behaviour = HONEST | await request.json()
        self.seen = []
        return JSONResponse({})

    async def tell(self, _request: Request) -> Response:
        return JSONResponse(self.seen)

    async def discovery(self, request: Request) -> Response:
        self.seen.append({"path": "discovery"})
        if self.behaviour["discovery"] == "redirects":
            return RedirectResponse(f"{self.issuer}/moved")
        return await self.described(request)

    async def described(self, _request: Request) -> Response:
        lies = {
            "wrong_issuer": {"issuer": "https://id.evil.example"},
            "token_inside": {"token_endpoint": "http://169.254.169.254/latest"},
            "keys_inside": {"jwks_uri": "https://10.0.0.7/keys"},
            "keys_file": {"jwks_uri": "file:///etc/passwd"},
        }
        said = {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
            "authorization_response_iss_parameter_supported": True,
        }
        return JSONResponse(said | lies.get(self.behaviour["discovery"], {}))

    async def authorize(self, request: Request) -> Response:
        asked = dict(request.query_params)
        self.seen.append({"path": "authorize", **asked})
        assert asked["client_id"] == CLIENT
        assert asked["response_type"] == "code"
        assert asked["code_challenge_method"] == "S256"
        if self.behaviour["page"] and "agreed" not in asked:
            fields = "".join(f'<input type="hidden" name="{name}" value="{asked[name]}">' for name in asked)
            return HTMLResponse(f'<form>{fields}<button name="agreed" value="yes">It is me</button></form>')
        code = secrets.token_urlsafe(16)
        self.codes[code] = asked
        issuers = {"own": {"iss": self.issuer}, "none": {}, "other": {"iss": "https://id.evil.example"}}
        answer = {"code": code, "state": asked["state"]} | issuers[self.behaviour["iss"]]
        return RedirectResponse(f"{asked['redirect_uri']}?{urlencode(answer)}", status_code=302)

    async def keys(self, _request: Request) -> Response:
        self.seen.append({"path": "keys"})
        document: dict[str, Any] = {"keys": [self.key.as_dict(private=False)]}
        if self.behaviour["keys"] == "huge":
            document["more"] = ["x" * 1000] * 1000
        return JSONResponse(document)

    async def token(self, request: Request) -> Response:
        form = dict(await request.form())
        self.seen.append({"path": "token", **{name: str(form[name]) for name in form}})
        asked = self.codes.pop(str(form.get("code")), None)
        basic = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        if request.headers.get("authorization") != f"Basic {basic}" or asked is None:
            return JSONResponse({"error": "invalid_grant"}, status_code=400)
        made = text(hashlib.sha256(str(form["code_verifier"]).encode()).digest())
        if made != asked["code_challenge"] or form["redirect_uri"] != asked["redirect_uri"]:
            return JSONResponse({"error": "invalid_grant"}, status_code=400)
        if self.behaviour["answer"] == "no_token":
            return JSONResponse({"access_token": "a", "token_type": "Bearer"})
        if self.behaviour["answer"] == "redirects":
            return RedirectResponse("http://127.0.0.1:1/token", status_code=307)
        token = self.signed(self.claims(asked["nonce"]))
        return JSONResponse({"access_token": "a", "token_type": "Bearer", "id_token": token})

    def claims(self, nonce: str) -> dict[str, Any]:
        told = self.behaviour
        claims = {
            "iss": self.issuer,
            "aud": CLIENT,
            "sub": told["sub"],
            "email": told["email"],
            "email_verified": True,
            "nonce": nonce,
            "iat": told["at"],
            "exp": told["at"] + 300,
            "auth_time": told["at"] - 60,
            "sid": "sid-1",
        } | told["claims"]
        return {name: value for name, value in claims.items() if name not in told["without"]}

    async def logout_token(self, request: Request) -> Response:
        sent = await request.json()
        claims = {
            "iss": self.issuer,
            "aud": CLIENT,
            "iat": self.behaviour["at"],
            "exp": self.behaviour["at"] + 120,
            "jti": secrets.token_hex(8),
            "events": {EVENT: {}},
            "sub": self.behaviour["sub"],
        } | sent["claims"]
        claims = {name: value for name, value in claims.items() if value is not None}
        return JSONResponse({"token": self.signed(claims, kind="logout+jwt")})

    def signed(self, claims: dict[str, Any], kind: str = "JWT") -> str:
        way = self.behaviour["sign"]
        header: dict[str, Any] = {"alg": "RS256", "kid": "first", "typ": kind}
        public = self.key.as_pem(private=False)
        more: dict[str, dict[str, Any]] = {
            "none": {"alg": "none"},
            "hs": {"alg": "HS256"},
            "secret": {"alg": "HS256"},
            "wrong_kid": {"kid": "second"},
            "jku": {"jku": "https://id.evil.example/keys"},
        }
        if way == "jwk":
            mine = ECKey.generate_key("P-256")
            return jwt.encode({"alg": "ES256", "jwk": mine.as_dict(private=False)}, claims, mine)
        if way == "rubbish":
            return "not.a.token"
        if way == "huge":
            claims = claims | {"more": "x" * 40_000}
        head, body = (text(json.dumps(part).encode()) for part in (header | more.get(way, {}), claims))
        key = self.other if way in {"other_key", "wrong_kid", "jku"} else self.key
        ends = {
            "none": b"",
            "hs": hmac.digest(public, f"{head}.{body}".encode(), "sha256"),
            "secret": hmac.digest(SECRET.encode(), f"{head}.{body}".encode(), "sha256"),
        }
        end = ends.get(way)
        if end is None:
            assert key.private_key is not None
            end = key.private_key.sign(f"{head}.{body}".encode(), PKCS1v15(), SHA256())
        if way == "tampered":
            body = text(json.dumps(claims | {"sub": "sub-priya"}).encode())
        return f"{head}.{body}.{text(end)}"


@dataclass
class Running:
    """The process, from outside."""

    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    @property
    def issuer(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> Self:
        self.process = subprocess.Popen([sys.executable, str(Path(__file__)), str(self.port)])
        for _ in range(600):
            try:
                httpx.get(f"{self.issuer}/seen", timeout=5)
            except httpx.TransportError:
                assert self.process.poll() is None, "the provider ended"
                time.sleep(0.1)
            else:
                return self
        raise TimeoutError

    def stop(self) -> None:
        if self.process is not None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(timeout=30)
            self.process = None

    def behave(self, **how: object) -> None:
        httpx.post(f"{self.issuer}/behave", json=how, timeout=10).raise_for_status()

    def seen(self, path: str) -> list[dict[str, Any]]:
        return [one for one in httpx.get(f"{self.issuer}/seen", timeout=10).json() if one["path"] == path]

    def logout_token(self, **claims: object) -> str:
        answer = httpx.post(f"{self.issuer}/logout-token", json={"claims": claims}, timeout=10)
        return str(answer.raise_for_status().json()["token"])


if __name__ == "__main__":
    here = int(sys.argv[1])
    uvicorn.run(Server(here).app(), host="127.0.0.1", port=here, log_level="warning", lifespan="off")
