"""Courses, schools, universities."""

from typing import Final

from callcenter.company.industries.shapes import Choice, Layout, OwnField, StageOf

EDUCATION: Final = Layout(
    "education", "graduation-cap", ("Təhsil", "Eğitim", "Образование", "Education"),
    options={
        "source": (
            Choice(("Açıq qapı günü", "Tanıtım günü", "День открытых дверей", "Open day")),
            Choice(("Məzun tövsiyəsi", "Mezun tavsiyesi", "Совет выпускника", "Told by a graduate")),
        ),
        "lost_reason": (
            Choice(("Cədvəl uyğun gəlmədi", "Ders saatleri uymadı", "Не подошло расписание", "Timetable did not suit")),
            Choice(("Qrup dolub", "Kontenjan dolu", "Группа набрана", "The group is full")),
        ),
        "business_line": (
            Choice(("Dil kursları", "Dil kursları", "Языковые курсы", "Language courses")),
            Choice(("Peşə kursları", "Meslek kursları", "Профессиональные курсы", "Vocational courses")),
            Choice(("İmtahana hazırlıq", "Sınava hazırlık", "Подготовка к экзаменам", "Exam preparation")),
        ),
        "interaction_result": (
            Choice(("Sınaq dərsinə yazıldı", "Deneme dersine yazıldı", "Записан на пробный урок", "Trial lesson booked"), "green"),
            Choice(("Valideynlə danışmaq", "Veli ile görüşülecek", "Поговорить с родителями", "Talk with the parents"), "yellow"),
        ),
    },
    fields=(
        OwnField("contact", ("Şagirdin adı", "Öğrencinin adı", "Имя ученика", "Name of the pupil"), "text", searchable=True),
        OwnField("contact", ("Sinif və ya kurs", "Sınıf", "Класс или курс", "Class or year"), "text"),
        OwnField("lead", ("Kurs", "İstenen kurs", "Желаемый курс", "Course"), "text"),
        OwnField(
            "lead", ("Səviyyə", "Seviye", "Уровень", "Level"), "option",
            (
                ("Başlanğıc", "Başlangıç", "Начальный", "Beginner"),
                ("Orta", "Orta", "Средний", "Intermediate"),
                ("Yuxarı", "İleri", "Продвинутый", "Advanced"),
            ),
        ),
        OwnField("lead", ("Başlama tarixi", "Başlama tarihi", "Дата начала", "Begins on"), "date"),
    ),
    stages=(
        StageOf(("Sınaq dərsi", "Deneme dersi", "Пробный урок", "Trial lesson"), 60, 7, "violet"),
        StageOf(("Müqavilə gözlənilir", "Sözleşme bekleniyor", "Ждём договор", "Contract awaited"), 85, 5, "orange"),
    ),
    tags=(
        ("Valideyn", "Veli", "Родитель", "Parent"),
        ("Məzun", "Mezun", "Выпускник", "Graduate"),
    ),
)  # fmt: skip
