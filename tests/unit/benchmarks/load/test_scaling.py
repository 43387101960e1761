"""What a stage says is counted while it goes on saying it."""

from benchmarks.load.platform import HeardOnTopic
from benchmarks.load.scaling import Ear, rate_of
from shared.contracts.topics import PRODUCT_CAPTIONED


def test_what_comes_later_does_not_change_what_was_looked_at() -> None:
    ear, topic = Ear("captioner"), HeardOnTopic(moments=[1.0, 2.0])
    assert not ear({PRODUCT_CAPTIONED.name: topic})
    topic.moments.append(3.0)
    assert list(ear.moments) == [1.0, 2.0]
    ear.ended.set()
    assert ear({PRODUCT_CAPTIONED.name: topic})
    assert list(ear.moments) == [1.0, 2.0, 3.0]


def test_a_rate_is_between_the_first_answer_and_the_last() -> None:
    assert rate_of([10.0, 12.0, 14.0, 16.0]) == 0.5
