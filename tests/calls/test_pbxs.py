"""PBXs in the administration: their fields, their secret, the state of their link."""

import stat
from pathlib import Path

import pytest
from sqlalchemy import select

from callcenter.audit import Audit
from callcenter.calls import pbxs
from callcenter.calls.models import PbxRow
from callcenter.calls.pbx_pages import LinkState
from callcenter.events import PbxEdited
from callcenter.server.keys import SETTINGS
from callcenter.server.secret_files import NoSecret
from tests.fixtures.house import Browser, House

FIELDS = {
    "name": "Baku", "host": "10.0.0.5", "port": "5038", "username": "crm", "secret": "s3cr3t words",
    "trunks": "PJSIP/trunk*\nSIP/azercell", "region": "az", "time_zone": "Asia/Baku",
    "dial_context": "click2call", "dial_format": "national", "dial_prefix": "9", "active": "1",
}  # fmt: skip


@pytest.fixture
async def admin(house: House) -> Browser:
    await house.person("root", "admin", locale="en")
    return await house.signed_in("root")


async def only_pbx(house: House) -> PbxRow:
    async with house.database.read() as session:
        return (await session.scalars(select(PbxRow))).one()


def data_of(house: House) -> Path:
    return house.app[SETTINGS].data_path


async def test_a_secret_that_is_typed_in_lies_in_a_file_only_we_can_read(
    house: House, admin: Browser
):
    made = await admin.submit("/admin/pbx", FIELDS)
    pbx = await only_pbx(house)
    page = await admin.open(f"/admin/pbx/{pbx.id}")

    file = data_of(house) / "secrets" / f"pbx-{pbx.id}"
    assert made.location == f"/admin/pbx/{pbx.id}?saved=1"
    assert pbx.trunks == ["PJSIP/trunk*", "SIP/azercell"]
    assert (pbx.region, pbx.dial_prefix, pbx.tls, pbx.active) == ("AZ", "9", False, True)
    assert pbx.secret_ref == f"file:secrets/pbx-{pbx.id}"
    assert file.read_text() == pbxs.secret_of(pbx, data_of(house)) == "s3cr3t words"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    assert "s3cr3t" not in page.text
    assert PbxEdited(at=house.clock().timestamp(), pbx=pbx.id) in house.events


async def test_an_empty_secret_keeps_the_one_that_is_there(house: House, admin: Browser):
    await admin.submit("/admin/pbx", FIELDS)
    before = await only_pbx(house)
    change = FIELDS | {"secret": "", "host": "pbx.example.az", "version": "1"}

    await admin.submit(f"/admin/pbx/{before.id}", change)

    after = await only_pbx(house)
    assert (after.host, after.version) == ("pbx.example.az", 2)
    assert pbxs.secret_of(after, data_of(house)) == "s3cr3t words"


async def test_no_secret_is_in_the_audit(house: House, admin: Browser):
    await admin.submit("/admin/pbx", FIELDS)
    pbx = await only_pbx(house)
    await admin.submit(f"/admin/pbx/{pbx.id}", FIELDS | {"secret": "an0ther", "version": "1"})

    async with house.database.read() as session:
        lines = list(await session.scalars(select(Audit).where(Audit.entity == "pbx")))

    assert [line.action for line in lines] == ["create", "secret"]
    assert not any("s3cr3t" in str(line.diff) or "an0ther" in str(line.diff) for line in lines)


async def test_a_secret_may_stay_in_the_environment(
    house: House, admin: Browser, monkeypatch: pytest.MonkeyPatch
):
    await admin.submit("/admin/pbx", FIELDS | {"secret": "env:CALLCENTER_BAKU_SECRET"})
    pbx = await only_pbx(house)

    with pytest.raises(NoSecret, match="CALLCENTER_BAKU_SECRET"):
        pbxs.secret_of(pbx, data_of(house))
    monkeypatch.setenv("CALLCENTER_BAKU_SECRET", "x y")
    assert pbxs.secret_of(pbx, data_of(house)) == "x y"


