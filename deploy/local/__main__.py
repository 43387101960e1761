"""`python -m deploy.local up|down|status|logs|fetch`: the stack on this machine, in containers when Docker answers.

eval "$(python -m deploy.local environment)" tells a shell where it is and what opens it.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tomllib

from pydantic import ValidationError

from deploy.local import stack
from deploy.local.places import REPOSITORY, Places
from deploy.local.processes import LocalStackError, alone
from deploy.local.services import shell_lines

COMPOSE = {
    "up": ("up", "--build", "--detach", "--wait", "--wait-timeout", "600"),
    "down": ("down",),
    "status": ("ps",),
    "logs": ("logs", "--follow", "--tail", "40"),
}

WAY_IN = """the studio is at http://127.0.0.1:8080/ and asks for a key:
  docker compose exec gateway python -m services.gateway keys create --name me --scope admin"""


def main() -> int:
    """Run one verb; 0 when it did what it says."""
    options = _parser().parse_args()
    try:
        if options.verb in COMPOSE and not options.processes and docker_answers():
            return _with_containers(options.verb, options.names)
        return _with_processes(options.verb, options.names, options.only_servers)
    except LocalStackError as error:
        print(error, file=sys.stderr)
        return 1
    except ValidationError as error:
        for wrong in error.errors(include_url=False):
            name = f"LOCAL_{'_'.join(str(part) for part in wrong['loc'])}".upper()
            print(f"{name}: {wrong['msg']}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("\nInterrupted. `make down` stops what is up.", file=sys.stderr)
        return 130


def _with_containers(verb: str, names: list[str]) -> int:
    command = ["docker", "compose", *COMPOSE[verb], *names]
    done = subprocess.call(command, cwd=REPOSITORY, env={**containers_environment(Places()), **os.environ})
    if verb == "up" and done == 0:
        print(WAY_IN)
    return done


def _with_processes(verb: str, names: list[str], only_servers: bool) -> int:
    places = Places()
    match verb:
        case "up":
            with alone(places):
                stack.up(places, only_servers=only_servers)
        case "fetch":
            stack.fetch(places)
        case "down":
            with alone(places):
                print("Down. Data and logs stay in var/." if stack.down(places) else "Nothing was up.")
        case "status":
            return 0 if stack.status(places) else 1
        case "environment":
            print(*shell_lines(places), sep="\n")
        case "logs":
            return stack.follow(places, names)
    return 0


def containers_environment(places: Places) -> dict[str, str]:
    """What the compose file asks for; an environment that has it already, or `.env`'s reader, may say otherwise."""
    return {"BACKDROP_VERSION": project_version(), **places.credentials.as_environment()}


def project_version() -> str:
    """The version that images are tagged with: pyproject.toml has it, and nothing else does."""
    return str(tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["project"]["version"])


def docker_answers() -> bool:
    """Whether a Docker daemon with compose answers here."""
    if shutil.which("docker") is None:
        return False
    probes = (["docker", "info"], ["docker", "compose", "version"])
    try:
        return all(subprocess.run(probe, capture_output=True, timeout=10).returncode == 0 for probe in probes)
    except subprocess.TimeoutExpired:
        return False


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m deploy.local", description=__doc__.splitlines()[0])
    parser.add_argument("verb", choices=sorted({*COMPOSE, "environment", "fetch"}))
    parser.add_argument("names", nargs="*", help="logs: of which processes")
    parser.add_argument("--processes", action="store_true", help="as processes, even when Docker answers")
    parser.add_argument("--only-servers", action="store_true", help="up: Kafka, MinIO and PostgreSQL, no services")
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
