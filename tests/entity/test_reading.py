"""What people type is read as what a field holds, or refused in a sentence."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from email_validator import EmailNotValidError, validate_email

from callcenter.entity import reading
from callcenter.entity.description import Field
from callcenter.entity.reading import Context, Unreadable, read_json, read_text, validated
from callcenter.entity.registry import Registry
from callcenter.entity.showing import Showing

CONTEXT = Context(Registry(), ("AZ", "TR", "RU"), "az", "Asia/Baku")
STATES = {"here": "Yes", "lent": "No"}


@pytest.mark.parametrize(("kind", "typed", "held"), [
    ("text", "  Bakı   şəhəri ", "Bakı şəhəri"),
    ("text", "   ", None),                                  # nothing is nothing
    ("long_text", "a\r\nb", "a\nb"),
    ("integer", "1 200", 1200),
    ("integer", "1.200", 1200),                             # as it is written here
    ("integer", "-3", -3),
    ("number", "1.234,5", Decimal("1234.5")),
    ("number", "12.5", Decimal("12.5")),                    # as programs write it
    ("money", "1.234,50", 123450),
    ("money", "1234.5", 123450),
    ("date", "22.11.2026", date(2026, 11, 22)),
    ("date", "2026-11-22", date(2026, 11, 22)),
    ("datetime", "2026-11-22T14:30", datetime(2026, 11, 22, 10, 30, tzinfo=UTC)),
    ("datetime", "22.11.2026 14:30", datetime(2026, 11, 22, 10, 30, tzinfo=UTC)),
    ("datetime", "2026-11-22T14:30:00+00:00", datetime(2026, 11, 22, 14, 30, tzinfo=UTC)),
    ("bool", "Bəli", True), ("bool", "HAYIR", False), ("bool", "да", True), ("bool", "on", True),
    ("choice", "lent", "lent"), ("choice", "Bəli", "here"),  # by its word, or as it is shown
    ("reference", "42", 42),
    ("phone", "050 234 56 78", "+994502345678"),
    ("phone", "103", "103"),
    ("email", " Anna@Example.AZ ", "anna@example.az"),
    ("url", "example.az/a", "https://example.az/a"),
])  # fmt: skip
def test_what_is_typed_is_read_in_the_writers_own_way(kind: Any, typed: str, held: Any) -> None:
    assert read_text(Field(name="x", label="X", type=kind, choices=STATES), typed, CONTEXT) == held


@pytest.mark.parametrize(("kind", "typed", "wrong"), [
    ("text", "x" * 201, reading.TOO_LONG),
    ("integer", "1,5", reading.NOT_A_WHOLE_NUMBER), ("integer", "NaN", reading.NOT_A_WHOLE_NUMBER),
    ("integer", "99999999999999999", reading.TOO_LARGE),
    ("number", "twelve", reading.NOT_A_NUMBER), ("number", "1e9999", reading.TOO_LARGE),
    ("date", "31.02.2026", reading.NOT_A_DATE), ("date", "11/22/26", reading.NOT_A_DATE),
    ("datetime", "2026-11-22 25:00", reading.NOT_A_MOMENT),
    ("bool", "perhaps", reading.NOT_YES_OR_NO), ("choice", "lost", reading.NOT_OFFERED),
    ("option", "anything", reading.NOT_OFFERED), ("reference", "Anna", reading.NOT_AN_ID),
    ("phone", "hello", reading.NOT_DIALLED), ("email", "anna@", reading.NOT_AN_ADDRESS),
    ("url", "javascript:alert(1)", reading.NOT_A_LINK), ("url", "http://[", reading.NOT_A_LINK),
])  # fmt: skip
def test_what_a_field_cannot_hold_is_refused_in_a_sentence(
    kind: Any, typed: str, wrong: str
) -> None:
    with pytest.raises(Unreadable) as refused:
        read_text(Field(name="x", label="X", type=kind, choices=STATES), typed, CONTEXT)
    assert refused.value.sentence == wrong


@pytest.mark.parametrize("name", [
    "a", "Info", "a.b", "a+b", "no-reply", "_", "x" * 64, "x" * 65, "a..b", ".a", "a.", "a b", "ə.b", "a'b", "",
    "a@b", '"a b"', "<a",
])  # fmt: skip
@pytest.mark.parametrize("domain", [
    "example.az", "Example.AZ", "xn--p1ai.rf", "пример.рф", "localhost", "x.invalid", "b..az", "-b.az", "b.az>",
    "[127.0.0.1]", "ex_ample.az", " b.az", "b." + "c" * 63 + ".az", "d." * 124 + "az", "",
])  # fmt: skip
def test_an_address_is_judged_as_the_library_does_though_its_domain_may_be_known(
    name: str, domain: str
) -> None:
    text = f"{name}@{domain}"
    try:
        whole = validate_email(text, check_deliverability=False)
    except EmailNotValidError:
        with pytest.raises(Unreadable):
            validated(text)
    else:
        told = validated(text)
        assert (told.normalized.lower(), told.local_part.lower(), told.ascii_domain) == (
            whole.normalized.lower(), whole.local_part.lower(), whole.ascii_domain,
        )  # fmt: skip


@pytest.mark.parametrize(("kind", "sent", "held"), [
    ("bool", True, True), ("integer", 5, 5), ("number", 1.125, Decimal("1.125")), ("text", None, None),
    ("date", "2026-11-22", date(2026, 11, 22)), ("reference", 7, 7),
])  # fmt: skip
def test_programs_send_json(kind: Any, sent: Any, held: Any) -> None:
    assert read_json(Field(name="x", label="X", type=kind), sent, CONTEXT) == held


@pytest.mark.parametrize(("kind", "sent"), [
    ("bool", 1), ("integer", True), ("integer", 1.5), ("text", 5), ("text", ["a"]), ("date", 7),
    ("options", {"a": 1}), ("reference", {}), ("number", []),
])  # fmt: skip
def test_json_of_another_kind_is_refused(kind: Any, sent: Any) -> None:
    with pytest.raises(Unreadable):
        read_json(Field(name="x", label="X", type=kind), sent, CONTEXT)


def test_a_field_of_an_administrator_holds_only_what_json_can_say() -> None:
    moment = Field(name="custom.at", label="At", type="datetime")
    assert read_text(moment, "2026-11-22 14:30", CONTEXT) == "2026-11-22T10:30:00+00:00"
    assert read_text(Field(name="custom.n", label="N", type="number"), "1,5", CONTEXT) == 1.5


@pytest.mark.parametrize(("kind", "held", "shown"), [
    ("date", date(2026, 11, 22), "22 noy 2026"), ("date", "2026-11-22", "22 noy 2026"),
    ("datetime", datetime(2026, 11, 22, 10, 30, tzinfo=UTC), "22 noy 2026 14:30"),
    ("money", 123450, "1.234,50"), ("number", Decimal("1234.5"), "1.234,5"), ("bool", True, "Bəli"),
    ("choice", "here", "Bəli"), ("phone", "+994502345678", "+994 50 234 56 78"), ("text", None, ""),
    ("reference", 7, "Anna"), ("option", 99, ""),
])  # fmt: skip
def test_what_a_field_holds_is_shown_in_the_readers_own_way(
    kind: Any, held: Any, shown: str
) -> None:
    showing = Showing(Registry(), "az", "Asia/Baku", {("user", 7): "Anna"})
    field = Field(name="x", label="X", type=kind, choices=STATES, refers_to="user")
    assert showing.text(field, held) == shown
