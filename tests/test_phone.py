"""One number has one form, however it is written; what is no number stays none."""

import time

import phonenumbers
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from phonenumbers import PhoneMetadata, PhoneNumber, PhoneNumberFormat

from callcenter import phone
from callcenter.errors import NotAPhoneNumber
from callcenter.phone.fast import plan_of

REGIONS = ("AZ", "TR", "RU", "GE")

MOBILE = "+994502345678"
BAKU = "+994125551234"
MOSCOW = "+74951234567"
ISTANBUL = "+902121234567"
GSM = "+905321234567"
TBILISI = "+995322123456"


@pytest.mark.parametrize(
    ("written", "norm"),
    [
        # As people in Azerbaijan write it.
        ("050 234 56 78", MOBILE),
        ("0502345678", MOBILE),
        ("050-234-56-78", MOBILE),
        ("(050) 234-56-78", MOBILE),
        ("(050)2345678", MOBILE),
        ("050.234.56.78", MOBILE),
        ("050 2345678", MOBILE),
        ("050/234-56-78", MOBILE),  # a slash after the prefix
        ("502345678", MOBILE),  # a spreadsheet ate the zero
        ("50 234 56 78", MOBILE),
        ("012 555 12 34", BAKU),
        ("(012) 555-12-34", BAKU),
        ("125551234", BAKU),
        ("012 555 1234", BAKU),
        # With the country code, as on cards and web pages.
        ("+994502345678", MOBILE),
        ("+994 50 234 56 78", MOBILE),
        ("+994 (50) 234-56-78", MOBILE),
        ("+994(50)2345678", MOBILE),
        ("+994 (0)50 234 56 78", MOBILE),  # the zero that is not dialled from abroad
        ("+994 0502345678", MOBILE),  # ... and without brackets, by mistake
        ("+ 994 50 234 56 78", MOBILE),
        ("++994502345678", MOBILE),  # a key hit twice
        ("+994-50-234-56-78", MOBILE),
        ("+994.50.234.56.78", MOBILE),
        ("(+994) 50 234 56 78", MOBILE),
        ("(+994 50) 234 56 78", MOBILE),
        ("+99412 555 12 34", BAKU),
        # As trunks and gateways send it.
        ("994502345678", MOBILE),  # E.164 without the plus
        ("00994502345678", MOBILE),  # international prefix
        ("+0502345678", MOBILE),  # a gateway's plus before a number as it is dialled at home
        ("+00994502345678", MOBILE),
        ("00 994 50 234 56 78", MOBILE),
        ("00994 (50) 234-56-78", MOBILE),
        ("994 50 234 56 78", MOBILE),
        ("9940502345678", MOBILE),  # country code and trunk zero
        ("sip:+994502345678@10.0.0.1", MOBILE),  # From as a URI
        ("sip:0502345678@pbx.example.az:5060;user=phone", MOBILE),
        ("<sip:+994502345678@10.0.0.1>", MOBILE),
        ("sips:+994502345678@pbx.example.az", MOBILE),
        ("tel:+994502345678", MOBILE),
        ("tel:+994-50-234-56-78", MOBILE),
        ("tel:0502345678;phone-context=+994", MOBILE),
        ("994125551234", BAKU),
        ("0125551234", BAKU),
        ("00994125551234", BAKU),
        # With words around it, as in imported lists.
        ("tel. 050 234 56 78", MOBILE),
        ("Tel: 050 234 56 78", MOBILE),
        ("mob.: 050 234 56 78", MOBILE),
        ("Mobil 0502345678", MOBILE),
        ("GSM: +994502345678", MOBILE),
        ("WhatsApp +994502345678", MOBILE),
        ("тел. 050 234 56 78", MOBILE),
        ("Моб. тел.: +994 50 234 56 78", MOBILE),
        ("faks: (012) 555-12-34", BAKU),
        ("  0502345678  ", MOBILE),
        ("\t0502345678\n", MOBILE),
        # Invisible and foreign characters from web pages and office documents.
        ("050\u00a0234\u00a056\u00a078", MOBILE),  # no-break spaces
        ("050\u2011234\u201156\u201178", MOBILE),  # no-break hyphens
        ("050\u2013234\u201356\u201378", MOBILE),  # en dashes
        ("\u202a+994502345678\u202c", MOBILE),  # marks of direction from a phone's contact list
        ("\ufeff0502345678", MOBILE),  # a byte order mark
        ("050\u200b2345678", MOBILE),  # a space of no width
        ("９９４５０２３４５６７８", MOBILE),  # digits of full width
        ("٠٥٠٢٣٤٥٦٧٨", MOBILE),  # Arabic digits
        ("۰۵۰۲۳۴۵۶۷۸", MOBILE),  # Persian digits
        ("050~234~56~78", MOBILE),
        # Turkey.
        ("0 532 123 45 67", GSM),
        ("0(532) 123 45 67", GSM),
        ("05321234567", GSM),
        ("5321234567", GSM),
        ("+90 532 123 45 67", GSM),
        ("+90 (532) 123 45 67", GSM),
        ("90 532 123 45 67", GSM),
        ("0090 532 123 45 67", GSM),
        ("+905321234567", GSM),
        ("0212 123 45 67", ISTANBUL),
        ("(0212) 123 45 67", ISTANBUL),
        ("+90 212 123 45 67", ISTANBUL),
        ("444 0 444", "+904440444"),  # a Turkish number for companies, seven digits
        # Russia and Kazakhstan share +7.
        ("8 (495) 123-45-67", MOSCOW),
        ("84951234567", MOSCOW),
        ("8-495-123-45-67", MOSCOW),
        ("+7 (495) 123-45-67", MOSCOW),
        ("7 495 123 45 67", MOSCOW),
        ("4951234567", MOSCOW),
        ("007 495 123 45 67", MOSCOW),
        ("8 916 123-45-67", "+79161234567"),
        ("+7 916 123 45 67", "+79161234567"),
        ("8 800 555 35 35", "+78005553535"),  # free of charge
        ("+7 701 123 45 67", "+77011234567"),
        ("8 701 123 45 67", "+77011234567"),
        ("8~10 994 50 234 56 78", MOBILE),  # the Russian way abroad
        # Georgia.
        ("032 2 12 34 56", TBILISI),
        ("+995 32 212 34 56", TBILISI),
        ("995322123456", TBILISI),
        ("599 12 34 56", "+995599123456"),
        ("00995 599 12 34 56", "+995599123456"),
        # Anywhere else, if it says the country.
        ("+49 151 12345678", "+4915112345678"),
        ("+49 (0)30 1234567", "+49301234567"),
        ("004915112345678", "+4915112345678"),
        ("4915112345678", "+4915112345678"),
        ("+1 (212) 555-0123", "+12125550123"),
        ("+1-212-555-0123", "+12125550123"),
        ("001 212 555 0123", "+12125550123"),
        ("+44 20 7946 0958", "+442079460958"),
        ("+44 (0) 20 7946 0958", "+442079460958"),
        ("+380 44 123 45 67", "+380441234567"),
        ("+998 90 123 45 67", "+998901234567"),
        ("+971 50 123 4567", "+971501234567"),
        ("+86 138 0013 8000", "+8613800138000"),
        ("+39 06 698 12345", "+390669812345"),  # an Italian zero belongs to the number
        ("+800 1234 5678", "+80012345678"),  # free of charge worldwide: no country
        ("+883 5100 0123 4567", "+883510001234567"),
        # Right length, a range nobody told us of: new ranges open before they are known.
        ("+994 50 100 00 71", "+994501000071"),
        ("+994 59 234 56 78", "+994592345678"),
    ],
)
def test_one_number_has_one_stored_form(written: str, norm: str) -> None:
    assert phone.to_e164(written, REGIONS) == norm


