"""Image URLs fetched without being lured into the private network (SSRF), under caps of size and time."""

import functools
import ipaddress
import ssl
from dataclasses import dataclass

import httpcore
import httpx

from shared.contracts.errors import BadImage, Transient
from shared.contracts.picture_files.limits import MAX_BYTES
from shared.runtime.settings import FetchSettings
from shared.runtime.web.addresses import Address, carried, is_public
from shared.runtime.web.deadlines import Deadline, DeadlineBackend, Resolver, resolve, resolved

REDIRECTS = 3
PORTS = {"http": 80, "https": 443}
MOVED = {301, 302, 303, 307, 308}


@dataclass(frozen=True)
class GuardedFetcher:
    """Fetches from public addresses only, each hop checked and connected by the very address that was checked.

    By default https on port 443 alone. `plain_http` allows http and port 80, `ports` further ports; with `hosts` only
    these hosts (`.example.com`: and all under it) are asked. `private_hosts` are host names or networks (CIDR) of one's
    own, such as an object store: they may be private, speak http and listen on any port.
    """

    private_hosts: tuple[str, ...] = ()
    plain_http: bool = False
    ports: tuple[int, ...] = ()
    hosts: tuple[str, ...] = ()
    timeout_s: float = 20.0
    max_bytes: int = MAX_BYTES
    resolver: Resolver = resolve

    def fetch(self, url: str) -> bytes:
        """The body, within `timeout_s` of wall clock for everything, redirects included.

        Raises BadImage (refused, gone, too heavy) or Transient (timeout, 5xx, no route).
        """
        deadline, target = Deadline(self.timeout_s), parsed(url)
        for _ in range(REDIRECTS + 1):
            address = self.address_of(target, deadline)
            try:
                answer = self._hop(target, address, deadline)
            except httpcore.TimeoutException as error:
                raise self._slow() from error
            except (httpcore.NetworkError, httpcore.ProtocolError) as error:
                raise Transient("url_unreachable", f"{target.host} could not be reached: {error}") from error
            if isinstance(answer, bytes):
                return answer
            target = answer
        raise BadImage("url_redirects", "the image URL redirects too often")

    def _hop(self, target: httpx.URL, address: Address, deadline: Deadline) -> bytes | httpx.URL:
        """One request, to the very address that was checked: a second lookup could answer otherwise (DNS rebinding)."""
        there = httpcore.URL(
            scheme=target.raw_scheme, host=str(address).encode(), port=port_of(target), target=target.raw_path
        )
        headers: list[tuple[bytes | str, bytes | str]] = [
            ("host", target.netloc.decode("ascii")),
            ("accept", "image/*"),
            ("accept-encoding", "identity"),
            ("user-agent", "backdrop"),
        ]
        with (
            httpcore.ConnectionPool(ssl_context=tls(), network_backend=DeadlineBackend(deadline)) as pool,
            pool.stream(
                "GET", there, headers=headers, extensions={"sni_hostname": target.raw_host.decode("ascii")}
            ) as response,
        ):
            location = dict(response.headers).get(b"location")
            if response.status in MOVED and location is not None:
                return _joined(target, location)
            _check_status(response.status, target.host)
            return self._body(response)

    def _body(self, response: httpcore.Response) -> bytes:
        """The bytes as they come, until there are too many."""
        body = bytearray()
        for part in response.iter_stream():
            body += part
            if len(body) > self.max_bytes:
                raise BadImage("image_too_heavy", f"the URL serves more than {self.max_bytes / 1e6:.0f} MB")
        return bytes(body)

    def address_of(self, target: httpx.URL, deadline: Deadline) -> Address:
        """The address to connect to. Raises BadImage when the URL may not be fetched."""
        self._check_words(target)
        host = target.raw_host.decode("ascii")
        try:
            texts = resolved(self.resolver, host, port_of(target), deadline)
        except TimeoutError as error:
            raise self._slow() from error
        except OSError as error:
            raise Transient("url_unresolved", f"the host name {host} does not resolve") from error
        found = [ipaddress.ip_address(text.split("%")[0]) for text in texts]
        if not found or not all(self._is_ours(host, address) or is_public(address) for address in found):
            raise BadImage("url_private", f"{host} is not a public address; images must be on the public web")
        if not all(self._is_ours(host, address) for address in found):
            self._check_manners(target)
        return found[0]

    def _check_words(self, target: httpx.URL) -> None:
        """What can be told before anything is asked of anybody."""
        if target.scheme not in PORTS or not target.raw_host:
            raise BadImage("url_scheme", "an image URL must begin with https:// and name a host")
        if target.userinfo:
            raise BadImage("url_invalid", "an image URL must not hold a user name or a password")
        if self.hosts and not any(_names(entry, target.host) for entry in self.hosts):
            raise BadImage("url_host", f"images are not fetched from {target.host}; it is not on this service's list")

    def _check_manners(self, target: httpx.URL) -> None:
        """How the public web is spoken to."""
        if target.scheme == "http" and not self.plain_http:
            raise BadImage("url_scheme", "images are fetched over https:// only, not over http://")
        if port_of(target) not in {PORTS[target.scheme], *self.ports}:
            raise BadImage("url_port", f"images are not fetched from port {port_of(target)}")

    def _is_ours(self, host: str, address: Address) -> bool:
        inner = carried(address) if isinstance(address, ipaddress.IPv6Address) else None
        return any(_covers(entry, host, inner or address) for entry in self.private_hosts)

    def _slow(self) -> Transient:
        return Transient("url_slow", f"the image did not arrive within {self.timeout_s:.0f} s")


def make_fetcher(settings: FetchSettings) -> GuardedFetcher:
    """The one door to the web, as the settings open it."""
    return GuardedFetcher(
        private_hosts=settings.private_hosts,
        plain_http=settings.http,
        ports=settings.ports,
        hosts=settings.hosts,
        timeout_s=settings.timeout_s,
    )


@functools.cache
def tls() -> ssl.SSLContext:
    """The system's certificate authorities, read once."""
    return httpcore.default_ssl_context()


def parsed(url: str) -> httpx.URL:
    """A URL in its parts. Raises BadImage."""
    try:
        return httpx.URL(url)
    except (httpx.InvalidURL, ValueError) as error:
        raise BadImage("url_invalid", f"this is not a valid URL: {error}") from error


def _joined(target: httpx.URL, location: bytes) -> httpx.URL:
    try:
        return target.join(location.decode("ascii", "replace"))
    except (httpx.InvalidURL, ValueError) as error:
        raise BadImage("url_invalid", f"{target.host} redirects to what is not a valid URL: {error}") from error


def port_of(target: httpx.URL) -> int:
    """The port that is named, or the scheme's own."""
    return target.port or PORTS[target.scheme]


def _check_status(status: int, host: str) -> None:
    if status >= 500 or status == 429:
        raise Transient("url_unavailable", f"{host} answers {status}")
    if status != 200:
        raise BadImage("url_refused", f"{host} answers {status} for this image")


def _covers(entry: str, host: str, address: Address) -> bool:
    """Whether an entry of the private list, a name or a network, covers this host."""
    try:
        return address in ipaddress.ip_network(entry, strict=False)
    except ValueError:
        return _names(entry, host)


def _names(entry: str, host: str) -> bool:
    """Whether a name, or with a leading dot all names under it, is this host."""
    name, host = entry.lower(), host.lower().rstrip(".")
    return host == name.lstrip(".") or (name.startswith(".") and host.endswith(name))
