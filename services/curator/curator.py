"""Everything the curator does, in one place for its handlers."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field

from services.curator.books import Catalogue
from services.curator.core import CurateSamples, RecordReview, WithdrawProduct
from services.curator.datasets.release import DatasetName, ReleaseDatasets, released
from services.curator.engagement import RecordEngagement
from services.curator.policy import TrainingPolicy
from services.curator.records import Release
from services.curator.taste.style_book import StyleBook
from services.curator.taste.styles import Mined, MineStyles
from shared.contracts.events import Event, StyleMined

UNRELEASED = "unreleased"  # what styles say that are mined before there is an engaged dataset


@dataclass(frozen=True, kw_only=True)
class Curator:
    """Judging as photos come in; releasing when it is due or asked for; announcing what has been released.

    What is published within a `journey`, which has a name, is one trace.
    """

    catalogue: Catalogue
    curate: CurateSamples
    engage: RecordEngagement
    review: RecordReview
    withdraw: WithdrawProduct
    releases: ReleaseDatasets
    book: StyleBook
    policy: TrainingPolicy = field(default_factory=TrainingPolicy)
    mine: MineStyles = field(default_factory=MineStyles)
    journey: Callable[[str], AbstractContextManager[None]] = lambda _: nullcontext()

    def release(self, name: DatasetName) -> Release | None:
        """A version of a dataset, now; None when there is nothing to release."""
        return self.releases.release(name)

    def release_due(self) -> list[Release]:
        """Every dataset that is due; their events wait in `unannounced`.

        One that cannot be made keeps no other back; why it could not is raised in the end.
        """
        made, trouble = list[Release](), None
        for name in self.releases.due():
            try:
                release = self.release(name)
            except Exception as error:
                trouble = error
            else:
                made += [] if release is None else [release]
        if trouble is not None:
            raise trouble
        return made

    def unannounced(self) -> list[tuple[Release, tuple[Event, ...]]]:
        """Releases nobody has heard of, each with its events: the release and the training it asks for."""
        return [(release, self.events(release)) for release in self.catalogue.unannounced()]

    def events(self, release: Release) -> tuple[Event, ...]:
        """What a release makes known; the same release, the same events."""
        request = self.policy(release)
        return (released(release),) if request is None else (released(release), request)

    def mark_announced(self, release: Release) -> None:
        """Its events are out. With `engaged` its styles are mined first: what breaks off in between is done again."""
        if release.dataset == "engaged":
            self.mine_styles()
        self.catalogue.mark_announced(release)

    def unannounced_styles(self) -> list[StyleMined]:
        """Styles that are new or other than they were when they were last announced."""
        return self.catalogue.unannounced_styles()

    def mark_style_announced(self, style: StyleMined) -> None:
        """Its event is out."""
        self.catalogue.mark_style_announced(style)

    def mine_styles(self) -> None:
        """What people like now; all pictures that they met pass by twice."""
        release = self.catalogue.latest("engaged")
        version = release.version if release else UNRELEASED
        self.catalogue.put_styles(self.book.changes(self._mined(), self.catalogue.styles(), version))

    def _mined(self) -> tuple[Mined, ...]:
        now, liked = self.catalogue.newest_window(), self.releases.liked
        if now is None:
            return ()
        prior = liked.prior(self.catalogue.engaged(), now)
        return self.mine(self.catalogue.engaged(), liked, prior, now)

    def renew_styles(self) -> None:
        """Mine anew where a style shows a product without consent by now: no dataset may be due for it."""
        shown = {one.product_id for style in self.catalogue.styles().values() for one in style.examples}
        if self.catalogue.unwilling(shown):
            self.mine_styles()
