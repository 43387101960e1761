"""Who comes in: a key, a page's session, or on one's own machine whoever sits there; and how often."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from ipaddress import ip_address
from urllib.parse import urlsplit

from fastapi import Request
from fastapi.concurrency import run_in_threadpool

from services.gateway.callers.keys import SCOPES, ApiKey, Identity, Scope, opens, parse_key
from services.gateway.callers.limits import RateLimits
from services.gateway.callers.recognised import Recognised
from services.gateway.callers.sessions import COOKIE, SessionBook, hashed
from services.gateway.callers.tenants import DEFAULT
from services.gateway.doors.problems import RequestRefused
from services.gateway.ports import KeyBook

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
LOCAL = Identity(tenant=DEFAULT, name="local", key_id="local", scopes=SCOPES)
ASK = {"WWW-Authenticate": 'Bearer realm="backdrop"'}


@dataclass(frozen=True, kw_only=True)
class Access:
    """Decides on every request. `hosts`: the names under which pages reach this gateway."""

    keys: KeyBook
    pepper: str
    sessions: SessionBook
    limits: RateLimits
    hosts: frozenset[str]
    single_user: bool = False
    recognised: Recognised = field(default_factory=Recognised)

    def admit(self, identity: Identity, scope: Scope) -> Identity:
        """Let somebody in. Raises Refused: 429 too often, 403 without the scope."""
        wait = self.limits.seconds_to_wait(identity.key_id)
        if wait:
            words = f"this key asks too often; wait {wait} s"
            raise RequestRefused(429, "rate_limited", words, headers={"Retry-After": str(wait)})
        if not identity.may(scope):
            if scope == "operate" and identity.tenant != DEFAULT:
                raise RequestRefused(403, "scope_missing", f"this concerns all tenants: it needs a key of `{DEFAULT}`")
            words = (
                f"this key may not do that: it needs the scope `{scope}` and has {', '.join(sorted(identity.scopes))}"
            )
            raise RequestRefused(403, "scope_missing", words)
        return identity

    def who(self, request: Request) -> Identity:
        """The identity of a request. Raises Refused: 401 for nobody known, 403 from another site."""
        return self.at_once(request) or self.looked_up(request)

    def at_once(self, request: Request) -> Identity | None:
        """The same where no database is to be asked: who sits here, or was recognised a moment ago. Raises Refused."""
        words = request.headers.get("authorization")
        if words is None and self._alone(request):
            self.check_site(request)
            return LOCAL
        shown = request.cookies.get(COOKIE) if words is None else words
        known = None if shown is None else self.recognised.key(shown)
        if known is None:
            return None
        if words is None:
            self.check_site(request)
        return _opened(known)

    def looked_up(self, request: Request) -> Identity:
        """The same by a look into the database. Raises Refused."""
        words, cookie = request.headers.get("authorization"), request.cookies.get(COOKIE)
        if words is not None:
            return self.bearer(words)
        if cookie is None:
            raise RequestRefused(401, "key_missing", "give your API key as `Authorization: Bearer bk_…`", headers=ASK)
        self.check_site(request)
        return self._in_session(cookie)

    def bearer(self, words: str) -> Identity:
        """The identity of a key. One answer for all that is wrong with an unknown one."""
        since = self.recognised.clock()
        scheme, _, key = words.partition(" ")
        parts = parse_key(key.strip()) if scheme.lower() == "bearer" else None
        known = self.keys.key(parts[0]) if parts else None
        if known is None or parts is None or not opens(known, parts[1], self.pepper):
            raise RequestRefused(401, "key_unknown", "this API key is not known here", headers=ASK)
        return self._recognise(words, known, since)

    def check_site(self, request: Request) -> None:
        """Refuse what another site's page sends along with our user's cookie or from our user's machine."""
        host = request.headers.get("host", "")
        if _name(host) not in self.hosts:
            raise RequestRefused(
                403, "host_unknown", "this gateway has no page under that name; GATEWAY_HOSTS lists its names"
            )
        origin = request.headers.get("origin")
        foreign = origin is not None and urlsplit(origin).netloc != host
        site = request.headers.get("sec-fetch-site", "same-origin" if origin else "none")
        if request.method not in SAFE and (foreign or site not in ("same-origin", "none")):
            raise RequestRefused(403, "cross_site", "this request comes from another site's page")
        if request.method not in SAFE and origin is None and COOKIE in request.cookies:
            raise RequestRefused(403, "origin_missing", "a request with a session says where it comes from (Origin)")

    def _alone(self, request: Request) -> bool:
        """Whether the request is one of the only user, on this very machine. A `Host` may be anything, a peer not."""
        return self.single_user and request.client is not None and _is_loopback(request.client.host)

    def _in_session(self, cookie: str) -> Identity:
        since = self.recognised.clock()
        known = self.sessions.key_in_session(hashed(cookie), datetime.now(UTC))
        if known is None:
            raise RequestRefused(401, "session_over", "the session is over; come in again with your key", headers=ASK)
        return self._recognise(cookie, known, since)

    def _recognise(self, shown: str, known: ApiKey, since: float) -> Identity:
        identity = _opened(known)
        self.recognised.keep(shown, known, since)
        return identity


def _opened(known: ApiKey) -> Identity:
    trouble = known.trouble(datetime.now(UTC))
    if trouble is not None:
        raise RequestRefused(401, "key_over", trouble, headers=ASK)
    return known.identity


def needs(scope: Scope) -> Callable[[Request], Awaitable[Identity]]:
    """A dependency of routes: only who has the scope passes."""

    async def admitted(request: Request) -> Identity:
        access: Access = request.app.state.access
        if "\x00" in request.scope["path"] or b"%00" in request.scope["query_string"]:
            raise RequestRefused(422, "character_invalid", "no name and no word here has a NUL (%00) in it")
        known = access.at_once(request)
        if known is None:
            known = await run_in_threadpool(access.looked_up, request)
        return access.admit(known, scope)

    return admitted


@lru_cache(maxsize=1000)
def _is_loopback(address: str) -> bool:
    try:
        return ip_address(address.removeprefix("::ffff:")).is_loopback
    except ValueError:
        return False


def _name(host: str) -> str:
    """The host without its port; IPv6 keeps its brackets."""
    return host if host.endswith("]") else host.rpartition(":")[0] or host
