"""The curator's memory as ports: what is written down as events come in, and what releasing reads and writes."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from services.curator.key_ranges import EVERY_KEY, KeyRange
from services.curator.records import (
    Consent,
    EngagedPicture,
    Known,
    Option,
    OptionId,
    Picture,
    Release,
    Review,
    Sample,
    Window,
)
from shared.contracts.events import SampleCurated, StyleMined


class SampleBook(Protocol):
    """What is written down while events come in, by the batch. Every verb may be repeated.

    Raises DependencyDown in an outage.
    """

    def consents(self, products: Collection[str]) -> dict[str, Consent]:
        """What the owners of these products have said so far."""
        ...

    def verdicts(self, known: Collection[Known]) -> dict[Known, SampleCurated]:
        """What was told before of photos of which the same was known."""
        ...

    def put_verdicts(self, told: Mapping[Known, SampleCurated], /) -> dict[Known, SampleCurated]:
        """Remember what is about to be told, nothing of a withdrawn product; what was told first stays.

        Returns what is to be told.
        """
        ...

    def put_samples(self, samples: Sequence[Sample], /) -> list[Sample]:
        """Remember verdicts: one per product and image, that of the newest revision, of equal ones the last told.

        A sample without `may_train` is a no: all that is not newer becomes `Sample.without_consent`, and so does a yes
        that comes late. Nothing is remembered of a withdrawn product. A fit sample stands as `Sample.beside` those
        of other products that are alike says, and those stand anew beside it, whatever the order in which they came.
        Returns the samples as they stand.
        """
        ...

    def put_windows(self, windows: Sequence[Window], /) -> None:
        """Remember windows of engagement; the same bounds again replace them."""
        ...

    def options(self, ids: Collection[OptionId]) -> set[OptionId]:
        """Which of these options are remembered."""
        ...

    def put_options(self, options: Sequence[Option], /) -> None:
        """Remember painted options; nothing of a withdrawn product."""
        ...

    def put_review(self, review: Review, /) -> None:
        """Remember the votes of one rater on one output; told again, they replace themselves."""
        ...

    def withdraw(self, product_id: str, reason: str, revision: int) -> None:
        """Remember the opt-out, for ever, and forget everything else of the product; of two reasons the newer stays."""
        ...


class ReleaseBook(Protocol):
    """What releasing reads and writes. Raises DependencyDown in an outage."""

    def kept(self, keys: KeyRange = EVERY_KEY) -> Iterator[Sample]:
        """All kept samples of a range, ordered by key; read as they are needed, since they outgrow any memory."""
        ...

    def reviews(self) -> Iterator[Review]:
        """Votes on outputs whose owner consents to training, ordered by image, request and rater; read as needed."""
        ...

    def engaged(self) -> Iterator[EngagedPicture]:
        """Kept samples, and options of owners who consent, that people met; read as they are needed.

        Photos come first, then options, each ordered by key.
        """
        ...

    def newest_window(self) -> datetime | None:
        """When the last window of engagement ended: the moment from which older ones fade."""
        ...

    def newcomers(self, dataset: str) -> int:
        """How many products have kept samples (`judge`: reviews) and are not in the newest version of the dataset."""
        ...

    def members(self, dataset: str) -> frozenset[str]:
        """The products of the newest version."""
        ...

    def pictures(self, dataset: str) -> frozenset[str]:
        """The keys of the newest version."""
        ...

    def reasons(self) -> dict[str, int]:
        """How many samples each reason has."""
        ...

    def latest(self, dataset: str) -> Release | None:
        """The newest release of a dataset."""
        ...

    def gone(self, dataset: str, *, newest_only: bool = False) -> tuple[str, ...]:
        """Products without consent, by now, that any version of the dataset had, or the newest one; sorted."""
        ...

    def unwilling(self, products: Collection[str]) -> frozenset[str]:
        """Those of these products that are without consent by now."""
        ...

    def unwilling_photos(self, pictures: Collection[Picture], /) -> frozenset[Picture]:
        """Those of these that are photos without consent by now, whatever is said of others of their products."""
        ...

    def put_release(self, release: Release, members: Iterable[Picture], /) -> None:
        """Remember a release and its pictures, each told once; repeated, it changes nothing."""
        ...

    def styles(self) -> dict[str, StyleMined]:
        """The newest event of each style, announced or not."""
        ...

    def put_styles(self, styles: Iterable[StyleMined], /) -> None:
        """Remember what is to be announced of styles."""
        ...

    def unannounced_styles(self) -> list[StyleMined]:
        """Styles of which nobody has heard the newest, by name."""
        ...

    def mark_style_announced(self, style: StyleMined, /) -> None:
        """This revision has been announced."""
        ...

    def unannounced(self) -> list[Release]:
        """Releases nobody has heard of, oldest first."""
        ...

    def mark_announced(self, release: Release, /) -> None:
        """The release has been announced."""
        ...


class Catalogue(SampleBook, ReleaseBook, Protocol):
    """The curator's memory: SQLite or PostgreSQL."""
