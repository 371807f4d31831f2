"""What an operator can set: environment `CALLCENTER_*` over `callcenter.toml` over these defaults.

Read once, at start, and passed on; nothing else reads the environment. Each field's
sentence is its documentation: `docs/reference/settings.md` is made from it and a test
keeps it so. What administrators change in the browser is kept in the database instead.
"""

import os
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, get_type_hints
from zoneinfo import available_timezones

import msgspec
from msgspec import Meta


class Doc(msgspec.Struct, frozen=True):
    """The sentence that explains a setting."""

    text: str


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """The process's settings. Units stand in the names."""

    host: Annotated[str, Doc("Address the web server listens on.")] = "127.0.0.1"
    port: Annotated[
        int, Doc("Port the web server listens on; 0 takes a free one."), Meta(ge=0, le=65_535)
    ] = 8080
    public_url: Annotated[
        str,
        Doc(
            "Address people open in the browser, such as `https://crm.example.az`. It is the only "
            "origin whose pages may change anything; empty means the address of the request itself."
        ),
        Meta(pattern=r"^(https?://\S+)?$"),
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
    log_level: Annotated[
        str,
        Doc("Least level that is logged: debug, info, warning, error."),
        Meta(pattern="^(debug|info|warning|error)$"),
    ] = "info"
    log_format: Annotated[
        str,
        Doc("How a log line looks: `text` for people, `json` for machines."),
        Meta(pattern="^(text|json)$"),
    ] = "text"
    language: Annotated[
        str,
        Doc(
            "Language of people who chose none and whose browser asks for none we have: az, tr, ru, en."
        ),
        Meta(pattern="^(az|tr|ru|en)$"),
    ] = "az"
    time_zone: Annotated[
        str, Doc("IANA time zone of people who chose none, such as `Asia/Baku`.")
    ] = "Asia/Baku"
    regions: Annotated[
        str,
        Doc(
            "Countries (ISO 3166, comma-separated) tried in turn for numbers without a country code, "
            "until Administration → Company says others."
        ),
        Meta(pattern="^[A-Z]{2}(, ?[A-Z]{2})*$"),
    ] = "AZ,TR,RU,GE"
    registers: Annotated[
        str,
        Doc(
            "File (TOML) that names state registers of legal entities; none if empty. See the how-to on contacts."
        ),
    ] = ""
    session_h: Annotated[
        int, Doc("Hours without a request after which a session ends."), Meta(ge=1)
    ] = 12
    wrap_up_s: Annotated[
        int,
        Doc("Seconds of wrap-up after each call of an agent that a queue brought; 0 means none."),
        Meta(ge=0),
    ] = 20
    ami_ping_s: Annotated[
        float,
        Doc("Seconds between pings to the PBX; two without a byte from it mean the link is dead."),
        Meta(gt=0),
    ] = 10.0
    ami_connect_timeout_s: Annotated[
        float, Doc("Seconds to wait for the PBX to accept a connection and a login."), Meta(gt=0)
    ] = 10.0
    ami_retry_max_s: Annotated[
        float,
        Doc("Longest pause between two attempts to reach the PBX; the first is half a second."),
        Meta(gt=0),
    ] = 30.0
    trace: Annotated[
        bool,
        Doc(
            "Keep what each PBX says, compressed, in the data folder: it is what a call's record is "
            "explained and checked by."
        ),
    ] = True
    trace_days: Annotated[int, Doc("Days after which what a PBX said is removed."), Meta(ge=1)] = 30
    trace_max_gib: Annotated[
        int,
        Doc("Most disk that what the PBXs said may take, in GiB; the oldest is removed first."),
        Meta(ge=1),
    ] = 10
    import_max_mib: Annotated[
        int, Doc("Largest file of rows that may be imported, in MiB."), Meta(ge=1)
    ] = 512
    dial_per_minute: Annotated[
        int, Doc("Calls a person may place by click in a minute; more are refused."), Meta(ge=0)
    ] = 30
    api_per_minute: Annotated[
        int, Doc("Requests an API token may make in a minute; more are refused."), Meta(ge=1)
    ] = 600
    smtp_url: Annotated[
        str,
        Doc(
            "Mail server for what the installation itself sends, password resets and notices, such as "
            "`smtps://user:secret@mail.example.az?from=crm@example.az`; needs `public_url`, where the "
            "links lead. Empty means that an administrator hands such links over."
        ),
        Meta(pattern=r"^(smtps?://\S+)?$"),
    ] = ""
    sms_url: Annotated[
        str,
        Doc(
            "Address of the SMS provider, such as `https://sms.example.az/send?to={digits}&text={text}`; "
            "`{to}` (+994…), `{digits}` (994…), `{text}`, `{id}` and `{key}` are filled in. Plain http only "
            "on this machine; `file:sms.jsonl` keeps messages in the data folder and sends nothing. "
            "Empty means that none are sent."
        ),
        Meta(
            pattern=r"^(https://\S+|http://(127\.0\.0\.1|localhost|\[::1\])[:/]\S*|file:[\w.-]+)?$"
        ),
    ] = ""
    sms_method: Annotated[
        str,
        Doc("How the SMS provider is asked: GET, POST or PUT."),
        Meta(pattern="^(GET|POST|PUT)$"),
    ] = "GET"
    sms_headers: Annotated[
        str,
        Doc(
            "Headers for the SMS provider, one a line, such as `Authorization: Bearer {key}`; "
            "`Content-Type` decides how values are written in the body."
        ),
    ] = ""
    sms_body: Annotated[
        str,
        Doc(
            'Body for the SMS provider, such as `{"to": "{digits}", "text": "{text}"}` with '
            "`Content-Type: application/json`."
        ),
    ] = ""
    sms_success: Annotated[
        str,
        Doc(
            "Regular expression that stands in the SMS provider's answer if it took the message; "
            "empty means that any answer below 300 does."
        ),
    ] = ""
    sms_key: Annotated[
        str, Doc("Key or password at the SMS provider, filled in for `{key}`; never shown.")
    ] = ""

    webhooks_inside: Annotated[
        bool,
        Doc(
            "Let rules call web hooks at addresses of this machine and of private networks. Whoever may "
            "make rules can then ask what stands there."
        ),
    ] = False

    @property
    def data_path(self) -> Path:
        return Path(self.data)

    @property
    def region_list(self) -> list[str]:
        """The countries of numbers without a country code, in the order they are tried."""
        return [region.strip() for region in self.regions.split(",")]

    @property
    def traces(self) -> Path:
        """The folder of the raw streams, one folder a PBX in it."""
        return self.data_path / "traces"

    @property
    def database(self) -> str:
        """The database's address, the default filled in."""
        return self.database_url or f"sqlite+aiosqlite:///{self.data_path / 'callcenter.db'}"


def read(
    environment: Mapping[str, str] = os.environ, file: Path | None = Path("callcenter.toml")
) -> Settings:
    """Return the settings in force.

    Raises SettingsError, naming the setting, if one is unknown or does not fit.
    """
    given: dict[str, Any] = {}
    if file is not None and file.exists():
        given |= _from_file(file)
    return checked(given | _from_environment(environment))


def checked(given: Mapping[str, Any]) -> Settings:
    """Return the settings with the `given` ones. Raises SettingsError, naming one that cannot be."""
    try:
        known = msgspec.convert(given, Settings, strict=False)
    except msgspec.ValidationError as error:
        reason, _, where = str(error).partition(" - at `$.")
        raise _misfit(where.rstrip("`"), reason) from error
    try:
        re.compile(known.sms_success)
    except re.error as error:
        raise _misfit("sms_success", f"It is no regular expression ({error})") from error
    if known.time_zone not in available_timezones():
        raise _misfit("time_zone", "There is no such time zone")
    return known


def _misfit(name: str, reason: str) -> "SettingsError":
    return SettingsError(f"Setting {name} does not fit: {reason}. See docs/reference/settings.md.")


class SettingsError(Exception):
    """A setting cannot be used; the text says which and why."""


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
    except (OSError, ValueError) as error:
        raise SettingsError(f"{file} cannot be read: {error}.") from error
    for name in given:
        _must_be_known(name, str(file))
    return given


def _from_environment(environment: Mapping[str, str]) -> dict[str, Any]:
    prefix = "CALLCENTER_"
    given = {
        name.removeprefix(prefix).lower(): (name, value)
        for name, value in environment.items()
        if name.startswith(prefix) and name not in NOT_SETTINGS and not name.endswith("SECRET")
    }
    for name, (variable, _) in given.items():
        _must_be_known(name, variable)
    return {name: value for name, (_, value) in given.items()}


#: Variables of the tests and of tools that share the prefix. So do secrets, which the settings of
#: a PBX name: CALLCENTER_…_SECRET.
NOT_SETTINGS = frozenset(
    {"CALLCENTER_REQUIRE", "CALLCENTER_CACHE", "CALLCENTER_TOKEN", "CALLCENTER_DEBIAN_MIRROR"}
)


def _must_be_known(name: str, where: str) -> None:
    if name not in Settings.__struct_fields__:
        raise SettingsError(
            f"{where}: there is no setting “{name}”. See docs/reference/settings.md."
        )