@pytest.mark.parametrize(
    ("written", "norm", "ext"),
    [
        ("(012) 555-12-34 ext. 12", BAKU, "12"),
        ("(012) 555-12-34 ext 12", BAKU, "12"),
        ("0125551234x12", BAKU, "12"),
        ("012 555 12 34 #12", BAKU, "12"),
        ("012 555 12 34, daxili 12", BAKU, "12"),  # Azerbaijani
        ("0212 123 45 67 dahili 305", ISTANBUL, "305"),  # Turkish
        ("+7 495 123-45-67 доб. 5", MOSCOW, "5"),  # Russian
        ("+7 495 123-45-67 (доб. 5)", MOSCOW, "5"),
        ("+7 495 123-45-67, доб 005", MOSCOW, "005"),
        ("+994125551234", BAKU, ""),
    ],
)
def test_an_extension_is_kept_apart(written: str, norm: str, ext: str) -> None:
    number = phone.read(written, REGIONS)
    assert (number.kind, number.norm, number.ext) == ("e164", norm, ext)


@pytest.mark.parametrize(
    ("written", "norm"),
    [
        ("101", "101"),  # police, or a colleague
        ("1 0 3", "103"),
        ("1001", "1001"),
        ("*1234", "*1234"),
        ("*21#", "*21#"),
        ("##002#", "##002#"),
        ("8000", "8000"),
        ("498 12 34", "4981234"),  # a number of Baku without its prefix
    ],
)
def test_a_short_code_is_no_phone_number_but_is_kept(written: str, norm: str) -> None:
    number = phone.read(written, REGIONS)
    assert (number.kind, number.norm, number.rev) == ("short", norm, None)
    with pytest.raises(NotAPhoneNumber):
        phone.to_e164(written, REGIONS)


