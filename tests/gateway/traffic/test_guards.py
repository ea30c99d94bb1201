"""What a system, or whatever stands in for it, can send us: the right error each, soon, and never more than we take."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import socket
import ssl
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from gateway.settings import SettingsError
from gateway.traffic import Traffic, breaker
from gateway.traffic.transport import open_transports
from gateway.traffic.tuning import Tuning
from resolvers.backends.base import Call, Connection, Deadline, Gap, Tls
from tests.company import configured
from tests.gateway.traffic.system import Things

pytestmark = pytest.mark.anyio

NEVER_OPEN = Tuning(breaker=breaker.Rules(least=10**9))
DEEP = b"[" * 10_000 + b"]" * 10_000
Heads = list[bytes]


def http(body: bytes, *headers: bytes, status: bytes = b"200 OK") -> bytes:
    told = (
        headers
        if any(header.startswith(b"content-type") for header in headers)
        else (b"content-type: application/json", *headers)
    )
    return b"\r\n".join((b"HTTP/1.1 " + status, b"content-length: %d" % len(body), *told, b"", body))


@asynccontextmanager
async def system(
    answer: bytes, drip: float = 0.0, tls: ssl.SSLContext | None = None
) -> AsyncIterator[tuple[str, Heads]]:
    """A server that says the same to everybody, a byte at a time if need be; and what it was asked."""
    heads: Heads = []
    talks: set[asyncio.Task[None] | None] = set()

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        talks.add(asyncio.current_task())
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            heads.append(await reader.readuntil(b"\r\n\r\n"))
            for piece in (answer[i : i + 1] for i in range(len(answer))) if drip else (answer,):
                writer.write(piece)
                await writer.drain()
                await asyncio.sleep(drip)
        writer.close()

    server = await asyncio.start_server(talk, "127.0.0.1", 0, ssl=tls)
    async with server:
        port = server.sockets[0].getsockname()[1]
        yield f"{'https' if tls else 'http'}://127.0.0.1:{port}", heads
        for one in filter(None, talks):
            one.cancel()
        await asyncio.gather(*filter(None, talks))


async def asked(connection: Connection, seconds: float = 5.0) -> Gap | None:
    """How one question to it ends."""
    transports = open_transports({"things": connection})
    traffic = Traffic.over({"things": Things(connection, transports["things"])}, tuned=lambda _: NEVER_OPEN)
    try:
        found = await traffic.perform(Call("things", "read", ("a",), frozenset({"key"})), Deadline(seconds))
        return found["a"].error
    finally:
        await traffic.aclose()
        await transports["things"].aclose()


async def code(answer: bytes, **how: float) -> str:
    async with system(answer) as (address, _):
        error = await asked(Connection(address, **how))  # type: ignore[arg-type]
        return error.code if error else "OK"


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (http(b'[{"key":"a"}]'), "OK"),
        (http(b"<html>"), "BACKEND_GARBLED"),
        (http(b"\x00\xff junk"), "BACKEND_GARBLED"),
        (http(b'[{"key":1}]'), "BACKEND_GARBLED"),
        (http(DEEP), "BACKEND_GARBLED"),
        (http(b'[{"key":"a","more":' + DEEP + b"}]"), "BACKEND_GARBLED"),
        (http(b"[]", b"content-type: text/html"), "BACKEND_GARBLED"),
        (http(b"[]", b"content-type: application/vnd.things+json"), "OK"),
        (http(b"[" + b" " * 5_000_000 + b"]"), "BACKEND_GARBLED"),
        (http(b"", b"location: /elsewhere", status=b"302 Found"), "BACKEND_REFUSED"),
        (http(b"", status=b"403 Forbidden"), "BACKEND_REFUSED"),
        (http(b"", status=b"500 Internal Server Error"), "BACKEND_UNAVAILABLE"),
        (http(b"", status=b"429 Too Many Requests"), "BACKEND_THROTTLED"),
        (b"SSH-2.0-OpenSSH\r\n", "BACKEND_UNAVAILABLE"),
        (http(b'[{"key":"a"}]')[:-3], "BACKEND_UNAVAILABLE"),
        (b"", "BACKEND_UNAVAILABLE"),
    ],
    ids=lambda given: given if isinstance(given, str) else "",
)
async def test_each_bad_answer_has_its_own_error(answer: bytes, told: str) -> None:
    assert await code(answer) == told


async def test_a_small_answer_does_not_become_a_large_one() -> None:
    bomb = gzip.compress(b" " * 200_000_000, compresslevel=1)
    assert await code(http(bomb, b"content-encoding: gzip")) == "BACKEND_GARBLED"


async def test_a_redirect_is_not_followed() -> None:
    async with system(http(b"", b"location: /elsewhere", status=b"307 Temporary Redirect")) as (address, heads):
        await asked(Connection(address))
    assert len(heads) == 1


async def test_a_system_that_drips_is_cut_however_steadily() -> None:
    async with system(http(b'[{"key":"a"}]'), drip=0.25) as (address, _):
        begun = time.monotonic()
        error = await asked(Connection(address, attempt_timeout=0.6))
    assert error is not None
    assert error.code == "BACKEND_TIMEOUT"
    assert 0.6 <= time.monotonic() - begun < 3


async def test_a_connection_has_a_time_of_its_own() -> None:
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        waiting = [socket.socket() for _ in range(8)]
        for one in waiting:  # a backlog that is full answers nobody
            one.setblocking(False)
            one.connect_ex(full.getsockname())
        begun = time.monotonic()
        error = await asked(Connection(f"http://127.0.0.1:{full.getsockname()[1]}", connect_timeout=0.1))
        for one in waiting:
            one.close()
    assert error is not None
    assert error.code == "BACKEND_UNAVAILABLE"
    assert time.monotonic() - begun < 5


async def test_a_system_is_told_how_long_we_wait() -> None:
    async with system(http(b'[{"key":"a"}]')) as (address, heads):
        await asked(Connection(address, attempt_timeout=2.0), seconds=0.5)
        await asked(Connection(address, attempt_timeout=0.3), seconds=5)
    told = [int(head.lower().split(b"x-deadline-ms: ")[1].split(b"\r\n")[0]) for head in heads]
    assert 300 < told[0] <= 500
    assert told[1] == 300


async def test_the_size_that_is_taken_is_a_setting(tmp_path: Path) -> None:
    connection = configured(tmp_path, traffic__largest_bytes=1000).connections()["sap"]
    assert connection.largest == 1000
    assert await code(http(b"[" + b" " * 2000 + b"]"), largest=1000) == "BACKEND_GARBLED"


# -- TLS --------------------------------------------------------------------------------------------------------------


class Authority:
    """A certificate authority of the test's own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "test authority")])
        usage = x509.KeyUsage(False, False, False, False, False, True, True, False, False)
        made = self._made(self.name, self.key).add_extension(x509.BasicConstraints(True, None), True)
        self.certificate = made.add_extension(usage, True).sign(self.key, hashes.SHA256())
        self.file = self._written("ca.pem", self.certificate.public_bytes(serialization.Encoding.PEM))

    def issue(self, name: str) -> tuple[str, str]:
        """Certificate and key, as files."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        host = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
        issued = x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key())
        made = self._made(subject, key).add_extension(host, False).add_extension(issued, False)
        made_certificate = made.sign(self.key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
        encoded = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        return self._written(f"{name}.pem", made_certificate), self._written(f"{name}.key", encoded)

    def _made(self, subject: x509.Name, key: ec.EllipticCurvePrivateKey) -> x509.CertificateBuilder:
        now = datetime.now(UTC)
        made = x509.CertificateBuilder().subject_name(subject).issuer_name(self.name).public_key(key.public_key())
        made = made.serial_number(x509.random_serial_number()).not_valid_before(now - timedelta(days=1))
        return made.not_valid_after(now + timedelta(days=1)).add_extension(
            x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False
        )

    def _written(self, name: str, data: bytes) -> str:
        path = self.folder / name
        path.write_bytes(data)
        return str(path)


def server_side(authority: Authority, *, wants_client: bool) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=authority.file)
    context.load_cert_chain(*authority.issue("server"))
    context.verify_mode = ssl.CERT_REQUIRED if wants_client else ssl.CERT_NONE
    return context


@pytest.mark.parametrize(
    ("wants_client", "tls", "told"),
    [
        (False, lambda ca: Tls(ca.file), "OK"),
        (False, lambda _: Tls(), "BACKEND_UNAVAILABLE"),
        (True, lambda ca: Tls(ca.file, *ca.issue("gateway")), "OK"),
        (True, lambda ca: Tls(ca.file), "BACKEND_UNAVAILABLE"),
    ],
    ids=["its authority is known", "a stranger's certificate", "we show who we are", "we show nothing"],
)
async def test_a_system_is_believed_and_believes_us_by_certificate(
    tmp_path: Path, wants_client: bool, tls: Callable[[Authority], Tls], told: str
) -> None:
    authority = Authority(tmp_path)
    context = server_side(authority, wants_client=wants_client)
    async with system(http(b'[{"key":"a"}]'), tls=context) as (address, _):
        error = await asked(Connection(address, tls=tls(authority), connect_timeout=2.0))
    assert (error.code if error else "OK") == told


async def test_a_certificate_that_cannot_be_used_stops_the_start_and_names_the_setting(tmp_path: Path) -> None:
    settings = configured(tmp_path, backends__sap__tls__ca=str(tmp_path / "none.pem"))
    with pytest.raises(SettingsError, match=r"backends\.sap\.tls"):
        open_transports(settings.connections())
