"""How people met pictures, remembered window by window. No Kafka or SQL here."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from services.curator.books import SampleBook
from services.curator.records import Option, OptionId, Window
from services.curator.taste.options import option_of
from shared.contracts.blobs import BlobStore
from shared.contracts.errors import BadRequest, Permanent
from shared.contracts.events import ProductEngaged, in_utc

CLOCK_SKEW = timedelta(days=1)  # what a platform's clock and its missing time zone may amount to


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class RecordEngagement:
    """Adds windows of engagement to the record of products' photos, or of their options, a batch at once."""

    catalogue: SampleBook
    blobs: BlobStore
    clock: Callable[[], datetime] = _now

    def __call__(self, events: Sequence[ProductEngaged]) -> None:
        """Idempotent: the same window twice counts once.

        Raises BadRequest for one that is not over yet, NotKnown for an option that was never painted for the product;
        the others of the batch are remembered before that.
        """
        known = self.catalogue.options({_option_id(event) for event in events if event.request_id})
        windows, options, refused = list[Window](), dict[OptionId, Option](), None
        for event in events:
            try:
                self._must_be_over(event)
                if event.request_id and (one := _option_id(event)) not in known and one not in options:
                    options[one] = option_of(self.blobs, *one)
                windows.append(_window(event))
            except Permanent as error:
                refused = error
        self.catalogue.put_options(list(options.values()))
        self.catalogue.put_windows(windows)
        if refused is not None:
            raise refused

    def _must_be_over(self, event: ProductEngaged) -> None:
        if in_utc(event.window_end) > self.clock() + CLOCK_SKEW:
            ahead = event.window_end.isoformat()
            raise BadRequest("bad_event", f"window_end: lies in the future ({ahead}); tell of a window once it is over")


def _option_id(event: ProductEngaged) -> OptionId:
    return event.product_id, event.request_id or "", event.image.sha256 if event.image else ""


def _window(event: ProductEngaged) -> Window:
    _, request_id, image_sha256 = _option_id(event)
    return Window(
        product_id=event.product_id,
        start=event.window_start,
        end=event.window_end,
        impressions=event.impressions,
        clicks=event.clicks,
        saves=event.saves,
        long_clicks=event.long_clicks,
        request_id=request_id,
        image_sha256=image_sha256,
    )