@pytest.mark.parametrize(
    "written",
    [
        "050abc4567",  # letters
        "1-800-FLOWERS",
        "Aygün",
        "aygun@example.az",
        "https://example.az/050",
        "9.94502E+11",  # a spreadsheet's idea of a number
        "+99450234567",  # a digit too few
        "+9945023456789",  # a digit too many
        "050 234 56 78 / 055 234 56 78",  # two numbers
        "050 234 56 78, 055 234 56 78",
        "+999 123 456 789",  # no such country
        "12345678901234567890",
        "1",
        "050\r\n2345678",  # nothing may smuggle a line into a request to the PBX
        "0502345678\x00",
        "-1",
        "½½½½½½½",
    ],
)
def test_nonsense_is_refused_in_words_a_person_understands(written: str) -> None:
    assert phone.read(written, REGIONS).kind == "nonsense"
    with pytest.raises(NotAPhoneNumber, match="is not a number that can be dialled"):
        phone.to_e164(written, REGIONS)


WITHHELD = [
    "anonymous", "Anonymous", "ANONYMOUS", "<unknown>", "unknown", "Unknown", "restricted",
    "private", "PRIVATE", "unavailable", "withheld", "", " ", '""', "(null)", "<anonymous>",
    '"Anonymous"', "anonymous@anonymous.invalid", "sip:anonymous@anonymous.invalid",
    "<sip:anonymous@anonymous.invalid>", "Private Number", "no caller id", "blocked", "asterisk",
    "0", "000", "0000000000", "+", "-", "266696687", "2666966687", "gizli nömrə", "Gizli Numara",
    "скрытый номер", "Номер не определён", "not_available",
]  # fmt: skip


@pytest.mark.parametrize("raw", WITHHELD)
def test_withheld_is_a_closed_list_of_words(raw: str) -> None:
    assert phone.is_withheld(raw)
    assert phone.read(raw, REGIONS).kind == "withheld"
    with pytest.raises(NotAPhoneNumber):
        phone.to_e164(raw, REGIONS)


def test_no_number_at_all_is_withheld() -> None:
    assert phone.is_withheld(None)


@given(st.from_regex(r"[+1-9*#][0-9]{1,15}", fullmatch=True))
def test_what_has_digits_is_never_withheld(raw: str) -> None:
    assert phone.is_withheld(raw) == (raw in {"266696687", "2666966687"} or set(raw) <= {"+", "0"})


def valid_number(region: str, national: str) -> PhoneNumber | None:
    metadata = PhoneMetadata.metadata_for_region(region)
    assert metadata is not None
    number = PhoneNumber(country_code=metadata.country_code, national_number=int(national))
    return number if phonenumbers.is_valid_number(number) else None


PREFIXES = {
    "AZ": ("50", "51", "55", "70", "77", "99", "10", "12", "18", "24", "36", "88"),
    "TR": ("530", "532", "542", "505", "212", "216", "312", "850"),
    "RU": ("495", "812", "916", "921", "800", "343"),
    "GE": ("599", "555", "577", "322", "431"),
}
LENGTH = {"AZ": 9, "TR": 10, "RU": 10, "GE": 9}


@st.composite
def numbers(draw: st.DrawFn) -> tuple[str, PhoneNumber]:
    region = draw(st.sampled_from(REGIONS))
    prefix = draw(st.sampled_from(PREFIXES[region]))
    rest = LENGTH[region] - len(prefix)
    national = prefix + draw(st.text("0123456789", min_size=rest, max_size=rest))
    number = valid_number(region, national)
    if number is None:
        number = phonenumbers.example_number_for_type(region, phonenumbers.PhoneNumberType.MOBILE)
    assert number is not None
    return region, number


