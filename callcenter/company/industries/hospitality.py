"""A hotel, a restaurant, a travel agency."""

from typing import Final

from callcenter.company.industries.shapes import Choice, Layout, OwnField, StageOf

HOSPITALITY: Final = Layout(
    "hospitality", "utensils", ("Otel və restoran", "Otel ve restoran", "Гостиница и ресторан", "Hotel and restaurant"),
    options={
        "source": (
            Choice(("Rezervasiya saytı", "Rezervasyon sitesi", "Сайт бронирования", "Booking site")),
            Choice(("Turizm agentliyi", "Seyahat acentesi", "Турагентство", "Travel agency")),
        ),
        "lost_reason": (
            Choice(("Boş yer yoxdur", "Yer yok", "Нет мест", "Fully booked")),
            Choice(("Tarix dəyişdi", "Tarih değişti", "Изменилась дата", "The date changed")),
        ),
        "business_line": (
            Choice(("Otaqlar", "Odalar", "Номера", "Rooms")),
            Choice(("Restoran", "Restoran", "Ресторан", "Restaurant")),
            Choice(("Tədbirlər və banketlər", "Etkinlik ve davetler", "Мероприятия и банкеты", "Events and banquets")),
        ),
        "interaction_result": (
            Choice(("Rezervasiya edildi", "Rezervasyon yapıldı", "Забронировано", "Booked"), "green"),
            Choice(("Rezervasiya ləğv edildi", "Rezervasyon iptal edildi", "Бронь отменена", "Booking called off"), "red"),
            Choice(("Rəy bildirdi", "Görüş bildirdi", "Оставил отзыв", "Gave an opinion"), "blue"),
        ),
    },
    fields=(
        OwnField("contact", ("Qonaq istəkləri", "Misafir tercihleri", "Пожелания гостя", "What the guest likes"), "long_text"),
        OwnField("contact", ("Allergiya", "Alerji", "Аллергия", "Allergies"), "text"),
        OwnField("lead", ("Gəliş günü", "Giriş günü", "Дата заезда", "Day of arrival"), "date"),
        OwnField("lead", ("Gediş günü", "Çıkış günü", "Дата выезда", "Day of departure"), "date"),
        OwnField("lead", ("Qonaq sayı", "Kişi sayısı", "Число гостей", "Number of guests"), "integer"),
    ),
    stages=(
        StageOf(("Təklif göndərildi", "Teklif gönderildi", "Отправлено предложение", "Offer sent"), 60, 3, "violet"),
        StageOf(("İlkin ödəniş gözlənilir", "Ön ödeme bekleniyor", "Ждём предоплату", "Deposit awaited"), 85, 3, "orange"),
    ),
    tags=(
        ("Daimi qonaq", "Müdavim", "Постоянный гость", "Regular guest"),
        ("Qrup", "Grup misafiri", "Группа", "Travels in a group"),
    ),
)  # fmt: skip
