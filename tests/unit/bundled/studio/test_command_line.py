"""What the real command line says to bad input; all of it is refused before the renderer is needed."""

import subprocess
from pathlib import Path

import pytest

from bundled.studio.render.libraries import explain
from tests.forks import python

ROOT = Path(__file__).parents[4]


def refused(*words: str) -> tuple[int, str]:
    run = subprocess.run(
        [*python(), "-m", "bundled.studio", *words],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=110,
        check=False,
    )
    assert "Traceback" not in run.stderr
    return run.returncode, run.stderr.strip().splitlines()[-1]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--kind=paintings",), "invalid choice: 'paintings' (choose from 'scenes', 'packshots', 'judge'"),
        (("--count=0",), "argument --count: '0' is not a whole number from 1 up"),
        (("--size=-3",), "argument --size: '-3' is not a whole number from 1 up"),
        (("--workers=two",), "argument --workers: 'two' is not a whole number from 1 up"),
        (("--samples=0",), "argument --samples: '0' is not a whole number from 1 up"),
        (("--patience=0",), "argument --patience: '0' is not a whole number from 1 up"),
        (("--seed=x",), "argument --seed: invalid int value: 'x'"),
        (("--kind=plates", "--surface=wood"), "choose among scenes, packshots, judge; plates are fixed"),
        (("--surface=lava",), "unknown surface 'lava'; the studio knows: acrylic, autumn leaves"),
        (("--product=tank",), "unknown product 'tank'; the studio knows: backpack"),
        (("--surface=snow", "--backdrop=kitchen"), "'kitchen' comes with: concrete"),
        (("--kind=packshots", "--surface=wood"), "choose them by product only"),
    ],
)
def test_a_bad_request_is_refused_in_words(tmp_path: Path, words: tuple[str, ...], said: str) -> None:
    status, last = refused(f"--out={tmp_path / 'out'}", *words)
    assert status == 2
    assert said in last
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("kind", ["scenes", "plates", "samples"])
def test_a_folder_that_cannot_be_is_refused_in_words(tmp_path: Path, kind: str) -> None:
    (tmp_path / "file").write_text("mine")
    status, last = refused(f"--kind={kind}", f"--out={tmp_path / 'file'}")
    assert status == 3
    assert last.endswith("file: File exists; mend that or give another folder and start the same command again")
    status, last = refused(f"--kind={kind}", f"--out={tmp_path / 'file' / 'below'}")
    assert status == 3
    assert "below: Not a directory; mend that or give another folder" in last


def test_a_folder_of_another_order_is_refused_in_words(tmp_path: Path) -> None:
    lineage = '{"seed": 1, "tool": "Cycles", "size": 256, "samples_per_pixel": 4}'
    (tmp_path / "manifest.json").write_text(f'{{"kind": "scenes", "lineage": {lineage}}}')
    status, last = refused(f"--out={tmp_path}", "--seed=2")
    assert (status, last) == (2, "Give another folder with --out, or order the same again.")


def test_the_wrong_environment_is_told_what_to_do(tmp_path: Path) -> None:
    try:
        import bpy  # noqa: F401
    except ImportError:
        status, last = refused(f"--out={tmp_path / 'out'}")
        assert (status, last) == (3, "Make it and use it with: make scenes")
    else:
        pytest.skip("this is the studio's own environment")


def test_a_missing_system_library_is_told_with_the_command_that_installs_it() -> None:
    error = ImportError("libXrender.so.1: cannot open shared object file: No such file or directory")
    said = str(explain(error))
    assert said.startswith("a system library is missing (libXrender.so.1: cannot open shared object file")
    assert "apt-get install -y libx11-6 libxrender1" in said


def test_a_missing_module_is_told_apart_from_a_missing_library() -> None:
    said = str(explain(ModuleNotFoundError("No module named 'bpy'")))
    assert said == (
        "the studio's own environment is not in use (No module named 'bpy').\nMake it and use it with: make scenes"
    )
