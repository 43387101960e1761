"""POSTs to an address a stranger gave, by the same guard that fetches pictures: public addresses, no redirects."""

from collections.abc import Mapping
from dataclasses import dataclass

import httpcore
import httpx

from shared.contracts.errors import BadImage, BadRequest, Transient
from shared.runtime.web.addresses import Address
from shared.runtime.web.deadlines import Deadline, DeadlineBackend
from shared.runtime.web.fetching import GuardedFetcher, parsed, port_of, tls

MOST_ANSWER = 64 * 1024  # bytes of an answer that are read before the connection is closed


@dataclass(frozen=True)
class GuardedSender:
    """Delivers bodies; where to is checked by the guard's rules each time, and connected by the address checked."""

    guard: GuardedFetcher

    def check(self, url: str) -> None:
        """Raise BadRequest, in words, when nothing may be sent there; Transient when its name does not resolve now."""
        self._address(parsed(url), Deadline(self.guard.timeout_s))

    def post(self, url: str, headers: Mapping[str, str], body: bytes) -> int:
        """The status that the target answers, within the guard's time for all of it. Raises BadRequest or Transient."""
        deadline, target = Deadline(self.guard.timeout_s), parsed(url)
        address = self._address(target, deadline)
        try:
            return _post(target, address, headers, body, deadline)
        except httpcore.TimeoutException as error:
            words = f"{target.host} did not answer within {self.guard.timeout_s:.0f} s"
            raise Transient("target_slow", words) from error
        except (httpcore.NetworkError, httpcore.ProtocolError) as error:
            raise Transient("target_unreachable", f"{target.host} could not be reached: {error}") from error

    def _address(self, target: httpx.URL, deadline: Deadline) -> Address:
        try:
            return self.guard.address_of(target, deadline)
        except BadImage as error:
            words = "the target must be an https:// address on the public web"
            raise BadRequest(error.reason, f"{words}: {target.host} is none") from error


def _post(target: httpx.URL, address: Address, headers: Mapping[str, str], body: bytes, deadline: Deadline) -> int:
    there = httpcore.URL(
        scheme=target.raw_scheme, host=str(address).encode(), port=port_of(target), target=target.raw_path
    )
    all_headers = {"host": target.netloc.decode("ascii"), **headers}  # httpcore adds the length
    with (
        httpcore.ConnectionPool(ssl_context=tls(), network_backend=DeadlineBackend(deadline)) as pool,
        pool.stream(
            "POST",
            there,
            headers=list(all_headers.items()),
            content=body,
            extensions={"sni_hostname": target.raw_host.decode("ascii")},
        ) as response,
    ):
        read = 0
        for part in response.iter_stream():
            read += len(part)
            if read > MOST_ANSWER:
                break
        return int(response.status)
