"""The styles as they are made known: one event each, whose revision grows when the style changes; old ones retire."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from services.curator.taste.empty_scenes import EmptyScenes
from services.curator.taste.styles import Mined
from shared.contracts.events import StyleMined


@dataclass(frozen=True)
class StyleBook:
    """Turns what was mined into events. `scenes`: makes plates of pictures that no plate was behind."""

    scenes: EmptyScenes

    def changes(
        self, mined: Iterable[Mined], known: Mapping[str, StyleMined], dataset_version: str
    ) -> list[StyleMined]:
        """The events of styles that are new, other than before, or no longer liked. `known`: the newest of each."""
        fresh = {style.name: self._event(style, dataset_version) for style in mined}
        gone = {
            name: old.model_copy(update={"retired": True, "plates": (), "examples": ()})
            for name, old in known.items()
            if name not in fresh and not old.retired
        }
        said = {name: _numbered(event, known.get(name)) for name, event in (fresh | gone).items()}
        return [event for name, event in sorted(said.items()) if event != known.get(name)]

    def _event(self, style: Mined, dataset_version: str) -> StyleMined:
        plates = (self.scenes.plate(example.engaged.picture) for example in style.examples)
        return StyleMined(
            style=style.name,
            revision=0,
            words=style.words,
            evidence=style.evidence(dataset_version),
            examples=tuple(example.said() for example in style.examples),
            plates=tuple(plate for plate in plates if plate is not None),
        )


def _numbered(event: StyleMined, old: StyleMined | None) -> StyleMined:
    """The next number, where more than the number would change."""
    if old is None:
        return event.model_copy(update={"revision": 1})
    if event.model_copy(update={"revision": old.revision}) == old:
        return old
    return event.model_copy(update={"revision": old.revision + 1})
