"""A time stamping authority of our own, by OpenSSL, for tests: plainly invented, on loopback."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from shutil import which

import pytest

_CONFIG = """\
[tsa]
default_tsa = made_up
[made_up]
serial = {folder}/serial
crypto_device = builtin
signer_digest = sha256
default_policy = 1.2.3.4
digests = sha256
accuracy = secs:1
ordering = no
ess_cert_id_chain = no
ess_cert_id_alg = sha256
[req]
distinguished_name = dn
[dn]
[ca]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign
[signer]
basicConstraints = CA:FALSE
keyUsage = critical,digitalSignature
extendedKeyUsage = critical,timeStamping
"""


def _run(*words: str | Path) -> None:
    subprocess.run(["openssl", *map(str, words)], check=True, capture_output=True)


def create(folder: Path) -> Path:
    """Keys and certificates of an authority; the certificate under which it is."""
    if which("openssl") is None:
        pytest.skip("needs openssl, which makes the authority")
    folder.mkdir()
    config = folder / "openssl.cnf"
    config.write_text(_CONFIG.format(folder=folder))
    (folder / "serial").write_text("01\n")
    ca, signer = folder / "ca", folder / "signer"
    curve = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-config", config)
    _run("req", "-x509", *curve, "-extensions", "ca", "-days", "9", "-subj", "/CN=Made-up root", "-keyout", f"{ca}.key",
         "-out", f"{ca}.pem")  # fmt: skip
    _run("req", "-new", *curve, "-subj", "/CN=Made-up clock", "-keyout", f"{signer}.key", "-out", f"{signer}.csr")
    _run("x509", "-req", "-in", f"{signer}.csr", "-CA", f"{ca}.pem", "-CAkey", f"{ca}.key", "-CAcreateserial", "-days",
         "9", "-extfile", config, "-extensions", "signer", "-out", f"{signer}.pem")  # fmt: skip
    return folder / "ca.pem"


def answer(folder: Path, query: bytes) -> bytes:
    """What the authority says to a request."""
    (folder / "query").write_bytes(query)
    _run("ts", "-reply", "-config", folder / "openssl.cnf", "-queryfile", folder / "query", "-signer",
         folder / "signer.pem", "-inkey", folder / "signer.key", "-out", folder / "answer")  # fmt: skip
    return (folder / "answer").read_bytes()


@contextmanager
def serving(folder: Path) -> Iterator[str]:
    """The authority on loopback; its address."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            query = self.rfile.read(int(self.headers["content-length"]))
            made = answer(folder, query)
            self.send_response(200)
            self.send_header("content-type", "application/timestamp-reply")
            self.send_header("content-length", str(len(made)))
            self.end_headers()
            self.wfile.write(made)

        def log_message(self, format: str, *arguments: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/"
        finally:
            server.shutdown()
            thread.join()
