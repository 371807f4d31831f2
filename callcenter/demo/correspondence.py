"""What the demo's customers have written, and what is written to them often."""

from datetime import datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.crm.contacts.models import Contact, ContactPoint
from callcenter.db import new_id
from callcenter.entity.files import Folder
from callcenter.mail import storing
from callcenter.mail.models import MailAccount, Template
from callcenter.mail.reading import read
from callcenter.mail.storing import Box

ADDRESS: Final = "info@dalga.example"
SIGNATURE: Final = "Hörmətlə,\n{user}\nDalğa Servis, +994 12 555 01 00"

#: (days ago, subject, text, its HTML)
LETTERS: Final = (
    (4.2, "Çatdırılma nə vaxt olacaq?", "Salam,\n\nsifarişimiz bu həftə çatacaqmı?\n\nTəşəkkürlər", ""),
    (
        1.1, "Запрос цен на насосы",
        "Добрый день!\n\nПришлите, пожалуйста, цены на две модели и срок поставки.\n\nСпасибо",
        "<p>Добрый день!</p><p>Пришлите, пожалуйста, цены на <b>две модели</b> и срок поставки.</p>"
        "<table border='1' cellpadding='6'><tr><th>Модель</th><th>Штук</th></tr>"
        "<tr><td>Т-200</td><td>12</td></tr><tr><td>Т-450</td><td>4</td></tr></table><p>Спасибо</p>",
    ),
    (0.3, "Fatura hakkında", "Merhaba,\n\nson faturada adresimiz eski. Düzeltebilir misiniz?", ""),
)  # fmt: skip
OFFER: Final = {
    "az": {
        "subject": "{{ contact.given_name or contact.name }}, bu ay üçün təklifimiz",
        "body": "Hörmətli {{ contact.name }},\n\nbu ay çatdırılma bizdəndir.",
    },
    "tr": {
        "subject": "Bu ayın teklifi",
        "body": "Sayın {{ contact.name }},\n\nbu ay teslimat bizden.",
    },
    "ru": {
        "subject": "Предложение этого месяца",
        "body": "Здравствуйте, {{ contact.name }}!\n\nВ этом месяце доставка за наш счёт.",
    },
}
PRICES: Final = {
    "az": {
        "subject": "Qiymətlər",
        "body": "Hörmətli {{ contact.name }},\n\nsoruşduğunuz qiymətlər əlavədədir.",
    },
    "ru": {
        "subject": "Цены",
        "body": "Здравствуйте, {{ contact.name }}!\n\nЦены, о которых вы спрашивали, во вложении.",
    },
}  # fmt: skip


async def add(session: AsyncSession, data: Path, now: datetime) -> None:
    """Make a mailbox that everybody writes from, templates, and letters that wait for answers."""
    stamps = {"created_at": now, "updated_at": now}
    account = MailAccount(
        id=new_id(now.timestamp()), name="Dalğa Servis", sender="Dalğa Servis", address=ADDRESS,
        signature=SIGNATURE, **stamps,
    )  # fmt: skip
    session.add(account)
    for name, texts, is_offer in (("Ayın təklifi", OFFER, True), ("Qiymətlər", PRICES, False)):
        session.add(
            Template(
                id=new_id(now.timestamp()), name=name, texts=texts, is_offer=is_offer, **stamps
            )
        )
    await session.flush()
    for place, writer in enumerate(await _writers(session)):
        raw = _letter(place, *writer, now)
        await storing.store(session, Box(account, Folder(data)), read(raw), raw, now)


async def _writers(session: AsyncSession) -> list[tuple[str, str]]:
    """Return people whose address is theirs alone, so that it is plain whose letter it is."""
    alone = select(ContactPoint.norm).group_by(ContactPoint.norm).having(func.count() == 1)
    rows = await session.execute(
        select(Contact.name, ContactPoint.norm)
        .join(ContactPoint, ContactPoint.contact_id == Contact.id)
        .where(ContactPoint.kind == "email", ContactPoint.norm.in_(alone), Contact.kind == "person")
        .order_by(Contact.id)
        .limit(len(LETTERS))
    )
    return [(name, address) for name, address in rows]


def _letter(place: int, name: str, address: str, now: datetime) -> bytes:
    days, subject, text, html = LETTERS[place]
    message = EmailMessage()
    message["From"], message["To"] = f"{name} <{address}>", ADDRESS
    message["Subject"], message["Message-ID"] = subject, f"<demo-{place}@example.az>"
    message["Date"] = format_datetime(now - timedelta(days=days))
    message.set_content(text)
    if html:
        message.add_alternative(html, subtype="html")
    return message.as_bytes()