@pytest.mark.parametrize(
    ("field", "value", "says"),
    [
        ("name", "", "This is needed."),
        ("host", "", "This is needed."),
        ("host", "a b", "This value does not fit here."),
        ("port", "70000", "A port is a number from 1 to 65535"),
        ("port", "ami", "A port is a number from 1 to 65535"),
        ("secret", "", "This is needed."),
        ("secret", "env:PATH", "Such a variable must be called"),  # not ours to read
        ("secret", "a\x07b", "This value does not fit here."),
        ("trunks", "", "Name at least one trunk"),
        ("trunks", "trunk", "Write endpoints as Asterisk does"),
        ("region", "Baku", "This value does not fit here."),
        ("time_zone", "Baku", "This value does not fit here."),
        ("dial_context", "", "This is needed."),
        ("dial_prefix", "nine", "Only digits, * and # can be dialled."),
        ("dial_format", "morse", "This value does not fit here."),
        ("cel_source", "csv:cel.csv", "Write csv:/path"),  # relative to what?
        ("cel_source", "csv:/nowhere/cel.csv", "cannot be read"),
        ("cel_source", "csv:/tmp", "cannot be read"),  # a folder
        ("cel_source", "mysql://host/cel", "Write csv:/path"),
        ("cel_source", "postgresql://host", "Write csv:/path"),
        ("cel_source", "postgresql://cel:s3cr3t@host/db", "in its own field"),
        ("cel_source", "postgresql://host/db?table=cel;drop", "A table is named by"),
        ("cel_secret", "env:PATH", "Such a variable must be called"),
    ],
)
async def test_a_wrong_field_is_marked(sqlite_house: House, field: str, value: str, says: str):
    await sqlite_house.person("root", "admin", locale="en")
    admin = await sqlite_house.signed_in("root")

    page = await admin.submit("/admin/pbx", FIELDS | {field: value})

    assert page.status == 422
    assert says in page.text


async def test_where_the_pbx_keeps_its_cel_is_kept_and_its_password_apart(
    house: House, admin: Browser
):
    source = "postgresql://reader@10.0.0.5/asterisk?table=public.cel"
    await admin.submit("/admin/pbx", FIELDS | {"cel_source": source, "cel_secret": "w0rds"})
    pbx = await only_pbx(house)
    page = await admin.open(f"/admin/pbx/{pbx.id}")

    assert pbx.cel_source == source
    assert pbx.cel_secret_ref == f"file:secrets/pbx-{pbx.id}-cel"
    assert pbxs.cel_secret_of(pbx, data_of(house)) == "w0rds"
    assert pbxs.secret_of(pbx, data_of(house)) == "s3cr3t words"
    assert "public.cel" in page.text
    assert "w0rds" not in page.text


async def test_a_pbx_that_keeps_no_cel_is_fine(house: House, admin: Browser, tmp_path: Path):
    file = tmp_path / "cel.csv"
    file.touch()
    await admin.submit("/admin/pbx", FIELDS | {"cel_source": f"csv:{file}"})
    path = f"/admin/pbx/{(await only_pbx(house)).id}"

    await admin.submit(path, FIELDS | {"secret": "", "version": "1"})

    pbx = await only_pbx(house)
    assert (pbx.cel_source, pbxs.cel_secret_of(pbx, data_of(house))) == (None, None)


async def test_two_pbxs_cannot_share_a_name(house: House, admin: Browser):
    await admin.submit("/admin/pbx", FIELDS)
    page = await admin.submit("/admin/pbx", FIELDS)

    assert page.status == 422
    assert "Another PBX has this name already." in page.text


async def test_two_administrators_at_one_pbx_are_told_of_each_other(house: House, admin: Browser):
    await admin.submit("/admin/pbx", FIELDS)
    path = f"/admin/pbx/{(await only_pbx(house)).id}"
    form = FIELDS | {"secret": "", "version": "1"}

    first = await admin.submit(path, form | {"host": "one.example.az"})
    second = await admin.submit(path, form | {"host": "two.example.az"})

    assert (first.status, second.status) == (303, 409)
    assert "It now says: one.example.az" in second.text
    assert "changed the same field meanwhile" in second.text


@pytest.mark.parametrize(
    "link",
    [
        None,
        LinkState(up=True, since=1795341900.0, version="22.10.1"),
        LinkState(up=False, since=1795341900.0, reason="connection refused"),
        LinkState(up=False, since=1795341900.0, reason="Authentication failed", refused=True),
    ],
)
async def test_the_pages_show_how_the_link_stands(
    house: House, admin: Browser, link: LinkState | None
):
    await admin.submit("/admin/pbx", FIELDS)
    state = {(await only_pbx(house)).id: link}
    house.links.update(state)

    listed = await admin.open("/admin/pbx")
    shown = await admin.open(f"/admin/pbx/{(await only_pbx(house)).id}")

    assert (listed.status, shown.status) == (200, 200)
    if link is not None and link.reason:
        assert link.reason in shown.text
