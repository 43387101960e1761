"""Throw-away certificates of one cluster: an authority, another for the front proxy, one for each who signs in."""

from dataclasses import dataclass
from pathlib import Path

from deploy.local.preparing import need, run

DAYS = "3"
NAMES = "DNS:localhost,DNS:kubernetes.default.svc,IP:127.0.0.1"
KEDAS = (
    "DNS:localhost,DNS:keda-operator.keda.svc,DNS:keda-metrics-apiserver.keda.svc,DNS:keda-admission-webhooks.keda.svc"
)


@dataclass(frozen=True)
class Certificates:
    """Where they are; `server` is the API server's address."""

    folder: Path
    server: str

    def of(self, name: str) -> tuple[Path, Path]:
        """Certificate and key."""
        return self.folder / f"{name}.crt", self.folder / f"{name}.key"

    def kubeconfig(self, name: str) -> Path:
        """How a program of that name signs in."""
        return self.folder / f"{name}.kubeconfig"


def made(folder: Path, server: str) -> Certificates:
    """All of them, new. Raises LocalStackError."""
    need("openssl", "OpenSSL: apt-get install openssl")
    folder.mkdir(parents=True)
    certificates = Certificates(folder, server)
    for authority in ("ca", "front-proxy-ca"):
        _authority(folder, authority)
    _openssl(folder, "genrsa", "-out", "accounts.key", "2048")
    _openssl(folder, "rsa", "-in", "accounts.key", "-pubout", "-out", "accounts.pub")
    _leaf(folder, "apiserver", "ca", "/CN=kube-apiserver", "serverAuth", NAMES)
    _leaf(folder, "front-proxy", "front-proxy-ca", "/CN=front-proxy-client", "clientAuth")
    _leaf(folder, "tls", "ca", "/CN=keda", "serverAuth,clientAuth", KEDAS)
    _leaf(folder, "admin", "ca", "/O=system:masters/CN=admin", "clientAuth")
    for name in ("kube-controller-manager", "kube-scheduler"):
        _leaf(folder, name, "ca", f"/CN=system:{name}", "clientAuth")
    for name in ("admin", "kube-controller-manager", "kube-scheduler"):
        certificates.kubeconfig(name).write_text(_kubeconfig(certificates, name))
    return certificates


def _authority(folder: Path, name: str) -> None:
    curve = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")
    subject = ("-days", DAYS, "-subj", f"/CN={name}")
    _openssl(folder, "req", "-x509", *curve, *subject, "-keyout", f"{name}.key", "-out", f"{name}.crt")


def _leaf(folder: Path, name: str, authority: str, subject: str, usage: str, names: str = "") -> None:
    extensions = f"extendedKeyUsage={usage}\n" + (f"subjectAltName={names}\n" if names else "")
    (folder / f"{name}.ext").write_text(extensions)
    curve = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")
    _openssl(folder, "req", *curve, "-subj", subject, "-keyout", f"{name}.key", "-out", f"{name}.csr")
    signed_by = ("-CA", f"{authority}.crt", "-CAkey", f"{authority}.key", "-CAcreateserial")
    signing = ("x509", "-req", "-in", f"{name}.csr", *signed_by, "-days", DAYS, "-extfile", f"{name}.ext")
    _openssl(folder, *signing, "-out", f"{name}.crt")


def _openssl(folder: Path, *arguments: str) -> None:
    run(("openssl", *arguments), f"making certificates (openssl {arguments[0]})", folder=folder, limit_s=60)


def _kubeconfig(certificates: Certificates, name: str) -> str:
    certificate, key = certificates.of(name)
    authority, _ = certificates.of("ca")
    return f"""\
apiVersion: v1
kind: Config
clusters: [{{name: here, cluster: {{server: "{certificates.server}", certificate-authority: "{authority}"}}}}]
users: [{{name: me, user: {{client-certificate: "{certificate}", client-key: "{key}"}}}}]
contexts: [{{name: here, context: {{cluster: here, user: me}}}}]
current-context: here
"""
