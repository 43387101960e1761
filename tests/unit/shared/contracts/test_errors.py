"""The tree of errors: which branch each stands on, and what it brings along."""

import pickle

import pytest

from shared.contracts import errors


@pytest.mark.parametrize(
    ("error", "branch"),
    [
        (errors.BadImage, errors.Permanent),
        (errors.BadRequest, errors.Permanent),
        (errors.NotKnown, errors.Permanent),
        (errors.PromiseBroken, errors.Permanent),
        (errors.NotYet, errors.Transient),
    ],
)
def test_every_error_stands_on_the_branch_that_decides_its_fate(error: type, branch: type) -> None:
    assert issubclass(error, branch) and issubclass(error, errors.BackdropError)
    assert not issubclass(error, errors.DependencyDown)


def test_a_reason_is_for_dashboards_and_the_message_for_people() -> None:
    error = errors.BadImage("no_photo", "the bytes are no photo")
    assert (error.reason, error.message, str(error)) == ("no_photo", "the bytes are no photo", "the bytes are no photo")


def test_what_is_not_there_yet_brings_the_answer_for_when_it_never_comes() -> None:
    waiting = errors.NotYet("unknown_product", "no product 'a'", answer="rejected")
    assert (waiting.reason, waiting.answer) == ("unknown_product", "rejected")


def test_an_error_comes_out_of_another_process_as_it_was_raised_there() -> None:
    waiting = errors.NotYet("unknown_product", "not seen so far", answer="rejected")
    came = pickle.loads(pickle.dumps(waiting))
    assert (type(came), str(came), vars(came)) == (errors.NotYet, "not seen so far", vars(waiting))
