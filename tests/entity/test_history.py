"""What is no change of a field is told in the reader's words as well."""

from pathlib import Path

from callcenter import audit
from callcenter.app.entities import ENTITIES
from callcenter.crm.merging.merging import merge
from callcenter.entity import files, history
from callcenter.entity.files import Folder
from callcenter.entity.registry import Registry
from callcenter.entity.showing import Showing
from tests.fixtures.customers import NOW, Office, by, deed, signed_in


async def told(office: Office, row_id: int) -> list[tuple[str, list[tuple[str, str, str]]]]:
    """Return a contact's history as a Russian reads it, the newest first."""
    registry, who = (
        Registry(ENTITIES),
        signed_in(await office.user("Emil"), contact={"read": "all"}),
    )
    async with office.database.read() as session:
        found = await history.of_row(
            session, who, registry["contact"], row_id, Showing(registry, "ru", "Asia/Baku")
        )
    return [
        (line.action, [(one.label, one.old, one.new) for one in line.changes])
        for line in found.lines
    ]


async def test_files_merges_approvals_and_escalations_have_words(
    office: Office, tmp_path: Path
) -> None:
    orxan = await office.user("Orxan")
    zoe, twin = [await office.contact(name) for name in ("Zoë", "Zoe M.")]
    async with office.database.write() as session:
        doing = deed(session, orxan)
        file = await files.attach(doing, zoe.id, Folder(tmp_path), "plan.pdf", b"plan")
        await files.drop(doing, zoe.id, file.id)
        await merge(doing, zoe.id, twin.id, {})
        for action, change in (
            ("escalate", {"escalated": [None, "nobody is there"]}),
            ("ask_approval", {"approval": [None, "asked"]}),
        ):
            audit.record(
                session, NOW, entity="contact", entity_id=zoe.id, action=action, diff=change,
                **by(orxan),
            )  # fmt: skip

    assert await told(office, zoe.id) == [
        ("Запрошено согласование", [("Согласование", "", "запрошено")]),
        ("Никто не взял: сообщено руководителю", [("Причина", "", "никого нет на месте")]),
        ("Объединено", [("Другой контакт", "", "Zoe M.")]),
        ("Файл удалён", [("Файл", "plan.pdf", "")]),
        ("Файл прикреплён", [("Файл", "", "plan.pdf")]),
    ]
    assert await told(office, twin.id) == [("Объединено", [("Объединено с", "", "Zoë")])]
