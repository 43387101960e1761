"""The Kubernetes API, as far as a test asks it: get, list, patch, delete, apply."""

import ssl
import subprocess
from pathlib import Path
from typing import Any

import httpx

from deploy.cluster.binaries import path_of
from deploy.cluster.certificates import Certificates

Document = dict[str, Any]


class ApiRefused(Exception):
    """The API did not take what it was given; the message is its own."""


class ClusterApi:
    """Signs in as the administrator. What a watch would tell is polled."""

    def __init__(self, certificates: Certificates) -> None:
        self.kubeconfig = certificates.kubeconfig("admin")
        trusted = ssl.create_default_context(cafile=certificates.of("ca")[0])
        trusted.load_cert_chain(*certificates.of("admin"))
        self._http = httpx.Client(base_url=certificates.server, verify=trusted, trust_env=False, timeout=10)

    def answers(self, path: str) -> bool:
        """Whether a path answers with success."""
        return self._http.get(path).is_success

    def get(self, path: str) -> Document:
        """One object, or a list."""
        return self._told(self._http.get(path))

    def items(self, path: str) -> list[Document]:
        """The objects of a list."""
        listed: list[Document] = self.get(path)["items"]
        return listed

    def post(self, path: str, document: Document) -> Document:
        """Make an object."""
        return self._told(self._http.post(path, json=document))

    def patch(self, path: str, change: Document) -> Document:
        """Merge a change into an object."""
        kind = "application/merge-patch+json"
        return self._told(self._http.patch(path, json=change, headers={"content-type": kind}))

    def delete(self, path: str) -> None:
        """Remove an object."""
        self._told(self._http.delete(path))

    def apply(self, text: str, *, dry_run: bool = False, server_side: bool = False) -> str:
        """What kubectl apply says of this YAML, warnings included; unknown fields are errors. Raises ApiRefused."""
        flags = ["--validate=strict", *(["--dry-run=server"] if dry_run else [])]
        flags += ["--server-side", "--force-conflicts"] if server_side else []
        return self.kubectl("apply", *flags, "--filename=-", given=text)

    def kubectl(self, *arguments: str, given: str = "") -> str:
        """Run kubectl; returns what it says. Raises ApiRefused."""
        command = (str(path_of("kubectl")), f"--kubeconfig={self.kubeconfig}", *arguments)
        done = subprocess.run(command, input=given, capture_output=True, text=True, timeout=120, cwd=Path("/"))
        if done.returncode:
            raise ApiRefused(done.stderr.strip())
        return done.stdout + done.stderr

    def _told(self, answer: httpx.Response) -> Document:
        if not answer.is_success:
            raise ApiRefused(
                f"{answer.request.method} {answer.request.url.path}: {answer.status_code} {answer.text[:500]}"
            )
        told: Document = answer.json()
        return told
