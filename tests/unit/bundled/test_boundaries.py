"""What makes the weights is in no package, and its Blender part starts where none of our libraries are."""

import fnmatch
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[3]
FOREIGN = ("torch", "pydantic", "transformers", "diffusers", "safetensors")


def test_no_package_contains_what_makes_or_measures_the_weights() -> None:
    included = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]["packages"]["find"]["include"]
    rooms = [".".join(path.parent.relative_to(ROOT).parts) for path in ROOT.glob("[a-z]*/**/__init__.py")]
    packaged = {room.split(".")[0] for room in rooms if any(fnmatch.fnmatch(room, pattern) for pattern in included)}
    assert packaged == {"backdrop", "services", "shared", "deploy"}


def test_the_studios_command_starts_without_our_libraries() -> None:
    blocked = "; ".join(f"sys.modules[{name!r}] = None" for name in FOREIGN)
    imports = "from bundled.studio.__main__ import main; import bundled.studio.run.judging"
    program = f"import sys; {blocked}; {imports}; main(['--help'])"
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, timeout=110, check=False
    )
    assert done.returncode == 0 and "--kind" in done.stdout, done.stderr
