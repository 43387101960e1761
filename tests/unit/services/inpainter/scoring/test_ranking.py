"""What a brand sees first."""

from services.inpainter.scoring.ranking import CAME_OUT, UNSURE, rank, worth
from shared.contracts.events import Scores


def scores(judge: float, **changes: float) -> Scores:
    return Scores.model_validate(
        {"expansion": 0, "shrinkage": 0, "seam": 0, "adherence": 0.5, "judge": judge} | changes
    )


def test_what_was_measured_to_be_wrong_counts_against_a_candidate() -> None:
    # 0.6 + 0.35 + 0.5 * 0.15 - 2 * 0.1 - 2 * 0.05 - 0.2
    assert abs(worth(scores(0.6, expansion=0.1, shrinkage=0.05, seam=0.2)) - 0.525) < 1e-9


def test_the_best_are_shown_in_order_and_those_below_the_gate_refused() -> None:
    ranked = rank([scores(0.2), scores(0.95), scores(0.1), scores(0.6)], ["a"] * 4, count=2, gate=0.15)
    assert (ranked.shown, ranked.refused) == ((1, 3), (2,))


def test_each_idea_is_shown_once_before_any_is_shown_twice() -> None:
    ranked = rank([scores(0.9), scores(0.5), scores(0.2)], ["a", "a", "b"], count=3, gate=0.15)
    assert ranked.shown == (0, 2, 1)


def test_of_two_that_the_judge_cannot_tell_apart_the_seed_says_which_is_first_and_always_the_same() -> None:
    firsts = [
        rank([scores(0.6), scores(0.7)], ["a", "a"], count=1, gate=0.15, seed=seed).shown[0] for seed in range(40)
    ]
    assert 8 < sum(firsts) < 40  # both are seen, the better one more often
    assert firsts == [
        rank([scores(0.6), scores(0.7)], ["a", "a"], count=1, gate=0.15, seed=seed).shown[0] for seed in range(40)
    ]


def test_what_is_better_beyond_the_judges_doubt_is_first_whatever_the_seed() -> None:
    surely = [scores(0.6), scores(0.6 + UNSURE)]
    assert {rank(surely, ["a", "a"], count=1, gate=0.15, seed=seed).shown for seed in range(40)} == {(1,)}


def test_easy_words_that_were_obeyed_win_no_place_over_rich_ones_that_came_out_as_well() -> None:
    plain, rich = scores(0.5, adherence=1.0), scores(0.5 + UNSURE, adherence=CAME_OUT)
    assert rank([plain, rich], ["plain wall", "garden"], count=1, gate=0.15).shown == (1,)
    failed = scores(0.5 + UNSURE, adherence=0.0)
    assert rank([plain, failed], ["plain wall", "garden"], count=1, gate=0.15).shown == (0,)


def test_of_pictures_that_were_asked_the_same_the_one_that_obeys_is_first() -> None:
    obeyed, failed = scores(0.5, adherence=0.9), scores(0.5, adherence=0.3)
    assert {rank([failed, obeyed], ["a", "a"], count=1, gate=0.15, seed=seed).shown for seed in range(20)} == {(1,)}


def test_the_next_option_is_unlike_those_before_it() -> None:
    looks = [{"oak", "brick"}, {"oak", "brick"}, {"oak", "sea"}]
    near = [scores(1.0), scores(0.62), scores(0.5)]
    assert rank(near, ["a"] * 3, count=2, gate=0.15, looks=looks).shown == (0, 2)  # 0.5 - 0.2 beats 0.62 - 0.6


def test_a_score_at_the_gate_passes() -> None:
    assert rank([scores(0.15)], ["a"], count=1, gate=0.15).shown == (0,)


def test_of_candidates_that_are_all_liked_alike_the_seed_says_which_is_first() -> None:
    """Those of one typed scene have its words in common, and so its liked style."""
    alike = [scores(0.5), scores(0.5)]
    firsts = {rank(alike, ["a"] * 2, count=1, gate=0.15, liking=[0.3] * 2, seed=seed).shown for seed in range(40)}
    assert firsts == {(0,), (1,)}


def test_of_several_that_people_like_the_seed_says_which_is_first_and_the_others_come_after() -> None:
    """Else one look that the judge likes a little more stands behind every product of a catalogue."""
    near = [scores(0.5), scores(0.5), scores(0.55), scores(0.5)]
    firsts = {rank(near, list("abcd"), count=1, gate=0.15, liking=[0, 0.1, 0.1, 0], seed=n).shown for n in range(40)}
    assert firsts == {(1,), (2,)}


def test_what_people_like_goes_first_among_equals_and_does_not_pass_the_gate() -> None:
    for seed in range(10):
        ranked = rank(
            [scores(0.5), scores(0.5), scores(0.1)], list("abc"), count=3, gate=0.15, liking=[0, 0.1, 2], seed=seed
        )
        assert (ranked.shown, ranked.refused) == ((1, 0), (2,))
