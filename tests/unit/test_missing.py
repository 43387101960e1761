"""Where something is missing a test is skipped; on CI it fails, so that nothing passes by unseen."""

import pytest

from tests.missing import missing, needs


def skips(mark: pytest.MarkDecorator) -> bool:
    return bool(mark.args[0])


def test_what_is_missing_here_is_skipped_and_on_ci_it_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CI", raising=False)
    with pytest.raises(pytest.skip.Exception, match="no kettle"):
        missing("no kettle\nin 60 s")
    assert skips(needs("no-such-kettle")) and not skips(needs("sh"))
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match="no kettle"):
        missing("no kettle")
    assert not skips(needs("no-such-kettle"))
