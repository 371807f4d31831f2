"""Registers that lie in a file, and those that are asked over HTTP."""

import asyncio
import csv
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, Protocol
from urllib.parse import quote

import aiohttp
import msgspec

from callcenter.crm.registers.entries import Entry, at, entry

#: How long a register may take, and how much it may answer.
ANSWER_S: Final = 5.0
ANSWER_BYTES: Final = 1024 * 1024


class RegisterAway(Exception):
    """The register did not answer, or not with anything one can read; the text is for the operator."""


class Register(Protocol):
    """A register of legal entities; `kinds` are the tax ids it knows, none for all."""

    name: str
    kinds: tuple[str, ...]

    async def find(self, tax_id: str) -> Entry | None:
        """Return what it says of a tax id, None if it knows none such. Raises RegisterAway."""
        ...


class FileRegister:
    """A table (CSV) or list (JSON) on the disk, read when it is first asked and when it changed."""

    def __init__(
        self, name: str, path: Path, names: Mapping[str, str], kinds: tuple[str, ...] = ()
    ) -> None:
        self.name, self.kinds = name, kinds
        self._path, self._names = path, names
        self._read_at = -1.0
        self._rows: dict[str, Entry] = {}
        self._reading = asyncio.Lock()

    async def find(self, tax_id: str) -> Entry | None:
        async with self._reading:
            try:
                changed_at = self._path.stat().st_mtime
                if changed_at != self._read_at:
                    self._rows = await asyncio.to_thread(self._read)
                    self._read_at = changed_at
            except (OSError, ValueError, csv.Error, msgspec.DecodeError) as error:
                raise RegisterAway(f"{self._path}: {error}") from error
        return self._rows.get(tax_id)

    def _read(self) -> dict[str, Entry]:
        text = self._path.read_text(encoding="utf-8-sig")
        if self._path.suffix == ".json":
            rows: Any = msgspec.json.decode(text)
        else:
            dialect = csv.Sniffer().sniff(text[:4096], delimiters=",;\t")
            rows = csv.DictReader(text.splitlines(), dialect=dialect)
        way = self._names["tax_id"]
        return {
            "".join(str(at(row, way) or "").split()): entry(row, self._names, self.name)
            for row in rows
        }


class WebRegister:
    """A register that answers JSON at an address with the tax id in it.

    `secret` is "env:NAME": where the token stands that it wants.
    """

    def __init__(
        self,
        name: str,
        address: str,
        names: Mapping[str, str],
        kinds: tuple[str, ...] = (),
        secret: str = "",
    ) -> None:
        self.name, self.kinds = name, kinds
        self._address, self._names, self._secret = address, names, secret

    async def find(self, tax_id: str) -> Entry | None:
        address = self._address.replace("{tax_id}", quote(tax_id, safe=""))
        limit = aiohttp.ClientTimeout(total=ANSWER_S)
        try:
            async with (
                aiohttp.ClientSession(timeout=limit, headers=self._headers()) as session,
                session.get(address, allow_redirects=False) as response,
            ):
                if response.status == 404:
                    return None
                if response.status != 200:
                    raise RegisterAway(f"{self.name} answered {response.status}")
                body = await response.content.read(ANSWER_BYTES)
            found = entry(msgspec.json.decode(body), self._names, self.name)
        except (aiohttp.ClientError, TimeoutError, msgspec.DecodeError) as error:
            raise RegisterAway(f"{self.name}: {error}") from error
        # Some answer "nothing found" with an empty answer.
        return found if found.texts else None

    def _headers(self) -> dict[str, str]:
        secret = os.environ.get(self._secret.removeprefix("env:"), "") if self._secret else ""
        return {"Accept": "application/json"} | (
            {"Authorization": f"Bearer {secret}"} if secret else {}
        )