@given(numbers(), st.sampled_from(["INTERNATIONAL", "NATIONAL", "E164", "RFC3966"]))
def test_reading_undoes_writing(made: tuple[str, PhoneNumber], form: str) -> None:
    region, number = made
    written = phonenumbers.format_number(number, getattr(PhoneNumberFormat, form))
    assert phone.to_e164(written, [region]) == e164(number)


@given(numbers())
def test_what_is_shown_and_what_is_dialled_reads_back_the_same(
    made: tuple[str, PhoneNumber],
) -> None:
    _, number = made
    norm = e164(number)
    assert phone.to_e164(phone.display(norm), ["AZ"]) == norm
    assert phone.to_e164(phone.to_dial(norm, "AZ", "national"), ["AZ"]) == norm
    assert phone.to_e164(phone.to_dial(norm, "RU", "national"), ["RU"]) == norm


@given(st.sampled_from(REGIONS), st.text("0123456789", min_size=6, max_size=15), st.booleans())
def test_the_fast_way_never_differs_from_phonenumbers(region: str, digits: str, plus: bool) -> None:
    assert_same(region, f"+{digits}" if plus else digits)


@given(st.text("0123456789", min_size=6, max_size=15), st.sampled_from(REGIONS))
def test_a_foreign_number_is_read_as_phonenumbers_reads_it(digits: str, region: str) -> None:
    try:
        number = phonenumbers.parse(f"+{digits}", None)
    except phonenumbers.NumberParseException:
        assume(False)
    read = phone.read(f"+{digits}", [region])
    if phonenumbers.is_valid_number(number):
        country = phonenumbers.region_code_for_number(number)
        shown = country if country and country != "001" else None
        assert read == phone.Number("e164", e164(number), "", shown)


@pytest.mark.parametrize("region", sorted(phonenumbers.SUPPORTED_REGIONS))
def test_the_numbers_of_every_country_are_read(region: str) -> None:
    number = phonenumbers.example_number_for_type(region, phonenumbers.PhoneNumberType.MOBILE)
    number = number or phonenumbers.example_number(region)
    assert number is not None
    read = phone.read(e164(number), ["AZ"])
    assert read == phone.Number(
        "e164", e164(number), "", phonenumbers.region_code_for_number(number)
    )


@given(numbers(), st.sampled_from(["", "0", "8", "00", "+", "code", "00code", "+code", "810code"]))
def test_the_fast_way_agrees_on_every_spelling_of_a_trunk(
    made: tuple[str, PhoneNumber], beginning: str
) -> None:
    region, number = made
    code = beginning.replace("code", str(number.country_code))
    assert_same(region, f"{code}{number.national_number}")


def assert_same(region: str, raw: str) -> None:
    """The fast way answers as phonenumbers does, or leaves the answer to it."""
    plan = plan_of(region)
    assert plan is not None
    if (fast := plan.e164(raw)) is not None:
        plain = f"+{raw[2:]}" if raw.startswith("00") else raw
        number = phonenumbers.parse(plain, region)
        assert phonenumbers.is_valid_number(number)
        assert fast == e164(number)
        read = phone.read(raw, [region])
        assert read == phone.Number("e164", fast, "", phonenumbers.region_code_for_number(number))


@pytest.mark.parametrize(
    ("raw", "region", "country"),
    [
        ("7012345678", "KZ", "KZ"),  # shares +7 with Russia
        ("9161234567", "KZ", "RU"),
        ("2125550123", "US", "US"),  # shares +1 with twenty others
        ("4165550123", "US", "CA"),
        ("2425550123", "BS", "BS"),
    ],
)
def test_a_country_that_shares_its_code_is_told_by_the_number(
    raw: str, region: str, country: str
) -> None:
    assert phone.read(raw, [region]).country == country


@pytest.mark.parametrize("region", REGIONS)
def test_the_usual_spellings_take_the_fast_way(region: str) -> None:
    metadata = PhoneMetadata.metadata_for_region(region)
    assert metadata is not None
    plan = plan_of(region)
    assert plan is not None
    number = phonenumbers.example_number_for_type(region, phonenumbers.PhoneNumberType.MOBILE)
    assert number is not None
    national, code = str(number.national_number), number.country_code
    spellings = [
        national, f"{metadata.national_prefix}{national}", f"{code}{national}",
        f"00{code}{national}", f"+{code}{national}",
    ]  # fmt: skip
    assert {plan.e164(spelling) for spelling in spellings} == {e164(number)}


