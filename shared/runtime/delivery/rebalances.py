"""Before partitions change hands, what is done with them is committed."""

from collections.abc import Awaitable, Callable

from aiokafka.abc import ConsumerRebalanceListener  # type: ignore[import-untyped]


class RebalanceListener(ConsumerRebalanceListener):  # type: ignore[misc]
    """Commits what is done before another member of the group takes the partitions over."""

    def __init__(self) -> None:
        self.hand_over: Callable[[], Awaitable[None]] | None = None

    async def on_partitions_revoked(self, revoked: object) -> None:
        """Finish what is on its way; the message in hand is read again by whoever comes next."""
        if self.hand_over is not None:
            await self.hand_over()

    async def on_partitions_assigned(self, assigned: object) -> None:
        """Nothing to do: reading goes on from the committed offsets."""
