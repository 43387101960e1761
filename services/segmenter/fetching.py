"""Image URLs fetched without being lured into the private network (SSRF), under caps of size and time."""

import ipaddress
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

import httpx

from shared.contracts.errors import BadImage, Transient
from shared.contracts.picture_files.limits import MAX_BYTES

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Resolver = Callable[[str, int], list[str]]

REDIRECTS = 3
PORTS = {"http": 80, "https": 443}


def resolve(host: str, port: int) -> list[str]:
    """All addresses of a host name, by the system's resolver."""
    return [str(info[4][0]) for info in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


@dataclass(frozen=True)
class GuardedFetcher:
    """Fetches http and https only, from public addresses only, each hop checked and connected by the address checked.

    `private_hosts` are host names or networks (CIDR) that may be private, such as an object store of one's own.
    """

    private_hosts: tuple[str, ...] = ()
    timeout_s: float = 20.0
    max_bytes: int = MAX_BYTES
    resolver: Resolver = resolve

    def fetch(self, url: str) -> bytes:
        """The body. Raises BadImage (refused, gone, too heavy) or Transient (timeout, 5xx, no route)."""
        deadline = time.monotonic() + self.timeout_s
        for _ in range(REDIRECTS + 1):
            try:
                body = self._hop(url, deadline)
            except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError) as error:
                raise Transient("url_unreachable", f"{_host(url)} could not be reached: {error}") from error
            if isinstance(body, bytes):
                return body
            url = body.location
        raise BadImage("url_redirects", "the image URL redirects too often")

    def _hop(self, url: str, deadline: float) -> "bytes | _Redirect":
        """One request, to the very address that was checked: a second lookup could answer otherwise (DNS rebinding)."""
        parts, address = self._checked(url)
        shown = f"[{address}]" if address.version == 6 else str(address)
        port = parts.port or PORTS[parts.scheme]
        target = httpx.URL(url).copy_with(host=shown)
        headers = {"host": parts.netloc.rpartition("@")[2], "accept": "image/*", "user-agent": "backdrop-segmenter"}
        extensions = {"sni_hostname": parts.hostname} if parts.scheme == "https" else {}
        left_s = max(0.1, deadline - time.monotonic())
        with (
            httpx.Client(timeout=left_s, follow_redirects=False, trust_env=False) as client,
            client.stream("GET", target.copy_with(port=port), headers=headers, extensions=extensions) as response,
        ):
            if response.is_redirect and "location" in response.headers:
                return _Redirect(urljoin(url, response.headers["location"]))
            _check_status(response.status_code, url)
            return self._body(response, deadline)

    def _body(self, response: httpx.Response, deadline: float) -> bytes:
        """The bytes as they come, until there are too many or it takes too long."""
        parts: list[bytes] = []
        size = 0
        for part in response.iter_bytes():
            parts.append(part)
            size += len(part)
            if size > self.max_bytes:
                raise BadImage("image_too_heavy", f"the URL serves more than {self.max_bytes / 1e6:.0f} MB")
            if time.monotonic() > deadline:
                raise Transient("url_slow", f"the image did not arrive within {self.timeout_s:.0f} s")
        return b"".join(parts)

    def _checked(self, url: str) -> tuple["_Parts", Address]:
        """The URL's parts and the address to connect to. Raises BadImage when it may not be fetched."""
        parts = _parts(url)
        try:
            found = [
                ipaddress.ip_address(text.split("%")[0]) for text in self.resolver(parts.hostname, parts.port or 0)
            ]
        except OSError as error:
            raise Transient("url_unresolved", f"the host name {parts.hostname} does not resolve") from error
        bad = [address for address in found if not self._allowed(parts.hostname, address)]
        if bad or not found:
            raise BadImage("url_private", f"{parts.hostname} is not a public address; images must be on the public web")
        return parts, found[0]

    def _allowed(self, host: str, address: Address) -> bool:
        plain = getattr(address, "ipv4_mapped", None) or address
        if plain.is_global and not plain.is_multicast:
            return True
        return any(_covers(allowed, host, plain) for allowed in self.private_hosts)


@dataclass(frozen=True)
class _Redirect:
    location: str


@dataclass(frozen=True)
class _Parts:
    scheme: str
    hostname: str
    netloc: str
    port: int | None


def _parts(url: str) -> _Parts:
    """A URL taken apart; only http and https with a host pass."""
    try:
        split = urlsplit(url)
        port = split.port
    except ValueError as error:
        raise BadImage("url_invalid", f"this is not a valid URL: {error}") from error
    if split.scheme not in PORTS or not split.hostname:
        raise BadImage("url_scheme", "an image URL must begin with http:// or https:// and name a host")
    return _Parts(split.scheme, split.hostname, split.netloc, port)


def _check_status(status: int, url: str) -> None:
    if status >= 500 or status == 429:
        raise Transient("url_unavailable", f"{_host(url)} answers {status}")
    if status != 200:
        raise BadImage("url_refused", f"{_host(url)} answers {status} for this image")


def _covers(allowed: str, host: str, address: Address) -> bool:
    """Whether an entry of the allow list, a name or a network, covers this host."""
    try:
        return address in ipaddress.ip_network(allowed, strict=False)
    except ValueError:
        return allowed.lower() == host.lower()


def _host(url: str) -> str:
    return urlsplit(url).hostname or url
