"""What the small readers of scenes learn from: the same on their command lines."""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bundled.training.pool import Pool, pool_of

HELD_SEED = 99_000


@dataclass(frozen=True)
class Sources:
    """Style plates; kept pools of quick scenes, drawn anew where there are none; path-traced scenes; an earlier model;
    where to keep what a resumed run needs."""

    plates: Path
    work: Path
    pools: tuple[Path, ...] = ()
    held: Path | None = None
    start: Path | None = None
    scenes: Path | None = None
    pictures: int = 12_000
    unseen: int = 600

    def drawn(self, *, seed: int, size: int) -> list[Pool]:
        """The pools to learn from."""
        return [pool_of(self.pictures, seed=seed, size=size, file=file) for file in self.pools or (None,)]

    def never_seen(self, *, size: int) -> Pool:
        """The pool for the figures."""
        return pool_of(self.unseen, seed=HELD_SEED, size=size, file=self.held)


def read_arguments(
    about: str | None, argv: Sequence[str] | None, *, steps: int, scenes: bool = False
) -> argparse.Namespace:
    """`folder`, `steps`, `seed`, and `sources` as Sources. Ends the program with a message when they make no sense.

    `scenes`: whether the model can learn from path-traced scenes as well.
    """
    parser = argparse.ArgumentParser(description=about, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="where the model goes")
    parser.add_argument("--steps", type=positive, default=steps)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--plates", type=Path, default=Path("models/mini-plates"))
    parser.add_argument("--pool", type=Path, nargs="*", default=[], help="kept quick scenes; drawn anew without")
    parser.add_argument("--held", type=Path, help="kept scenes for the figures")
    parser.add_argument("--start", type=Path, help="a model of an earlier run, to go on from")
    parser.add_argument("--pictures", type=positive, default=12_000, help="quick scenes in a pool")
    parser.add_argument("--unseen", type=positive, default=600, help="quick scenes for the figures")
    if scenes:
        parser.add_argument("--scenes", type=Path, help="path-traced scenes: a folder with manifest.json and shards")
    parser.add_argument("--work", type=Path, help="what a resumed run needs; default var/training/<name of folder>")
    given = parser.parse_args(argv)
    given.sources = Sources(
        plates=given.plates,
        work=given.work or Path("var/training") / given.folder.name,
        pools=tuple(given.pool),
        held=given.held,
        start=given.start,
        scenes=given.scenes if scenes else None,
        pictures=given.pictures,
        unseen=given.unseen,
    )
    return given


def positive(word: str) -> int:
    """For argparse: a whole number from 1 up."""
    if not word.isdecimal() or int(word) < 1:
        raise argparse.ArgumentTypeError(f"{word!r} is not a whole number from 1 up")
    return int(word)
