"""Contacts go out as vCards, without what their reader may not see, and come in again the same."""

import msgspec
import pytest

from callcenter.app.entities import ENTITIES
from callcenter.entity.importing.cards import HEADER, cells
from tests.fixtures.customers import Office, signed_in

CONTACT = next(entity for entity in ENTITIES if entity.name == "contact")


async def card_of(office: Office, **covered: str) -> str:
    anna = await office.user("Anna")
    company = await office.contact("Xəzər MMC", kind="company")
    person = await office.contact(
        "Şəhla Quliyeva", "050 234 56 78", email="s@example.az", given_name="Şəhla",
        family_name="Quliyeva", company_id=company.id, description="VIP; zəng\nsəhər",
    )  # fmt: skip
    who = msgspec.structs.replace(
        signed_in(anna, contact={"read": "all"}), fields={"contact": covered}
    )
    assert CONTACT.cards is not None
    async with office.database.read() as session:
        return await CONTACT.cards(session, [person.id], who)


async def test_a_card_comes_in_again_as_it_went_out(office: Office) -> None:
    read = dict(zip(HEADER, cells(await card_of(office)), strict=True))

    assert {name: cell for name, cell in read.items() if cell} == {
        "Name": "Şəhla Quliyeva", "Given name": "Şəhla", "Family name": "Quliyeva",
        "Company": "Xəzər MMC", "Phone": "+994502345678", "E-mail": "s@example.az",
        "Description": "VIP; zəng\nsəhər",
    }  # fmt: skip


async def test_a_card_leaves_out_what_its_reader_may_not_see(office: Office) -> None:
    card = await card_of(office, phone="masked", description="hidden")

    assert "TEL" not in card
    assert "VIP" not in card
    assert "s@example.az" in card


CARDS = {
    "an iPhone": (
        """VERSION:3.0
N:Məmmədov;Rəşad;;Dr.;
FN:Rəşad Məmmədov
ORG:Xəzər MMC;Satış;Bakı
NICKNAME:Raşo
item1.TEL;type=pref:050 123 45 67
item1.X-ABLabel:_$!<Mobile>!$_
item2.TEL:012 555 12 34
item2.X-ABLabel:Ofis
TEL;type=IPHONE;type=CELL;type=VOICE:+994 55 000 11 22
item5.ADR;type=HOME:;;Nizami 5;Bakı;;AZ1000;Azerbaijan
BDAY;X-APPLE-OMIT-YEAR=1604:1604-03-12
PHOTO;ENCODING=b;TYPE=JPEG:/9j/4AAQSkZJRgABAQ
 AAAAAAAAAAAAAAAAAA
CATEGORIES:VIP,topdan
NOTE:bir\\, iki\\; üç\\nyeni""",
        {
            "Name": "Rəşad Məmmədov", "Given name": "Rəşad", "Family name": "Məmmədov",
            "Form of address": "Dr.", "Company": "Xəzər MMC", "Tags": "VIP, topdan",
            "Phone": "050 123 45 67 | 012 555 12 34 | +994 55 000 11 22",
            "Phone: Kind": "mobile |  | mobile", "Address": "Nizami 5", "Address: Kind": "home",
            "Address: Postal code": "AZ1000", "Address: City": "Bakı",
            "Address: Country": "Azerbaijan", "Description": "bir, iki; üç\nyeni",
        },
    ),
    "an old telephone": (
        """VERSION:2.1
N;CHARSET=windows-1251;ENCODING=QUOTED-PRINTABLE:=C8=E2=E0=ED=EE=E2;=C8=E2=E0=ED
FN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:=D0=98=D0=B2=D0=B0=D0=BD=
=20=D0=98=D0=B2=D0=B0=D0=BD=D0=BE=D0=B2
TEL;CELL;PREF:0501112233
TEL;WORK;FAX:0125551234
BDAY:19850312""",
        {
            "Name": "Иван Иванов", "Given name": "Иван", "Family name": "Иванов",
            "Phone": "0501112233 | 0125551234", "Phone: Kind": "mobile | fax",
            "Birthday": "1985-03-12",
        },
    ),
    "a company, version 4": (
        """VERSION:4.0
KIND:org
FN:Xəzər MMC
ORG:Xəzər MMC
TEL;VALUE=uri;PREF=1;TYPE="voice,cell":tel:+994-50-123-45-67;ext=102
EMAIL;TYPE=work:a@x.az
BDAY:--0312""",
        {
            "Kind": "company", "Name": "Xəzər MMC", "Phone": "+994-50-123-45-67 ext. 102",
            "Phone: Kind": "mobile", "E-mail": "a@x.az", "E-mail: Kind": "work",
        },
    ),
}  # fmt: skip


@pytest.mark.parametrize("program", CARDS)
def test_a_card_of_another_program_is_read(program: str) -> None:
    lines, told = CARDS[program]

    read = cells(f"BEGIN:VCARD\n{lines}\nEND:VCARD\n")

    assert {name: cell for name, cell in zip(HEADER, read, strict=True) if cell} == told
