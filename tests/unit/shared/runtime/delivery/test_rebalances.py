"""Partitions change hands in order."""

from aiokafka import TopicPartition

from shared.runtime.delivery.rebalances import RebalanceListener


async def test_a_listener_hands_over_what_it_was_told_to_and_nothing_before() -> None:
    listener, handed = RebalanceListener(), []
    await listener.on_partitions_revoked({TopicPartition("a-topic", 0)})

    async def hand_over() -> None:
        handed.append(1)

    listener.hand_over = hand_over
    await listener.on_partitions_revoked({TopicPartition("a-topic", 0)})
    assert handed == [1]
