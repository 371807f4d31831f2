"""Settings come from environment over file over defaults, and a wrong one is named."""

from pathlib import Path

import msgspec
import pytest

from callcenter import settings
from callcenter.settings import NOT_SETTINGS, Settings, SettingsError, checked, fields, read


def file_of(folder: Path, text: str) -> Path:
    file = folder / "callcenter.toml"
    file.write_text(text, "utf-8")
    return file


def test_without_anything_the_defaults_hold(tmp_path: Path) -> None:
    assert read({}, tmp_path / "callcenter.toml") == Settings()
    assert read({"PATH": "/bin", "HOME": "/"}, None) == Settings()


def test_the_environment_wins_over_the_file_and_the_file_over_the_defaults(tmp_path: Path) -> None:
    file = file_of(tmp_path, 'port = 9000\nlanguage = "tr"\nbehind_proxy = true\n')

    known = read({"CALLCENTER_PORT": "9001", "CALLCENTER_AMI_PING_S": "2.5"}, file)

    assert (known.port, known.language, known.behind_proxy) == (9001, "tr", True)
    assert (known.ami_ping_s, known.host) == (2.5, Settings().host)


def test_every_setting_can_be_given_in_the_environment_and_in_the_file(tmp_path: Path) -> None:
    values = msgspec.structs.asdict(Settings())
    environment = {f"CALLCENTER_{name.upper()}": str(value) for name, value in values.items()}
    text = "".join(
        f"{name} = {msgspec.json.encode(value).decode()}\n" for name, value in values.items()
    )

    assert read(environment | {"CALLCENTER_BEHIND_PROXY": "false"}, None) == Settings()
    assert read({}, file_of(tmp_path, text)) == Settings()


def test_every_setting_has_a_sentence_and_a_default_that_fits() -> None:
    assert checked({}) == Settings()
    assert list(fields()) == list(Settings.__struct_fields__)
    for name, (kind, default, sentence) in fields().items():
        assert isinstance(default, kind), name
        assert sentence.endswith("."), name


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("port", "eighty"),
        ("port", "70000"),
        ("port", "-1"),
        ("behind_proxy", "perhaps"),
        ("public_url", "crm.example.az"),
        ("log_level", "loud"),
        ("log_format", "xml"),
        ("language", "de"),
        ("time_zone", "Baku"),
        ("time_zone", "Asia"),
        ("regions", "Azerbaijan"),
        ("regions", "AZ;TR"),
        ("session_h", "0"),
        ("wrap_up_s", "-5"),
        ("ami_ping_s", "0"),
        ("ami_retry_max_s", "-1"),
        ("dial_per_minute", "many"),
        ("smtp_url", "mail.example.az"),
    ],
)
def test_a_value_that_cannot_be_used_is_refused_by_its_name(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=f"^Setting {name} does not fit: .*settings.md") as told:
        read({f"CALLCENTER_{name.upper()}": value}, None)

    assert str(told.value).count(".") < 6, "one sentence, and where to look"


def test_a_setting_that_does_not_exist_is_refused_with_where_it_stands(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="CALLCENTER_PROT: there is no setting “prot”"):
        read({"CALLCENTER_PROT": "1"}, None)
    with pytest.raises(SettingsError, match=r"callcenter\.toml: there is no setting “prot”"):
        read({}, file_of(tmp_path, "prot = 1\n"))


def test_a_secret_has_no_place_in_the_file(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="there is no setting “main_secret”"):
        read({}, file_of(tmp_path, 'main_secret = "s3cret"\n'))


@pytest.mark.parametrize(
    "name",
    [*sorted(NOT_SETTINGS), "CALLCENTER_BAKU_SECRET", "CALLCENTER_SECRET", "CALLCENTER_AMI_SECRET"],
)
def test_secrets_and_the_tools_variables_are_no_settings(name: str) -> None:
    assert read({name: "anything"}, None) == Settings()


@pytest.mark.parametrize("text", [b"port = ", b"[port", b"port = \xff"])
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, text: bytes) -> None:
    file = tmp_path / "callcenter.toml"
    file.write_bytes(text)

    with pytest.raises(SettingsError, match=r"callcenter\.toml cannot be read: "):
        read({}, file)


def test_the_database_is_in_the_data_folder_unless_it_is_named() -> None:
    assert Settings(data="/srv/crm").database == "sqlite+aiosqlite:////srv/crm/callcenter.db"
    assert Settings(database_url="postgresql://host/crm").database == "postgresql://host/crm"


def test_nobody_else_reads_the_environment() -> None:
    house = Path(settings.__file__).parent
    readers = {
        str(file.relative_to(house))
        for file in house.rglob("*.py")
        if "os.environ" in file.read_text("utf-8")
    }

    # Secrets of other systems are named where they are set up; the command lines that need no service ask for theirs.
    assert readers <= {
        "settings.py", "server/secret_files.py", "doctor/__init__.py", "live/watch.py", "server/paths.py",
        "crm/registers/providers.py",
    }  # fmt: skip
