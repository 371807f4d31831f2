"""A company is called by its name, whatever legal form stands beside it."""

import pytest

from callcenter.crm.duplicates.company_names import bare

#: Names that are one company's, with what is left of each.
ONE_COMPANY = [
    ("neftci", "Neftçi MMC | NEFTÇİ mmc | “Neftçi” MMC | MMC Neftçi | Neftçi Məhdud Məsuliyyətli Cəmiyyəti"),
    ("qafqaz aptek", "Qafqaz Aptek ASC | Qafqaz Aptek Açıq Səhmdar Cəmiyyəti | Qafqaz-Aptek QSC"),
    ("anadolu tekstil", "Anadolu Tekstil A.Ş. | ANADOLU TEKSTİL AŞ | Anadolu Tekstil A.S. | Anadolu Tekstil Anonim Şirketi"),
    ("marmara gida", "Marmara Gıda Ltd. Şti. | Marmara Gıda Limited Şirketi | Marmara Gıda San. ve Tic. Ltd. Şti."),
    ("kaspiy treyd", "ООО «Каспий Трейд» | Каспий Трейд, ООО | OOO Kaspiy Treyd | Общество с ограниченной ответственностью «Каспий Трейд»"),
    ("severnyy most", "ОАО Северный мост | ЗАО «Северный мост» | ПАО Северный мост | Северный мост (АО)"),
    ("rashad aliev", "ИП Рашад Алиев | Рашад Алиев, ИП | Индивидуальный предприниматель Рашад Алиев"),
    ("tbilisi wine", "Tbilisi Wine LLC | Tbilisi Wine L.L.C. | Tbilisi Wine Ltd | Tbilisi Wine Co. Ltd."),
    ("muller", "Müller GmbH | Müller AG | Müller"),
    ("ghvino", "შპს ღვინო | ღვინო"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("left", "written"),
    [(left, name.strip()) for left, names in ONE_COMPANY for name in names.split("|")],
)
def test_the_legal_form_is_no_part_of_the_name(left: str, written: str) -> None:
    assert bare(written) == left


@pytest.mark.parametrize(
    ("written", "left"),
    [
        ("MMC", "mmc"),  # all that there is
        ("ООО АО", "ooo"),
        ("IP Telekom MMC", "ip telekom"),  # IP is a form in Russian only
        ("Bakı Ticarət MMC", "baki ticaret"),
        ("Co-working Baku", "co working baku"),
        ("Ag Group", "ag group"),
        ("", ""),
        ("«»", ""),
    ],
)
def test_what_only_looks_like_a_form_stays(written: str, left: str) -> None:
    assert bare(written) == left
