"""Files of rows are read, whoever saved them; what is none is refused with a sentence."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
import xlsxwriter

from callcenter.entity.importing import files, sheets, workbooks
from callcenter.entity.importing.failures import NotATable
from callcenter.entity.importing.files import Choices, is_spoilt
from callcenter.entity.importing.table import Layout, Row, Rows, header

Convert = Callable[..., tuple[Layout, list[Row]]]

AZERI = "Ad;Soyad;Telefon\r\nŞəhla;Quliyeva;050 234 56 78\r\nÇingiz;Əliyev;012 555 12 34\r\n"
RUSSIAN = "Имя;Фамилия;Город\nИван;Ёлкин;Баку\nАнна;Щукина;Гянджа\n"
TURKISH = "Ad;Soyad;Şehir\nŞükrü;Çağlayan;İstanbul\nGüneş;Öztürk;Iğdır\nAyşe;Yıldız;Muğla\n"


@pytest.fixture
def convert(tmp_path: Path) -> Convert:
    def run(content: bytes | str, **choices: str) -> tuple[Layout, list[Row]]:
        source, target = tmp_path / "given", tmp_path / "table"
        source.write_bytes(content.encode() if isinstance(content, str) else content)
        layout = files.convert(source, target, Choices(**choices))
        assert header(target) == layout.header
        with Rows(target) as rows:
            return layout, list(rows)

    return run


@pytest.mark.parametrize(
    ("text", "saved_as", "encoding"),
    [
        (AZERI, "utf-8", "utf-8"),
        (AZERI, "utf-8-sig", "utf-8"),  # "CSV UTF-8" of Excel
        (AZERI, "utf-16", "utf-16"),  # "Unicode text" of Excel
        (AZERI, "utf-16-le", "utf-16"),  # the same without its mark
        (RUSSIAN, "cp1251", "windows-1251"),  # Excel in Russian
        (RUSSIAN, "koi8-r", "koi8-r"),
        (RUSSIAN, "cp866", "cp866"),  # DOS programs still in use
        (RUSSIAN, "mac-cyrillic", "mac-cyrillic"),
        (RUSSIAN, "utf-16-be", "utf-16"),
        (TURKISH, "cp1254", "windows-1254"),  # Excel in Turkish
        (TURKISH, "cp857", "cp857"),  # bookkeeping under DOS
        (TURKISH, "mac-turkish", "mac-turkish"),
    ],
)
def test_the_encoding_is_found_out_and_no_letter_is_lost(
    text: str, saved_as: str, encoding: str, convert: Convert
) -> None:
    layout, rows = convert(text.encode(saved_as))

    expected = [line.split(";") for line in text.splitlines()]
    assert (layout.encoding, layout.header) == (encoding, expected[0])
    assert [row.cells for row in rows] == expected[1:]


def test_letters_that_come_late_in_the_file_decide_its_encoding_too(convert: Convert) -> None:
    plain = "name;city\n" + "Anna;Baku\n" * 200_000

    layout, rows = convert(plain.encode() + "Иван;Баку\nПётр;Гянджа\n".encode("cp1251"))

    assert layout.encoding == "windows-1251"
    assert rows[-1] == Row(200_003, ["Пётр", "Гянджа"])


@pytest.mark.parametrize("mark", sheets.DELIMITERS)
def test_the_delimiter_is_found_out(mark: str, convert: Convert) -> None:
    lines = [["name", "note"], ["Anna", "tea, no; sugar"], ["Bela", "x"]]
    text = "\n".join(mark.join(f'"{cell}"' for cell in line) for line in lines)

    layout, rows = convert(text)

    assert layout.delimiter == mark
    assert [row.cells for row in rows] == lines[1:]


def test_a_person_may_say_otherwise(convert: Convert) -> None:
    layout, rows = convert("a;b,c\n1;2,3\n", delimiter=",", encoding="windows-1251")

    assert (layout.encoding, layout.header) == ("windows-1251", ["a;b", "c"])
    assert rows == [Row(2, ["1;2", "3"])]


def test_excels_own_first_line_names_the_delimiter(convert: Convert) -> None:
    assert convert("sep=|\na|b\n1|2\n")[1] == [Row(2, ["1", "2"])]


def test_rows_are_numbered_as_a_spreadsheet_numbers_them_and_empty_ones_left_out(
    convert: Convert,
) -> None:
    _, rows = convert('name;note\nAnna;"two\nlines"\n;\nBela;x\n')

    assert rows == [Row(2, ["Anna", "two\nlines"]), Row(4, ["Bela", "x"])]


@pytest.mark.parametrize(
    "text",
    [
        "Siyahı;;\n;;\nAd;Soyad;Tel\nAnna;B;1\nC;D;2\n",  # as a spreadsheet saves a title
        "Siyahı, 2026\n\nAd;Soyad;Tel\nAnna;B;1\nC;D;2\n",  # as a program prints one
        "sep=;\nSiyahı\n\nAd;Soyad;Tel\nAnna;B;1\nC;D;2\n",
        "Ad;Soyad;Tel\rAnna;B;1\rC;D;2\r",  # as old programs of Apple end lines
        "Ad;Soyad;Tel\nAn\0na;B;1\nC;D;2\n",
        '"Ad","Soyad","Tel"\n"Anna","B","1"\n"C","D","2"\n',
        "Ad|Soyad|Tel\nAnna|B|1\nC|D|2\n",
    ],
)
def test_the_heading_is_found_wherever_it_stands(text: str, convert: Convert) -> None:
    layout, rows = convert(text)

    assert layout.header == ["Ad", "Soyad", "Tel"]
    assert [row.cells for row in rows] == [["Anna", "B", "1"], ["C", "D", "2"]]


def test_columns_without_a_name_and_cells_beyond_the_last_cost_nothing(convert: Convert) -> None:
    layout, rows = convert('Ad;;Soyad;;\nAnna;x;B;;;;\n5" boru;;MMC "Xəzər"\n')

    assert layout.header == ["Ad", "", "Soyad", "", ""]
    assert [row.cells[:3] for row in rows] == [["Anna", "x", "B"], ['5" boru', "", 'MMC "Xəzər"']]


def test_rows_in_which_letters_were_lost_before_are_counted(convert: Convert) -> None:
    layout, _ = convert("name,note\nM?mm?dov,x\nAnna,why?\nBela,https://a.az/?q=1\n")

    assert layout.spoilt == 1
    assert [is_spoilt(text) for text in ("?liyev", "Q?dir", "B\ufffdla", "Why?", "a ? b")] == [
        False, True, True, False, False,
    ]  # fmt: skip


def a_workbook(path: Path) -> bytes:
    book = xlsxwriter.Workbook(str(path))
    book.add_worksheet("Boş")
    sheet = book.add_worksheet("Müştərilər")
    sheet.write_row(0, 0, ["Ad", "Telefon", "Doğum", "VIP"])
    sheet.write_row(1, 0, ["Şəhla", 994501234567.0])
    day = book.add_format({"num_format": "dd.mm.yyyy"})
    sheet.write_datetime(1, 2, date(1985, 3, 1), day)
    sheet.write_boolean(1, 3, True)
    sheet.write_row(3, 0, ["Çingiz", 12.5])
    book.close()
    return path.read_bytes()


def test_a_workbook_is_read_from_the_first_sheet_that_holds_anything(
    convert: Convert, tmp_path: Path
) -> None:
    layout, rows = convert(a_workbook(tmp_path / "book.xlsx"))

    assert (layout.kind, layout.sheet, layout.sheets) == (
        "workbook", "Müştərilər", ["Boş", "Müştərilər"],
    )  # fmt: skip
    assert rows == [
        Row(2, ["Şəhla", "994501234567", "1985-03-01", "true"]),
        Row(4, ["Çingiz", "12.5", "", ""]),
    ]


def test_a_sheet_as_people_make_them_is_read(convert: Convert, tmp_path: Path) -> None:
    book = xlsxwriter.Workbook(str(tmp_path / "made.xlsx"))
    sheet, other = book.add_worksheet("Siyahı"), book.add_worksheet("Başqa")
    sheet.merge_range(0, 0, 0, 3, "Müştərilər 2026")
    sheet.write_row(2, 0, ["Ad", "Telefon", "Cəm", "Qeyd"])
    sheet.write_row(3, 0, ["Anna", 994501234567])
    sheet.write_formula(3, 2, "=1+2", None, 3)
    sheet.write_formula(3, 3, "=NA()", None, "#N/A")
    sheet.write_row(4, 0, ["Gizli", "9.94E+11"])
    sheet.set_row(4, None, None, {"hidden": True})
    other.write_row(0, 0, ["Q", "W"])
    other.write_row(1, 0, [1, 2])
    book.close()
    content = (tmp_path / "made.xlsx").read_bytes()

    layout, rows = convert(content)

    assert layout.header[:4] == ["Ad", "Telefon", "Cəm", "Qeyd"]
    assert rows == [
        Row(4, ["Anna", "994501234567", "3", ""]), Row(5, ["Gizli", "9.94E+11", "", ""]),
    ]  # fmt: skip
    assert convert(content, sheet="Başqa")[1] == [Row(2, ["1", "2"])]


CARDS = """BEGIN:VCARD\r
VERSION:3.0\r
N:Əliyev;Orxan;;;\r
FN:Orxan Əliyev\r
ORG:Xəzər MMC;Satış\r
TEL;TYPE=CELL:+994501234567\r
TEL;TYPE=CELL:+994551234567\r
TEL;TYPE=WORK,VOICE:012 555 12 34\r
EMAIL:orxan@example.az\r
BDAY:19850312\r
NOTE:bir\\niki\r
END:VCARD\r
BEGIN:VCARD\r
VERSION:2.1\r
N;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:;=D0=98=D0=B2=D0=B0=D0=BD\r
this line is none\r
TEL;CELL:0501112233\r
END:VCARD\r
"""


def test_a_vcard_becomes_a_row_and_a_wrong_line_costs_nothing_else(convert: Convert) -> None:
    layout, rows = convert(CARDS)

    first, second = (dict(zip(layout.header, row.cells, strict=True)) for row in rows)
    assert {name: cell for name, cell in first.items() if cell} == {
        "Name": "Orxan Əliyev", "Given name": "Orxan", "Family name": "Əliyev",
        "Company": "Xəzər MMC", "Phone": "+994501234567 | +994551234567 | 012 555 12 34",
        "Phone: Kind": "mobile | mobile | work", "E-mail": "orxan@example.az", "Birthday": "1985-03-12",
        "Description": "bir\niki",
    }  # fmt: skip
    assert (second["Given name"], second["Phone"]) == ("Иван", "0501112233")


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", files.EMPTY),
        (b"  \n", files.EMPTY),
        (b"name,phone\n", files.NO_ROWS),
        (b"%PDF-1.7 ...", files.A_PDF),
        (b"\x89PNG\r\n\x1a\n", files.A_PICTURE),
        (b"\x1f\x8b\x08", files.AN_ARCHIVE),
        (b"<html><table><tr><td>", files.A_PAGE),  # what many sites call .xls
        (b"PK\x03\x04 not a workbook", workbooks.DAMAGED),
        (bytes(range(256)) * 20, sheets.NOT_TEXT),
        (b'name,note\nAnna,"open' + b"x" * 200_000, sheets.OPEN_QUOTE),
        (b",".join(b"c%d" % n for n in range(400)) + b"\n1\n", files.TOO_WIDE),
    ],
)
def test_what_is_no_list_of_rows_is_refused_with_what_to_do(
    content: bytes, sentence: str, convert: Convert
) -> None:
    with pytest.raises(NotATable) as refused:
        convert(content)

    assert refused.value.sentence == sentence


def test_an_encoding_that_does_not_fit_is_said(convert: Convert) -> None:
    with pytest.raises(NotATable) as refused:
        convert(RUSSIAN.encode("cp1251"), encoding="utf-8")

    assert refused.value.sentence == sheets.WRONG_ENCODING
    assert refused.value.values == {"encoding": "utf-8"}


def test_an_interrupted_reader_goes_on_where_it_was(tmp_path: Path) -> None:
    (tmp_path / "given").write_text("n\n" + "\n".join(map(str, range(10))))
    files.convert(tmp_path / "given", tmp_path / "table", Choices())

    with Rows(tmp_path / "table", skip=7) as rows:
        assert [row.cells for row in rows.block(2)] == [["7"], ["8"]]
        assert [row.cells for row in rows.block(2)] == [["9"]]
        assert rows.block(2) == []
