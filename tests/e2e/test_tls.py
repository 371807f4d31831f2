"""The link to a PBX on another machine: TLS, with a certificate of one's own."""

import asyncio
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio

from callcenter.calls.pbxs import PbxForm
from callcenter.settings import Settings
from tests.e2e.own_process import OwnProcess
from tests.e2e.rig import Asterisk, Phone, Trunk, why_there_is_none
from tests.e2e.rig.asterisk import LOOPBACK, OVERLAY, free_port
from tests.require import missing

pytestmark = pytest.mark.asyncio(loop_scope="session")

DIRECT_TO_1001 = "0124041011"
CUSTOMER = "0501234567"

#: What `docs/how-to/connect-your-asterisk.md` has an administrator add.
TLS = """
[general](+)
tlsenable = yes
tlsbindaddr = 127.0.0.1:{port}
tlscertfile = /etc/asterisk/keys/ami.crt
tlsprivatekey = /etc/asterisk/keys/ami.key
"""


@dataclass
class Safe:
    """An Asterisk that speaks TLS."""

    pbx: Asterisk
    port: int
    certificate: Path

    def service(self, data: Path, *, host: str = LOOPBACK, trusted: bool = True) -> OwnProcess:
        environment = {"SSL_CERT_FILE": str(self.certificate)} if trusted else {}
        form = PbxForm(
            name="Main", host=host, port=self.port, tls=True, username=self.pbx.ami_user,
            secret=self.pbx.secret, trunks=["PJSIP/trunk"], region="AZ", time_zone="Asia/Baku",
            dial_context="click2call", dial_format="national", dial_prefix="", active=True,
        )  # fmt: skip
        return OwnProcess(Settings(port=0, data=str(data)), form, environment)


async def sign(folder: Path) -> None:
    """Make a key, and a certificate for it that vouches for itself."""
    process = await asyncio.create_subprocess_exec(
        "openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
        "-keyout", folder / "ami.key", "-out", folder / "ami.crt",
        "-subj", "/CN=pbx", "-addext", f"subjectAltName=IP:{LOOPBACK}",
        stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    _, errors = await process.communicate()
    assert process.returncode == 0, errors.decode()


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def safe(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Safe]:
    if reason := why_there_is_none():
        missing("asterisk", reason)
    folder, port = tmp_path_factory.mktemp("tls"), free_port(LOOPBACK, socket.SOCK_STREAM)
    overlay = folder / "overlay"
    (overlay / "keys").mkdir(parents=True)
    (overlay / "site").mkdir()
    await sign(overlay / "keys")
    plain = (OVERLAY / "site" / "ami.conf").read_text(encoding="utf-8")
    (overlay / "site" / "ami.conf").write_text(plain + TLS.format(port=port), encoding="utf-8")
    async with Asterisk(folder / "asterisk", overlays=[overlay]) as pbx:
        yield Safe(pbx, port, overlay / "keys" / "ami.crt")


async def test_a_call_is_heard_over_tls_by_whoever_trusts_the_certificate(
    safe: Safe, tmp_path: Path
) -> None:
    async with safe.service(tmp_path) as service:
        await service.employ(["1001"])
        await service.start()
        async with Trunk(safe.pbx) as trunk, Phone(safe.pbx, "1001") as phone:
            customer = await trunk.call(DIRECT_TO_1001, from_=CUSTOMER)
            agent = await phone.incoming()
            await agent.answer()
            await customer.hang_up()
            await agent.until_ended()
        records = await service.until(
            lambda records: [call.end_at is not None for call in records.calls] == [True],
            "store the call",
        )

    (call,) = records.calls
    assert (call.customer_number, call.result) == (CUSTOMER, "answered")
    assert call.owner_id == service.people["1001"].id


@pytest.mark.parametrize(
    ("host", "trusted", "reason"),
    [
        (LOOPBACK, False, "SSL_CERT_FILE=/path/to/your-ca.pem"),
        ("localhost", True, "enter the PBX's address as its certificate has it"),
    ],
)
async def test_a_certificate_that_is_not_accepted_says_what_to_do(
    safe: Safe, tmp_path: Path, host: str, trusted: bool, reason: str
) -> None:
    async with safe.service(tmp_path, host=host, trusted=trusted) as service:
        await service.launch()
        refused = await service.says("PBX cannot be reached")

    assert refused["reason"].startswith("the certificate is not accepted (")
    assert refused["reason"].endswith(reason)
    assert safe.pbx.secret not in str(service.log)
