"""Names that sound alike meet, in whatever alphabet they are written; others do not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcenter.crm.sounds import LEAST, READINGS, alike, marked, sounds, stored

#: Spellings of one name: Azerbaijani or Turkish, Russian, and as passports and people write it.
ONE_NAME = [
    "Əliyev Алиев Aliyev Aliev", "Əliyeva Алиева Aliyeva Alieva",
    "Məmmədov Мамедов Mammadov Mamedov", "Quliyev Гулиев Guliyev Guliev Кулиев",
    "Hüseynov Гусейнов Huseynov Huseinov Husseinov", "Həsənov Гасанов Hasanov Хасанов",
    "Abbasov Аббасов Abasov", "İsmayılov Исмаилов Ismayilov Ismailov",
    "İbrahimov Ибрагимов Ibrahimov Ибрахимов", "Cəfərov Джафаров Jafarov Cafarov Djafarov",
    "Rzayev Рзаев Rzaev", "Ağayev Агаев Aghayev Agayev Agaev", "Vəliyev Велиев Valiyev Veliyev",
    "Babayev Бабаев Babaev", "Kərimov Керимов Karimov Kerimov", "Nəcəfov Наджафов Najafov",
    "Qasımov Гасымов Gasimov Gasymov", "Qurbanov Гурбанов Gurbanov Курбанов",
    "Süleymanov Сулейманов Suleymanov Suleimanov", "Şirinov Ширинов Shirinov",
    "Şükürov Шукюров Shukurov", "Çingiz Чингиз Chingiz Cingiz", "Cavid Джавид Javid Cavid",
    "Cəmil Джамиль Jamil", "Xəyal Хаял Khayal Xayal", "Xalid Халид Khalid", "Rəşad Рашад Rashad",
    "Rəşid Рашид Rashid", "İlqar Ильгар Ilgar", "Vüqar Вугар Vugar", "Oqtay Октай Oktay Ogtay",
    "Tofiq Тофик Tofig Tofik", "Rafiq Рафик Rafig Rafik", "Elçin Эльчин Elchin",
    "Orxan Орхан Orkhan Orhan", "Toğrul Тогрул Toghrul Togrul", "Aygün Айгюн Aigun Aygun",
    "Günel Гюнель Gunel", "Gülnarə Гюльнара Gulnara", "Leyla Лейла Leila Layla",
    "Nərgiz Наргиз Nargiz", "Xədicə Хадиджа Khadija Xadica", "Zəhra Захра Zahra",
    "Zeynəb Зейнаб Zeynab Zeinab", "Sevinc Севиндж Sevinj", "Jalə Жаля Jala Zhalya",
    "Ülviyyə Ульвия Ulviyya Ulviya", "Şəhla Шахла Shahla", "Yeganə Егана Yegana",
    "Yasəmən Ясемен Yasamen", "Yusif Юсиф Yusif", "Yaqub Ягуб Yagub", "Mahmud Махмуд Mahmoud",
    "Muxtar Мухтар Mukhtar", "Fərid Фарид Farid", "Həmid Гамид Hamid Хамид", "Nadir Надир Nadir",
    "Səbinə Сабина Sabina", "Aysel Айсель Aisel", "Könül Кёнюль Konul", "Mədinə Мадина Madina",
    "Əhməd Ахмед Ahmad Akhmed", "Мухаммед Muhammad Muhammed",
    "Ayşe Айше Ayshe Aisha", "Mehmet Мехмет Mehmet", "Çelik Челик Chelik", "Yılmaz Йылмаз Yilmaz",
    "Öztürk Озтюрк Ozturk", "Yıldız Йылдыз Yildiz", "Erdoğan Эрдоган Erdogan",
    "Çağlar Чаглар Chaglar", "Şahin Шахин Shahin", "Hülya Хюлья Hulya",
    "Сергей Sergey Sergei", "Юрий Yuri Yuriy Yury", "Евгений Yevgeniy Evgeny Evgeniy",
    "Дмитрий Dmitriy Dmitry Dmitri", "Михаил Mikhail Mixail", "Александр Aleksandr Alexandr",
    "Григорий Grigory Grigoriy", "Игорь Igor", "Пётр Pyotr Petr Петр", "Фёдоров Fyodorov Fedorov Федоров",
    "Соловьёв Solovyov Solovyev Solovev Соловьев", "Васильев Vasilyev Vasiliev",
    "Хрущёв Khrushchev Khrushchyov", "Щербаков Shcherbakov", "Чехов Chekhov",
    "Чайковский Chaykovskiy Tchaikovsky Chaikovsky", "Достоевский Dostoevsky Dostoyevskiy",
    "Толстой Tolstoy Tolstoi", "Захаров Zakharov Zaharov", "Жуков Zhukov Jukov", "Цветков Tsvetkov",
    "Смирнов Smirnov Smirnoff", "Наталья Natalya Natalia Наталия", "Мария Maria Mariya",
    "Елена Yelena Elena", "Екатерина Ekaterina Yekaterina", "Софья Sofia София", "Анна Anna Ana",
    "Юлия Yulia Yuliya", "Ксения Kseniya Ksenia Xenia", "Георгий Georgiy Georgy", "Вячеслав Vyacheslav",
]  # fmt: skip

#: Names that a person at the phone would never take for each other.
OTHER_NAMES = [
    "Əliyev Vəliyev", "Əliyev Əliyeva", "Həsənov Hüseynov", "Həsənov Qasımov", "Quliyev Vəliyev",
    "Məmmədov Əhmədov", "Məmmədov Məhərrəmov", "Leyla Lalə", "Aygün Aytən", "Aygün Aygül",
    "Rəşad Rəşid", "Rəşad Rauf", "Ramiz Ramin", "Nərgiz Nərmin", "Günel Gülnar", "Cavid Camal",
    "Cəmil Kamil", "Şirin Sirin", "Çingiz Cəngiz", "Xəyal Kamal", "Tofiq Tariq", "Fərid Fəxri",
    "Elçin Elşən", "Elçin Eldar", "Orxan Osman", "Sabina Samirə", "Zəhra Zöhrə", "Səid Saleh",
    "Babayev Bağırov", "Kərimov Kazımov", "Süleymanov Salmanov", "İsmayılov İbrahimov",
    "Abbasov Abdullayev", "Yusif Yasin", "Mehmet Ahmet", "Çelik Çetin", "Yılmaz Yıldız",
    "Öztürk Özdemir", "Şahin Şener", "Erdoğan Erdem", "Demir Demirel", "Kaya Kara",
    "Сергей Андрей", "Юрий Игорь", "Иванов Иванова", "Иванов Петров", "Смирнов Семёнов",
    "Соловьёв Соколов", "Васильев Васин", "Захаров Макаров", "Жуков Чуков", "Наталья Марина",
    "Мария Марина", "Елена Алина", "Екатерина Катя", "Анна Жанна", "Юлия Ульяна", "Чехов Черных",
    "Орлов Козлов", "Волков Волохов", "Дмитрий Дамир", "Пётр Павел", "Григорий Гавриил",
    "Ксения Есения", "Фёдоров Фролов", "Щербаков Щукин",
]  # fmt: skip

#: The first spelling of each line with every other one.
MEETING = [(first, other) for first, *others in map(str.split, ONE_NAME) for other in others]


@pytest.mark.parametrize(("one", "other"), MEETING)
def test_one_name_in_two_spellings_sounds_alike(one: str, other: str) -> None:
    assert alike(one, other), (sounds(one), sounds(other))


@pytest.mark.parametrize("pair", OTHER_NAMES)
def test_two_names_do_not(pair: str) -> None:
    one, other = pair.split()

    assert not alike(one, other), (sounds(one), sounds(other))


def test_there_are_enough_examples_to_believe_it() -> None:
    assert len(MEETING) + len(OTHER_NAMES) >= 200
    assert len(OTHER_NAMES) >= 60


def test_names_of_several_words_are_compared_word_by_word() -> None:
    assert alike("Quliyev Rəşad", "Гулиев Рашад")
    assert not alike("Quliyev Rəşad", "Rəşad Quliyev")
    assert not alike("Quliyev", "Quliyev Rəşad")


def test_apostrophes_and_signs_are_not_heard() -> None:
    assert sounds("D'Artagnan & Co. №5") == [sounds("dartagnan")[0], ()]


@given(st.text(max_size=60))
def test_a_word_has_few_keys_and_none_that_says_nothing(text: str) -> None:
    for keys in sounds(text):
        assert len(keys) <= READINGS
        assert all(len(key) >= LEAST for key in keys)


@given(st.text(max_size=60))
def test_a_name_sounds_the_same_in_capitals_and_small_letters(text: str) -> None:
    # Of letters that have no capitals (ß) or share one (ı, i) spelling knows more than sound.
    if text.upper().lower() == text.lower():
        assert sounds(text.upper()) == sounds(text.lower())


@given(st.text(max_size=60), st.integers(min_value=0, max_value=40))
def test_what_is_kept_fits_and_has_only_whole_keys(text: str, limit: int) -> None:
    whole = {marked(key) for keys in sounds(text) for key in keys}

    kept = stored(text, limit)

    assert len(kept) <= limit
    assert set(kept.split()) <= whole
