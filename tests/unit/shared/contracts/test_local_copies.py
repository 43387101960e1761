"""Local copies are bounded, and what somebody uses stays."""

import logging
import os
import subprocess
import sys
from pathlib import Path

import pytest

from shared.contracts.local_copies import LocalCopies

HOLD = """
import sys
from pathlib import Path
from shared.contracts.local_copies import LocalCopies
with LocalCopies(Path(sys.argv[1]), ("*",)).in_use() as use:
    (use("theirs") / "data").write_text("theirs")
    print("held", flush=True)
    sys.stdin.read()
"""


def put(root: Path, name: str, size: int, *, used: int) -> Path:
    """A copy of so many bytes that was used at a moment."""
    folder = root / name
    folder.mkdir(parents=True)
    (folder / "data").write_bytes(b"x" * size)
    os.utime(folder, (used, used))
    return folder


def used(copies: LocalCopies, *names: str) -> None:
    with copies.in_use() as use:
        for name in names:
            use(name)


def test_those_used_longest_ago_go_until_the_rest_fits(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    for number, name in enumerate("abcd"):
        put(tmp_path, name, 100, used=number)
    copies = LocalCopies(tmp_path, ("*",), most_bytes=400)
    used(copies, "a")
    assert len(list(tmp_path.iterdir())) == 4
    with caplog.at_level(logging.INFO):
        used(LocalCopies(tmp_path, ("*",), most_bytes=250))
    assert {path.name for path in tmp_path.iterdir()} == {"a", "d"}
    assert [record.folder for record in caplog.records] == [str(tmp_path / name) for name in "bc"]  # type: ignore[attr-defined]


def test_what_is_in_use_stays_however_much_it_is_and_goes_afterwards(tmp_path: Path) -> None:
    copies = LocalCopies(tmp_path, ("deep/*",))
    with copies.in_use() as use:
        folder = use("deep/one")
        (folder / "data").write_bytes(b"x")
        used(copies)
        assert (folder / "data").exists()
        with copies.in_use() as again:
            assert again("deep/one") == folder
        assert (folder / "data").exists()
    assert not folder.exists()


def test_only_what_the_patterns_name_is_ever_removed(tmp_path: Path) -> None:
    mine, file = put(tmp_path, "photos/mine", 5, used=1), tmp_path / "datasets" / "note"
    put(tmp_path, "datasets/old", 5, used=1)
    file.write_text("a file is no copy")
    (tmp_path / "datasets" / "elsewhere").symlink_to(mine, target_is_directory=True)
    used(LocalCopies(tmp_path, ("datasets/*",)))
    assert (mine / "data").exists() and file.exists() and not (tmp_path / "datasets" / "old").exists()


def test_another_process_keeps_what_it_uses_until_it_ends_even_by_a_kill(tmp_path: Path) -> None:
    mine = put(tmp_path, "mine", 5, used=1)
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        assert holder.stdout is not None and holder.stdout.readline() == "held\n"
        used(LocalCopies(tmp_path, ("*",)))
        assert (tmp_path / "theirs").exists() and not mine.exists()
    finally:
        holder.kill()
        holder.communicate()
    used(LocalCopies(tmp_path, ("*",)))
    assert list(tmp_path.iterdir()) == []
