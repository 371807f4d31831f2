"""Which registers there are: the file that the setting `registers` names.

[[register]]
name = "State register"
file = "firms.csv"              # or url = "https://register.example/firms/{tax_id}"
kinds = ["az_voen"]             # the tax ids it knows; all without this line
secret = "env:REGISTER_TOKEN"   # of a url, if it wants a token
[register.fields]
tax_id = "VÖEN"
legal_name = "Tam ad"
"""

import tomllib
from collections.abc import Sequence
from pathlib import Path

import structlog
from aiohttp import web

from callcenter.crm.registers.entries import Entry
from callcenter.crm.registers.providers import (
    FileRegister,
    Register,
    RegisterAway,
    WebRegister,
)
from callcenter.settings import SettingsError

log = structlog.get_logger()


class Registers:
    """All registers, asked in their order."""

    def __init__(self, registers: Sequence[Register] = ()) -> None:
        self._registers = registers

    @property
    def are_there(self) -> bool:
        return bool(self._registers)

    def know(self, kind: str | None) -> bool:
        """Tell whether any of them could know a tax id of this kind."""
        return any(not each.kinds or kind in each.kinds for each in self._registers)

    async def find(self, tax_id: str, kind: str | None) -> Entry | None:
        """Return what the first of them that knows the tax id says.

        Raises RegisterAway if none knows it and one could not be asked.
        """
        away: RegisterAway | None = None
        for register in self._registers:
            if register.kinds and kind not in register.kinds:
                continue
            try:
                if (found := await register.find(tax_id)) is not None:
                    return found
            except RegisterAway as error:
                log.warning("a register cannot be asked", register=register.name, error=str(error))
                away = error
        if away is not None:
            raise away
        return None


REGISTERS: web.AppKey[Registers] = web.AppKey("registers", Registers)


def registers_of(path: str) -> Registers:
    """Return the registers that a file names, none for no file. Raises SettingsError."""
    if not path:
        return Registers()
    try:
        told = tomllib.loads(Path(path).read_text(encoding="utf-8"))
        return Registers([_register(each, Path(path).parent) for each in told.get("register", [])])
    except (OSError, tomllib.TOMLDecodeError, KeyError, TypeError) as error:
        raise SettingsError(f"registers: {path} cannot be used: {error!r}") from error


def _register(told: dict[str, object], folder: Path) -> Register:
    names = told["fields"]
    if not isinstance(names, dict) or "tax_id" not in names:
        raise KeyError("fields.tax_id")
    name, kinds = str(told["name"]), told.get("kinds", ())
    known = tuple(map(str, kinds)) if isinstance(kinds, list) else ()
    if "url" in told:
        return WebRegister(name, str(told["url"]), names, known, str(told.get("secret", "")))
    return FileRegister(name, folder / str(told["file"]), names, known)
