"""Transport of goods, couriers, warehouses."""

from typing import Final

from callcenter.company.industries.shapes import Choice, Layout, OwnField, StageOf

LOGISTICS: Final = Layout(
    "logistics", "truck", ("Daşıma və logistika", "Nakliye ve lojistik", "Перевозки и логистика", "Transport and logistics"),
    options={
        "source": (
            Choice(("Yük birjası", "Yük borsası", "Биржа грузов", "Freight exchange")),
            Choice(("Tender", "İhale", "Тендер", "Tender")),
        ),
        "lost_reason": (
            Choice(("Boş nəqliyyat yoxdur", "Uygun araç yok", "Нет свободного транспорта", "No free vehicle")),
            Choice(("Müddət uyğun gəlmədi", "Süre uymadı", "Не устроил срок", "Takes too long")),
        ),
        "business_line": (
            Choice(("Avtomobil daşımaları", "Karayolu", "Автоперевозки", "By road")),
            Choice(("Dəniz daşımaları", "Denizyolu", "Морские перевозки", "By sea")),
            Choice(("Hava daşımaları", "Havayolu", "Авиаперевозки", "By air")),
            Choice(("Anbar", "Depolama", "Склад", "Warehouse")),
        ),
        "interaction_result": (
            Choice(("Tarif göndərildi", "Fiyat iletildi", "Отправлен тариф", "Rate sent"), "teal"),
            Choice(("Yükün yeri bildirildi", "Yükün yeri bildirildi", "Сообщили, где груз", "Told where the cargo is"), "blue"),
        ),
    },
    fields=(
        OwnField("contact", ("Gömrük kodu", "Gümrük kodu", "Таможенный код", "Customs code"), "text", searchable=True),
        OwnField("lead", ("Haradan", "Nereden", "Откуда", "From"), "text"),
        OwnField("lead", ("Haraya", "Nereye", "Куда", "To"), "text"),
        OwnField("lead", ("Çəki, kq", "Ağırlık, kg", "Вес, кг", "Weight, kg"), "number"),
        OwnField("lead", ("Yükləmə günü", "Yükleme günü", "Дата погрузки", "Day of loading"), "date"),
    ),
    stages=(
        StageOf(("Tarif verildi", "Fiyat verildi", "Дан тариф", "Rate quoted"), 60, 3, "violet"),
        StageOf(("Nəqliyyat ayrıldı", "Araç ayrıldı", "Выделен транспорт", "Vehicle assigned"), 90, 5, "orange"),
    ),
    tags=(
        ("Daimi marşrut", "Düzenli hat", "Постоянный маршрут", "Regular route"),
        ("Təhlükəli yük", "Tehlikeli madde", "Опасный груз", "Dangerous goods"),
    ),
)  # fmt: skip
