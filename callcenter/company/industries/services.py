"""Repairs, cleaning, consulting: whoever comes to the customer and does some work."""

from typing import Final

from callcenter.company.industries.shapes import Choice, Layout, OwnField, StageOf

SERVICES: Final = Layout(
    "services", "wrench", ("Xidmətlər", "Hizmetler", "Услуги", "Services"),
    options={
        "source": (
            Choice(("Xəritədə tapdı", "Haritada buldu", "Нашёл на карте", "Found us on a map")),
            Choice(("Təkrar müraciət", "Tekrar başvuru", "Повторное обращение", "Came again")),
        ),
        "lost_reason": (
            Choice(("Ünvan xidmət zonasında deyil", "Adres hizmet bölgesi dışında", "Адрес вне зоны обслуживания", "Outside our area")),
            Choice(("Gözləmək istəmədi", "Beklemek istemedi", "Не захотел ждать", "Would not wait")),
        ),
        "business_line": (
            Choice(("Quraşdırma", "Kurulum", "Установка", "Installation")),
            Choice(("Təmir", "Onarım", "Ремонт", "Repair")),
            Choice(("Məsləhət", "Danışmanlık", "Консультации", "Consulting")),
        ),
        "interaction_result": (
            Choice(("Usta çağırıldı", "Usta çağrıldı", "Вызван мастер", "Visit booked"), "green"),
            Choice(("Təkrar şikayət", "Tekrar şikâyet", "Повторная жалоба", "Complained again"), "red"),
        ),
    },
    fields=(
        OwnField("contact", ("Müqavilə nömrəsi", "Sözleşme numarası", "Номер договора", "Contract number"), "text", searchable=True),
        OwnField("contact", ("Zəmanət bitir", "Garanti bitişi", "Гарантия до", "Warranty ends"), "date"),
        OwnField("lead", ("Görüləcək iş", "Yapılacak iş", "Что нужно сделать", "Work to be done"), "long_text"),
        OwnField("lead", ("Gəliş vaxtı", "Ziyaret zamanı", "Время выезда", "Time of the visit"), "datetime"),
    ),
    stages=(
        StageOf(("Ölçü və qiymətləndirmə", "Keşif ve fiyatlandırma", "Осмотр и оценка", "Survey and estimate"), 60, 5, "violet"),
        StageOf(("İş gedir", "İş sürüyor", "Работа идёт", "Work under way"), 90, 14, "orange"),
    ),
    tags=(
        ("Zəmanətli", "Garantili", "На гарантии", "Under warranty"),
        ("Təcili", "Acil", "Срочно", "Urgent"),
    ),
)  # fmt: skip
