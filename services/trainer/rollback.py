"""An earlier revision goes back into use: on an operator's word, or an alert's. Pure, over the registry."""

from collections.abc import Sequence
from typing import Protocol

from shared.contracts.errors import BadRequest, NotKnown
from shared.contracts.events import LINES, ModelPromoted, RollbackRequested


class Promotions(Protocol):
    """The registry as far as promotions go."""

    def promotions(self, model: str) -> list[ModelPromoted]:
        """Every promotion of a model, whatever its line, oldest first."""
        ...

    def put_back(self, request_id: str, promoted: ModelPromoted) -> ModelPromoted:
        """Promote again; the same request again returns the same promotion."""
        ...

    def bare(self, promoted: ModelPromoted) -> ModelPromoted:
        """The promotion that takes a LoRA off its base."""
        ...


def rolled_back(registry: Promotions, request: RollbackRequested) -> ModelPromoted:
    """The promotion that follows from a request; delivered twice, it is the same.

    Without a revision it is the one that was in use before: of the newest promotion's line. Raises NotKnown for a
    model or revision that was never in use, BadRequest where nothing was before.
    """
    said = registry.promotions(request.model)
    if not said:
        raise NotKnown("model_not_known", f"no revision of {request.model} was ever in use")
    if request.revision is None:
        return registry.put_back(request.request_id, _before(registry, said))
    found = [one for one in said if one.revision == request.revision]
    if not found:
        known = ", ".join(dict.fromkeys(one.revision for one in reversed(said)))
        words = f"revision {request.revision} of {request.model} was never in use; these were: {known}"
        raise NotKnown("revision_not_known", words)
    return registry.put_back(request.request_id, found[-1])


def _before(registry: Promotions, said: Sequence[ModelPromoted]) -> ModelPromoted:
    newest = said[-1]
    line = standing([one for one in said if one.place == newest.place])
    if len(line) > 1:
        return line[-2]
    if LINES[newest.stage] != "lora":
        words = f"{newest.revision} is the first {newest.stage} of {newest.model}: nothing was before it"
        raise BadRequest("nothing_before", words)
    return registry.bare(newest)


def standing(line: Sequence[ModelPromoted]) -> list[ModelPromoted]:
    """What is left of a line's history once everything that was rolled back is gone; the last one is in use."""
    left: list[ModelPromoted] = []
    for one in line:
        places = [place for place, earlier in enumerate(left) if earlier.revision == one.revision]
        left = [*left[: places[0]], one] if places else [*left, one]
    return left