def test_a_trunks_number_is_read_many_times_faster_than_by_phonenumbers() -> None:
    raw = [f"0502{number:06}" for number in range(300_000, 302_000)]
    phone.preload(REGIONS)

    ours = duration(lambda number: phone.to_e164(number, REGIONS), raw)
    theirs = duration(lambda number: phonenumbers.parse(number, "AZ"), raw)

    assert ours * 10 < theirs


def duration(read: object, raw: list[str]) -> float:
    assert callable(read)
    rounds = []
    for _ in range(3):
        began = time.process_time()
        for number in raw:
            read(number)
        rounds.append(time.process_time() - began)
    return min(rounds)


def test_the_first_region_in_which_a_number_is_valid_gives_its_country() -> None:
    assert phone.to_e164("5321234567", ["AZ", "TR"]) == GSM
    assert phone.to_e164("599123456", ["AZ", "GE"]) == "+995599123456"
    with pytest.raises(NotAPhoneNumber):
        phone.to_e164("5321234567", ["AZ"])


@pytest.mark.parametrize(
    ("norm", "zones"),
    [
        (MOBILE, ("Asia/Baku",)),
        (GSM, ("Europe/Istanbul",)),
        (MOSCOW, ("Europe/Moscow",)),
        ("+80012345678", ()),  # anywhere
        ("101", ()),
    ],
)
def test_a_number_tells_its_zone_only_if_it_has_one(norm: str, zones: tuple[str, ...]) -> None:
    assert phone.time_zones(norm) == zones


def test_a_russian_mobile_may_be_in_many_zones_and_says_so() -> None:
    zones = phone.time_zones("+79161234567")
    assert len(zones) > 10
    assert "Europe/Moscow" in zones
    assert "Asia/Vladivostok" in zones


@pytest.mark.parametrize(
    ("norm", "country"),
    [(MOBILE, "AZ"), ("+77011234567", "KZ"), (MOSCOW, "RU"), ("+80012345678", None), ("101", None)],
)
def test_a_number_tells_its_country(norm: str, country: str | None) -> None:
    assert phone.country(norm) == country


@pytest.mark.parametrize(
    ("norm", "region", "form", "dialled"),
    [
        (MOBILE, "AZ", "national", "0502345678"),
        (MOBILE, "AZ", "e164", MOBILE),
        (GSM, "AZ", "national", "00905321234567"),
        (MOSCOW, "RU", "national", "84951234567"),
        (GSM, "RU", "national", "810905321234567"),
        ("103", "AZ", "national", "103"),
    ],
)
def test_a_number_is_dialled_as_the_pbx_wants_it(
    norm: str, region: str, form: str, dialled: str
) -> None:
    assert phone.to_dial(norm, region, form) == dialled


@pytest.mark.parametrize(
    ("norm", "shown"),
    [(MOBILE, "+994 50 234 56 78"), (MOSCOW, "+7 495 123-45-67"), ("101", "101"), ("", "")],
)
def test_a_number_is_shown_in_groups(norm: str, shown: str) -> None:
    assert phone.display(norm) == shown


@pytest.mark.parametrize(
    ("typed", "beginnings"),
    [
        ("050 2", ("+994502", "+0502")),
        ("+994 50", ("+99450",)),
        ("00994 50", ("+99450",)),
        ("994 50", ("+99499450", "+99450")),
        ("50", ("+99450", "+50")),
    ],
)
def test_a_number_is_recognised_while_it_is_typed(typed: str, beginnings: tuple[str, ...]) -> None:
    assert phone.beginnings(typed, REGIONS) == beginnings


def test_the_last_digits_come_first_backwards() -> None:
    assert phone.backwards("+994502345678") == "876543205499"


def e164(number: PhoneNumber) -> str:
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)


@pytest.mark.parametrize("filling", [" ", "1", "(", "x", "\u200b", "+"])
def test_what_is_far_too_long_is_nonsense_at_once(filling: str):
    assert phone.read("1" + filling * 1_000_000, ["AZ"]).kind == "nonsense"
