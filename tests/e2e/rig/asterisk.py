"""One running Asterisk, by way of `tools/asterisk`."""

import asyncio
import os
import secrets
import shutil
import socket
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.lifeline import Lifeline

REPOSITORY = Path(__file__).parents[3]
TOOL = REPOSITORY / "tools" / "asterisk"
OVERLAY = Path(__file__).parents[1] / "overlay"

LOOPBACK = "127.0.0.1"
# The carrier has an address of its own, because a trunk is known by its address.
CARRIER = "127.0.0.2"
OTHER_CARRIER = "127.0.0.3"


def why_there_is_none(suite: str = "sid") -> str | None:
    """Return why no Asterisk can be started here, or None if one can."""
    home = os.environ.get("HOME", "/root")
    cache = Path(os.environ.get("CALLCENTER_CACHE", f"{home}/.cache/callcenter"))
    if os.geteuid() != 0:
        return "an Asterisk of one's own needs root (mount, chroot)"
    if not (cache / f"asterisk-{suite}" / "usr/sbin/asterisk").exists():
        return f"there is none in {cache}: tools/asterisk make --suite {suite}"
    if shutil.which("sipp") is None:
        return "SIPp, which plays the phones, is missing: apt-get install sip-tester"
    return None


def free_port(address: str, kind: socket.SocketKind) -> int:
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind((address, 0))
        port: int = probe.getsockname()[1]
        return port


class Asterisk:
    """An Asterisk of one's own, with its data in `folder`; a context manager starts and stops it."""

    host = LOOPBACK
    ami_user = "callcenter"

    def __init__(self, folder: Path, *, suite: str = "sid", overlays: Sequence[Path] = ()) -> None:
        self.folder = folder
        self.secret = secrets.token_hex(12)
        self.ami_port = free_port(LOOPBACK, socket.SOCK_STREAM)
        self.sip_port = free_port(LOOPBACK, socket.SOCK_DGRAM)
        self.trunk_port = free_port(CARRIER, socket.SOCK_DGRAM)
        self.other_trunk_port = free_port(OTHER_CARRIER, socket.SOCK_DGRAM)
        self._suite = suite
        self._overlays = [OVERLAY, *overlays]

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.stop()

    async def start(self, *, keep: bool = False) -> None:
        """Start it on the same ports as before; `keep` what it had on disk."""
        settings = {
            "AMI_PORT": self.ami_port,
            "SIP_PORT": self.sip_port,
            "TRUNK_PORT": self.trunk_port,
            "OTHER_TRUNK_PORT": self.other_trunk_port,
            "SECRET": self.secret,
        }
        await self._tool(
            "start",
            "--suite",
            self._suite,
            *(word for overlay in self._overlays for word in ("--overlay", str(overlay))),
            *(word for item in settings.items() for word in ("--set", "{}={}".format(*item))),
            *(["--keep"] if keep else []),
        )
        self._lifeline = Lifeline(TOOL, "crash", self.folder)

    async def stop(self) -> None:
        """End it as `core stop now` does: every channel is hung up first."""
        await self._tool("stop")
        self._lifeline.release()

    async def crash(self) -> None:
        """End it as a power cut would: no word to anybody."""
        await self._tool("crash")
        self._lifeline.release()

    async def cli(self, command: str) -> str:
        """Return what its console says to `command`."""
        return await self._tool("cli", command)

    @property
    def cel(self) -> Path:
        """The file in which it keeps its own account of the calls (CEL)."""
        return self.folder / "log" / "cel-custom" / "Master.csv"

    def recordings(self) -> list[Path]:
        """Return the recordings on its disk, oldest first."""
        return sorted((self.folder / "spool" / "monitor").glob("*.wav"))

    async def _tool(self, verb: str, *arguments: str) -> str:
        process = await asyncio.create_subprocess_exec(
            TOOL,
            verb,
            self.folder,
            *arguments,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        output, errors = await process.communicate()
        if process.returncode:
            raise RuntimeError(f"tools/asterisk {verb}: {errors.decode().strip()}")
        return output.decode()
