"""A clinic, a dentist, a laboratory."""

from typing import Final

from callcenter.company.industries.shapes import Choice, Layout, OwnField, StageOf

CLINIC: Final = Layout(
    "clinic", "stethoscope", ("Klinika", "Klinik", "Клиника", "Clinic"),
    options={
        "source": (
            Choice(("Həkim göndərişi", "Hekim yönlendirmesi", "Направление врача", "Referred by a doctor")),
            Choice(("Sığorta şirkəti", "Sigorta şirketi", "Страховая компания", "Insurance company")),
        ),
        "lost_reason": (
            Choice(("Uyğun vaxt yoxdur", "Uygun randevu yok", "Нет удобного времени", "No suitable time")),
            Choice(("Sığorta ödəmir", "Sigorta karşılamıyor", "Страховка не покрывает", "Insurance does not pay")),
            Choice(("Qəbula gəlmədi", "Randevuya gelmedi", "Не пришёл на приём", "Did not come")),
        ),
        "business_line": (
            Choice(("Müayinə", "Muayene", "Консультация врача", "Consultation")),
            Choice(("Laboratoriya", "Laboratuvar", "Лаборатория", "Laboratory")),
            Choice(("Stomatologiya", "Diş hekimliği", "Стоматология", "Dentistry")),
        ),
        "interaction_result": (
            Choice(("Qəbula yazıldı", "Randevu aldı", "Записан на приём", "Appointment made"), "green"),
            Choice(("Qəbul köçürüldü", "Randevu ertelendi", "Приём перенесён", "Appointment moved"), "yellow"),
            Choice(("Qəbul ləğv edildi", "Randevu iptal edildi", "Приём отменён", "Appointment called off"), "red"),
        ),
    },
    fields=(
        OwnField("contact", ("Xəstə kartının nömrəsi", "Hasta dosya no", "Номер карты пациента", "Patient card number"), "text", searchable=True),
        OwnField("contact", ("Sığorta polisi", "Sigorta poliçesi", "Страховой полис", "Insurance policy"), "text", searchable=True),
        OwnField("lead", ("Həkim", "Hekim", "Врач", "Doctor"), "text"),
        OwnField("lead", ("Qəbul vaxtı", "Randevu zamanı", "Время приёма", "Time of the appointment"), "datetime"),
        OwnField("lead", ("İlk müraciətdir", "İlk başvuru", "Первичное обращение", "First visit"), "bool"),
    ),
    stages=(
        StageOf(("Qəbul təyin edildi", "Randevu verildi", "Приём назначен", "Appointment set"), 70, 14, "violet"),
        StageOf(("Qəbula gəldi", "Randevuya geldi", "Был на приёме", "Came to the appointment"), 90, 3, "orange"),
    ),
    tags=(
        ("Sığortalı", "Sigortalı", "Застрахован", "Insured"),
        ("Uşaq", "Çocuk hasta", "Ребёнок", "Child"),
    ),
)  # fmt: skip
