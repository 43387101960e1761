"""The loop itself, played from outside: an ad platform asks, shows, counts clicks and tells; the services learn."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Protocol, TypeVar

from benchmarks.taste.figures import Impression
from benchmarks.taste.people import COOL_STONE, WARM_WOOD, Population, Seen, Taste
from shared.contracts.events import (
    BackgroundGenerated,
    BackgroundRejected,
    BackgroundRequested,
    Event,
    GeneratedImage,
    ModelPromoted,
    ModelTrained,
    ProductEngaged,
    Scene,
    StyleMined,
    TrainingFailed,
)

E = TypeVar("E", bound=Event)
WEEK = timedelta(days=7)
LEARNING, FROZEN = "learning", "frozen"
COUNT = 2  # options of a request
BEFORE = -1  # the round of what was trained before anybody looked


class Platform(Protocol):
    """The way in and out of the services."""

    def publish(self, events: Iterable[Event]) -> None:
        """Say something."""
        ...

    def of(self, kind: type[E]) -> list[E]:
        """What was heard of one kind, oldest first."""
        ...

    def until(self, met: Callable[[], bool], *, what: str) -> None:
        """Wait for a condition on what was heard."""
        ...

    def release(self, dataset: str) -> None:
        """Have a dataset released now, and trained on."""
        ...

    def mine(self) -> None:
        """Have the styles mined now."""
        ...

    def settled(self) -> None:
        """Every message has been handled."""
        ...


class Eye(Protocol):
    """Looks at pictures."""

    def see(self, made: BackgroundGenerated, option: GeneratedImage) -> Seen:
        """What one option shows behind its product."""
        ...


@dataclass(frozen=True)
class TastePlan:
    """How long a run is. Tastes change after round `change`; the LoRA is trained after the rounds `trained`."""

    seed: int = 1
    rounds: int = 7
    impressions: int = 3000  # of one product in one arm and round
    trained: tuple[int, ...] = (1, 3)

    @property
    def change(self) -> int:
        """The first round of the other taste: two thirds of the way."""
        return max(3, (2 * self.rounds + 2) // 3)

    def taste(self, number: int) -> Taste:
        """What people like in a round."""
        return WARM_WOOD if number < self.change else COOL_STONE


@dataclass(frozen=True)
class ShownOption:
    """A picture that may be shown."""

    made: BackgroundGenerated
    image: GeneratedImage


@dataclass(frozen=True)
class GateVerdict:
    """What the gate said of a trained model after a round."""

    after_round: int
    trained: ModelTrained
    promoted: bool


@dataclass
class TasteHistory:
    """All that happened."""

    shown: list[Impression] = field(default_factory=list)
    verdicts: list[GateVerdict] = field(default_factory=list)
    failed: list[TrainingFailed] = field(default_factory=list)
    styles: dict[int, tuple[str, ...]] = field(default_factory=dict)
    pictures: dict[tuple[int, str], ShownOption] = field(default_factory=dict)  # the first option of the learning arm


@dataclass
class TasteLoop:
    """Plays all rounds over a platform whose products are submitted and answered."""

    platform: Platform
    eye: Eye
    plan: TastePlan
    products: tuple[str, ...]
    now: datetime = field(default_factory=lambda: datetime.now(UTC))
    say: Callable[[str], None] = print
    course: TasteHistory = field(default_factory=TasteHistory)

    def __post_init__(self) -> None:
        self._people = Population.of(self.plan.seed, self.products)

    def play(self) -> TasteHistory:
        """Every round in turn: show, count, tell, learn, ask anew."""
        self._note_verdicts(BEFORE, 0, 0)
        first = self._answered()
        learning = first
        for number in range(self.plan.rounds):
            self._show(number, FROZEN, first)
            self._show(number, LEARNING, learning)
            self._learn(number)
            if number + 1 < self.plan.rounds:
                learning = self._asked(number + 1, learning)
        return self.course

    def _answered(self) -> dict[str, list[ShownOption]]:
        """Every option of the scenes that came with the products: the frozen arm shows these for ever."""
        return {product: self._options(product) for product in self.products}

    def _options(self, product: str, request_id: str | None = None) -> list[ShownOption]:
        return [
            ShownOption(made, image)
            for made in self.platform.of(BackgroundGenerated)
            if made.product_id == product and (request_id is None or made.request_id == request_id)
            for image in made.images
        ]

    def _asked(self, number: int, before: dict[str, list[ShownOption]]) -> dict[str, list[ShownOption]]:
        """New options for a round from the system as it is now; where it has none to offer, the last ones stay."""
        ids = {product: f"taste-{self.plan.seed}-{number}-{product}" for product in self.products}
        seed = self.plan.seed * 1000 + number
        self.platform.publish(
            BackgroundRequested(product_id=product, request_id=request_id, scene=Scene(count=COUNT, seed=seed + place))
            for place, (product, request_id) in enumerate(ids.items())
        )
        self.platform.until(lambda: set(ids.values()) <= self._answers(), what="the options of a round")
        return {product: self._options(product, ids[product]) or before[product] for product in self.products}

    def _answers(self) -> set[str]:
        made, refused = self.platform.of(BackgroundGenerated), self.platform.of(BackgroundRejected)
        return {one.request_id for one in made} | {one.request_id for one in refused}

    def _show(self, number: int, arm: str, options: dict[str, list[ShownOption]]) -> None:
        taste, told = self.plan.taste(number), list[Event]()
        for product, mine in options.items():
            for option in mine:
                views = self.plan.impressions // len(mine)
                clicks = self._people.clicks(taste, product, self.eye.see(option.made, option.image), views)
                self.course.shown.append(Impression(number, arm, product, option.image.model, views, clicks))
                told.append(self._engaged(number, option, views, clicks))
            if arm == LEARNING and mine:
                self.course.pictures[number, product] = mine[0]
        if arm == LEARNING:
            self.platform.publish(told)
            self.platform.settled()

    def _engaged(self, number: int, option: ShownOption, impressions: int, clicks: int) -> ProductEngaged:
        """A week of the past for every round."""
        start = self.now - (self.plan.rounds - number) * WEEK
        return ProductEngaged(
            product_id=option.made.product_id,
            request_id=option.made.request_id,
            image=option.image.image,
            style=option.made.scene.style,
            model=option.image.model,
            impressions=impressions,
            clicks=clicks,
            window_start=start,
            window_end=start + WEEK,
        )

    def _learn(self, number: int) -> None:
        """After some rounds a dataset and a training, after all the styles."""
        if number in self.plan.trained:
            self._train(number)
        self.platform.mine()
        self.platform.settled()
        newest = {style.style: style for style in self.platform.of(StyleMined)}
        self.course.styles[number] = tuple(sorted(name for name, style in newest.items() if not style.retired))
        rates = {arm: self._rate(number, arm) for arm in (FROZEN, LEARNING)}
        liked = ", ".join(self.course.styles[number][:6]) or "none"
        self.say(
            f"round {number}: frozen {rates[FROZEN]:.2%}, learning {rates[LEARNING]:.2%}; styles people like: {liked}"
        )

    def _train(self, number: int) -> None:
        before, failed = len(self.platform.of(ModelTrained)), len(self.platform.of(TrainingFailed))
        self.platform.release("engaged")
        self.platform.until(
            lambda: len(self.platform.of(ModelTrained)) > before or len(self.platform.of(TrainingFailed)) > failed,
            what="a model trained on what people liked",
        )
        self.platform.settled()
        self._note_verdicts(number, before, failed)

    def _note_verdicts(self, number: int, before: int, failed: int) -> None:
        promoted = {one.revision for one in self.platform.of(ModelPromoted)}
        self.course.failed += self.platform.of(TrainingFailed)[failed:]
        for trained in self.platform.of(ModelTrained)[before:]:
            self.course.verdicts.append(GateVerdict(number, trained, trained.revision in promoted))
            verdict = "in use" if trained.revision in promoted else "not better, not used"
            self.say(f"  {trained.stage} {trained.revision}: {verdict}")

    def _rate(self, number: int, arm: str) -> float:
        mine = [one for one in self.course.shown if (one.round, one.arm) == (number, arm)]
        return sum(one.clicks for one in mine) / max(1, sum(one.impressions for one in mine))
