"""python -m deploy.images check [NAME …]: install each image into an empty folder, start its service, say its size.

Its list of contents (CycloneDX) is written to out/sbom/<name>.json. Servers are started beside it and stopped again.
"""

import argparse
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from deploy.images import building
from deploy.images.building import Built, Image
from deploy.local import services, stack
from deploy.local.places import GATEWAY, PROCESSES, REPOSITORY, Places
from deploy.local.ports import HOST, free_ports
from deploy.local.preparing import not_ok
from deploy.local.processes import LocalStackError

READY_S = 300.0
END_S = 90.0
MODELS = ("torch", "transformers", "diffusers")
HEAVY = {"curator": MODELS, "gateway": MODELS, "provision": MODELS}
SBOM = REPOSITORY / "out" / "sbom"


def main(arguments: list[str] | None = None) -> int:
    """Check the named images, or all."""
    known = building.images()
    parser = argparse.ArgumentParser(prog="python -m deploy.images", description=__doc__.splitlines()[0])
    parser.add_argument("verb", choices=["check"])
    parser.add_argument("names", nargs="*", choices=[*known, []], metavar="NAME")
    names = parser.parse_args(arguments).names or list(known)
    try:
        with stack.throw_away(only_servers=True) as places:
            for name in names:
                _check(known[name], places)
    except LocalStackError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _check(image: Image, places: Places) -> None:
    with tempfile.TemporaryDirectory(prefix="backdrop-images-", ignore_cleanup_errors=True) as folder:
        began = time.monotonic()
        built = building.build(image, Path(folder) / image.name)
        took = f"installed in {time.monotonic() - began:.0f} s"
        _without(built, HEAVY.get(image.name, ()))
        if image.name in PROCESSES:
            took += f", ready after {_start(image, built, places):.0f} s"
        parts = {"dependencies": built.folder / "python", "code and models": built.app}
        sizes = ", ".join(f"{part} {building.megabytes(path):,.1f} MB" for part, path in parts.items())
        print(f"  {image.name:<10} {sizes}; {took}; contents in {_contents(image, built)}", flush=True)


def _without(built: Built, modules: tuple[str, ...]) -> None:
    """What an image must not bring along."""
    for module in modules:
        done = subprocess.run([built.python, "-c", f"import {module}"], capture_output=True, cwd=built.app)
        if done.returncode == 0:
            raise LocalStackError(f"{built.folder.name} brings {module} along")


def _start(image: Image, built: Built, places: Places) -> float:
    """The image's own command until it is ready; seconds until then. Raises LocalStackError."""
    port, api = free_ports(2)
    before = _listing(built.app)
    with (built.folder / "log").open("w") as log, tempfile.TemporaryDirectory() as scratch:
        own = {"HOST": HOST, "PORT": str(port), "PATH": f"{built.python.parent}:{os.defpath}", "TMPDIR": scratch}
        if image.name == GATEWAY:  # its API has a port of its own
            own |= {"PORT": str(api), "GATEWAY_PROBE_PORT": str(port)}
        given = building.environment(image) | dict(services.environment(places, image.name)) | own
        began = time.monotonic()
        process = subprocess.Popen(building.command(image), cwd=built.app, env=given, stdout=log, stderr=log)
        try:
            took = _until_ready(f"http://{HOST}:{port}/ready", process, built) - began
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(END_S)
    if written := _listing(built.app) ^ before:
        raise LocalStackError(f"{image.name} writes into its image: {', '.join(sorted(written)[:5])}")
    return took


def _until_ready(url: str, process: "subprocess.Popen[bytes]", built: Built) -> float:
    limit = time.monotonic() + READY_S
    while (missing := not_ok(url)) is not None:
        if process.poll() is not None or time.monotonic() > limit:
            raise LocalStackError(f"{built.folder.name}: {missing}\n{(built.folder / 'log').read_text()[-3000:]}")
        time.sleep(0.5)
    return time.monotonic()


def _contents(image: Image, built: Built) -> str:
    """The installed distributions as a CycloneDX document."""
    SBOM.mkdir(parents=True, exist_ok=True)
    file = SBOM / f"{image.name}.json"
    tool = [sys.executable, "-m", "cyclonedx_py", "environment", str(built.python), "--output-reproducible"]
    done = subprocess.run([*tool, "--output-file", str(file)], capture_output=True, text=True, cwd=REPOSITORY)
    if done.returncode:
        raise LocalStackError(f"no list of contents: {done.stderr[-1000:]}")
    return str(file.relative_to(REPOSITORY))


def _listing(folder: Path) -> set[str]:
    return {f"{path.relative_to(folder)} {path.stat().st_mtime_ns}" for path in folder.rglob("*") if path.is_file()}


if __name__ == "__main__":
    raise SystemExit(main())
