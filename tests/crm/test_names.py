"""A name is found however it is written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcenter.crm.names import fold


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("Əliyev", "eliyev"),
        ("ƏLİYEV", "eliyev"),
        ("əliyev", "eliyev"),
        ("IŞIQ", "isiq"),  # capital I of ı
        ("Işıq", "isiq"),
        ("işıq", "isiq"),
        ("İlqar", "ilqar"),  # capital İ of i
        ("I\u0307lqar", "ilqar"),  # the same as a letter and a dot
        ("Çingiz", "cingiz"),
        ("Xəyal Məmmədov", "xeyal memmedov"),
        ("Gülşən Ağayeva", "gulsen agayeva"),
        ("Öztürk", "ozturk"),
        ("O\u0308ztu\u0308rk", "ozturk"),  # accents apart from their letters
        ("Ёлкин", "elkin"),
        ("Щукин", "shchukin"),
        ("Алиев", "aliev"),
        ("Әлијев", "eliyev"),  # Azerbaijani Cyrillic
        ("Жанна", "zhanna"),
        ("გიორგი", "giorgi"),
        ("José Müller-Lüdenscheid", "jose muller ludenscheid"),
        ("Straße", "strasse"),
        ("D'Artagnan", "dartagnan"),
        ("D’Artagnan", "dartagnan"),
        ("ООО «Каспий Трейд»", "ooo kaspiy treyd"),
        ("Bakı Ticarət MMC", "baki ticaret mmc"),
        ("A.Ş. №5_x", "a s no5 x"),
        ("  two   words ", "two words"),
        ("Ｆｕｌｌ", "full"),
        ("", ""),
        ("—", ""),
    ],
)
def test_a_name_has_one_form_for_search(written: str, folded: str) -> None:
    assert fold(written) == folded


@given(st.text(max_size=60))
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(st.text(alphabet="əƏıIİişŞçÇğĞöÖüÜ aZ", max_size=40))
def test_azerbaijani_letters_become_plain_ones_whatever_their_case(text: str) -> None:
    assert fold(text).isascii()
    assert fold(text) == fold(text.lower())
