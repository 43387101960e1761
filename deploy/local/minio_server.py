"""MinIO, built once from its Go module, as one process."""

from pathlib import Path

from deploy.local.places import Places
from deploy.local.ports import HOST
from deploy.local.preparing import need, not_ok, run
from deploy.local.processes import Process

MINIO_MODULE = "github.com/minio/minio@v0.0.0-20260212201848-7aac2a2c5b7c"


def minio(places: Places) -> Process:
    """One server on one folder."""
    data = places.var / "minio"
    data.mkdir(parents=True, exist_ok=True)
    address = f"{HOST}:{places.minio_port}"
    console = f"{HOST}:{places.minio_console_port}"
    return Process(
        name="minio",
        command=(str(minio_binary(places)), "server", str(data), "--address", address, "--console-address", console),
        where=f"http://{address} (console http://{console})",
        port=places.minio_port,
        ready=lambda: not_ok(f"http://{address}/minio/health/live"),
        environment={
            "MINIO_ROOT_USER": places.user,
            "MINIO_ROOT_PASSWORD": places.password,
            "MINIO_UPDATE": "off",
            "GOMAXPROCS": "2",
        },
    )


def minio_binary(places: Places) -> Path:
    """Its program, built when it is not there. Raises LocalStackError."""
    binary = places.servers / "bin" / "minio"
    if not binary.exists():
        need("go", "Go 1.24 or newer: https://go.dev/dl/, or apt-get install golang")
        print("  building MinIO from source (two to three minutes, once)", flush=True)
        binary.parent.mkdir(parents=True, exist_ok=True)
        run(("nice", "go", "install", MINIO_MODULE), "building MinIO", {"GOBIN": str(binary.parent)})
    return binary
