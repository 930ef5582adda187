"""Certificates for servers of the tests: an authority of their own, and one that nobody trusts."""

from __future__ import annotations

from pathlib import Path

from servers.process import Account, program

_NAMES = "subjectAltName=IP:127.0.0.1,DNS:localhost"


class Certificates:
    """What a server shows and what a client checks it with.

    :ivar authority: the certificate that signed the server's.
    :ivar other: the certificate of an authority that signed nothing.
    """

    def __init__(self, account: Account, folder: Path) -> None:
        self.authority, key = folder / "ca.pem", folder / "ca.key"
        self.other = folder / "other.pem"
        self.certificate, self.key = folder / "server.pem", folder / "server.key"
        openssl = program("openssl")
        make = (openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2")
        for path, secret in ((self.authority, key), (self.other, folder / "other.key")):
            authority = ("-subj", f"/CN={path.stem}", "-keyout", str(secret), "-out", str(path))
            account.run(folder, *make, *authority)
        signed = ("-CA", str(self.authority), "-CAkey", str(key), "-addext", _NAMES)
        own = ("-subj", "/CN=localhost", "-keyout", str(self.key), "-out", str(self.certificate))
        account.run(folder, *make, *signed, *own)
        self.key.chmod(0o600)
