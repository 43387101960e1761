"""A web of pictures in memory."""

from dataclasses import dataclass, field

from shared.contracts.errors import BadImage


@dataclass
class FakeImageFetcher:
    """Serves `pages`; every other URL is refused as a server's 404 would be. `fetched` remembers what was asked."""

    pages: dict[str, bytes] = field(default_factory=dict)
    fetched: list[str] = field(default_factory=list)

    def fetch(self, url: str) -> bytes:
        """The bytes at `url`."""
        self.fetched.append(url)
        if not url.startswith(("http://", "https://")):
            raise BadImage("url_scheme", "an image URL must begin with http:// or https:// and name a host")
        if url not in self.pages:
            raise BadImage("url_refused", f"{url} answers 404 for this image")
        return self.pages[url]
