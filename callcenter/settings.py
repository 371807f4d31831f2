"""What an operator can set: environment `CALLCENTER_*` over `callcenter.toml` over these defaults.

Read once, at start, and passed on; nothing else reads the environment. Each field's
sentence is its documentation: `docs/reference/settings.md` is made from it and a test
keeps it so. What administrators change in the browser is kept in the database instead.
"""

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, get_type_hints

import msgspec


class Doc(msgspec.Struct, frozen=True):
    """The sentence that explains a setting."""

    text: str


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """The process's settings. Units stand in the names."""

    host: Annotated[str, Doc("Address the web server listens on.")] = "127.0.0.1"
    port: Annotated[int, Doc("Port the web server listens on; 0 takes a free one.")] = 8080
    public_url: Annotated[
        str,
        Doc(
            "Address people open in the browser, such as `https://crm.example.az`. It is the only "
            "origin whose pages may change anything; empty means the address of the request itself."
        ),
    ] = ""
    behind_proxy: Annotated[
        bool,
        Doc("Believe X-Forwarded-For and X-Forwarded-Proto of the proxy in front (one hop)."),
    ] = False
    data: Annotated[
        str, Doc("Folder of everything the service keeps: database, secrets, recordings.")
    ] = "./var"
    database_url: Annotated[
        str,
        Doc(
            "SQLAlchemy address of the database, such as `postgresql+asyncpg://user@host/callcenter`; "
            "empty means SQLite in the data folder."
        ),
    ] = ""
    log_level: Annotated[str, Doc("Least level that is logged: debug, info, warning, error.")] = (
        "info"
    )
    log_format: Annotated[
        str, Doc("How a log line looks: `text` for people, `json` for machines.")
    ] = "text"
    language: Annotated[
        str,
        Doc(
            "Language of people who chose none and whose browser asks for none we have: az, tr, ru, en."
        ),
    ] = "az"
    time_zone: Annotated[
        str, Doc("IANA time zone of people who chose none, such as `Asia/Baku`.")
    ] = "Asia/Baku"
    regions: Annotated[
        str,
        Doc(
            "Countries (ISO 3166, comma-separated) tried in turn for numbers without a country code."
        ),
    ] = "AZ,TR,RU,GE"
    session_h: Annotated[int, Doc("Hours without a request after which a session ends.")] = 12
    wrap_up_s: Annotated[
        int,
        Doc("Seconds of wrap-up after each call of an agent that a queue brought; 0 means none."),
    ] = 20
    ami_ping_s: Annotated[
        float,
        Doc("Seconds between pings to the PBX; two without a byte from it mean the link is dead."),
    ] = 10.0
    ami_connect_timeout_s: Annotated[
        float, Doc("Seconds to wait for the PBX to accept a connection and a login.")
    ] = 10.0
    ami_retry_max_s: Annotated[
        float,
        Doc("Longest pause between two attempts to reach the PBX; the first is half a second."),
    ] = 30.0
    dial_per_minute: Annotated[
        int, Doc("Calls a person may place by click in a minute; more are refused.")
    ] = 30
    smtp_url: Annotated[
        str,
        Doc(
            "Mail server for password resets, such as `smtps://user:secret@mail.example.az`; needs "
            "`public_url`, where the links lead. Empty means an administrator hands the link over."
        ),
    ] = ""

    @property
    def data_path(self) -> Path:
        return Path(self.data)

    @property
    def database(self) -> str:
        """The database's address, the default filled in."""
        return self.database_url or f"sqlite+aiosqlite:///{self.data_path / 'callcenter.db'}"


def read(
    environment: Mapping[str, str] = os.environ, file: Path | None = Path("callcenter.toml")
) -> Settings:
    """Return the settings in force.

    Raises SettingsError, naming the setting and where it was given, if one is unknown or
    does not fit its type.
    """
    given: dict[str, Any] = {}
    if file is not None and file.exists():
        given |= _from_file(file)
    given |= _from_environment(environment)
    try:
        return msgspec.convert(given, Settings, strict=False)
    except msgspec.ValidationError as error:
        raise SettingsError(
            f"A setting does not fit: {error}. See docs/reference/settings.md."
        ) from error


class SettingsError(Exception):
    """A setting cannot be used; the text says which and where it was given."""


def fields() -> dict[str, tuple[Any, Any, str]]:
    """Return {name: (type, default, sentence)} of every setting, in their order."""
    hints = get_type_hints(Settings, include_extras=True)
    return {
        field.name: (
            hints[field.name].__origin__,
            field.default,
            hints[field.name].__metadata__[0].text,
        )
        for field in msgspec.structs.fields(Settings)
    }


def _from_file(file: Path) -> dict[str, Any]:
    try:
        given = tomllib.loads(file.read_text("utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{file} is not TOML: {error}.") from error
    return {name: value for name, value in given.items() if _known(name, str(file))}


def _from_environment(environment: Mapping[str, str]) -> dict[str, Any]:
    prefix = "CALLCENTER_"
    return {
        name.removeprefix(prefix).lower(): value
        for name, value in environment.items()
        if name.startswith(prefix)
        and name not in NOT_SETTINGS
        and _known(name.removeprefix(prefix).lower(), name)
    }


#: Variables of the tests and of secrets that share the prefix.
NOT_SETTINGS = frozenset({"CALLCENTER_REQUIRE", "CALLCENTER_CACHE", "CALLCENTER_TOKEN"})


def _known(name: str, where: str) -> bool:
    if name in Settings.__struct_fields__ or name.endswith("_secret"):
        return name in Settings.__struct_fields__
    raise SettingsError(f"{where}: there is no setting “{name}”. See docs/reference/settings.md.")
