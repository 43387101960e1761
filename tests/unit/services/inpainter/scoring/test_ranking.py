"""What a brand sees first."""

from services.inpainter.scoring.ranking import rank, worth
from shared.contracts.events import Scores


def scores(judge: float, **changes: float) -> Scores:
    return Scores.model_validate(
        {"expansion": 0, "shrinkage": 0, "seam": 0, "adherence": 0.5, "judge": judge} | changes
    )


def test_what_was_measured_to_be_wrong_counts_against_a_candidate() -> None:
    # 0.6 + 0.5 - 2 * 0.1 - 2 * 0.05 - 0.2
    assert abs(worth(scores(0.6, expansion=0.1, shrinkage=0.05, seam=0.2)) - 0.6) < 1e-9


def test_the_best_are_shown_in_order_and_those_below_the_gate_refused() -> None:
    ranked = rank([scores(0.3), scores(0.9), scores(0.1), scores(0.6)], ["a"] * 4, count=2, gate=0.15)
    assert (ranked.shown, ranked.refused) == ((1, 3), (2,))


def test_each_idea_is_shown_once_before_any_is_shown_twice() -> None:
    ranked = rank([scores(0.9), scores(0.8), scores(0.4)], ["a", "a", "b"], count=2, gate=0.15)
    assert ranked.shown == (0, 2)


def test_a_score_at_the_gate_passes() -> None:
    assert rank([scores(0.15)], ["a"], count=1, gate=0.15).shown == (0,)


def test_what_people_like_goes_first_among_equals_and_does_not_pass_the_gate() -> None:
    ranked = rank([scores(0.5), scores(0.5), scores(0.1)], ["a", "b", "c"], count=3, gate=0.15, liking=[0, 0.2, 2.0])
    assert (ranked.shown, ranked.refused) == ((1, 0), (2,))
