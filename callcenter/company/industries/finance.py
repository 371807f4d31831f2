"""A bank, a lender, an insurer."""

from typing import Final

from callcenter.company.industries.shapes import Choice, Layout, OwnField, StageOf

FINANCE: Final = Layout(
    "finance", "landmark", ("Bank və maliyyə", "Banka ve finans", "Банк и финансы", "Bank and finance"),
    options={
        "source": (
            Choice(("Filial", "Şube", "Отделение", "Branch")),
            Choice(("Mobil tətbiq", "Mobil uygulama", "Мобильное приложение", "Mobile app")),
        ),
        "lost_reason": (
            Choice(("Kredit tarixçəsi uyğun deyil", "Kredi geçmişi uygun değil", "Не подошла кредитная история", "Credit history")),
            Choice(("Sənədlər natamamdır", "Belgeler eksik", "Не хватает документов", "Papers are missing")),
            Choice(("Faiz dərəcəsi", "Faiz oranı", "Процентная ставка", "Interest rate")),
        ),
        "business_line": (
            Choice(("Kreditlər", "Krediler", "Кредиты", "Loans")),
            Choice(("Kartlar", "Kartlar", "Карты", "Cards")),
            Choice(("Əmanətlər", "Mevduat", "Вклады", "Deposits")),
            Choice(("Sığorta", "Sigorta", "Страхование", "Insurance")),
        ),
        "interaction_result": (
            Choice(("Müraciət doldurdu", "Başvuru yaptı", "Заполнил заявку", "Applied"), "green"),
            Choice(("Filiala dəvət edildi", "Şubeye davet edildi", "Приглашён в отделение", "Invited to the branch"), "teal"),
            Choice(("Ödəniş vədi", "Ödeme sözü", "Обещал оплатить", "Promised to pay"), "yellow"),
        ),
    },
    fields=(
        OwnField("contact", ("Müştəri nömrəsi", "Müşteri numarası", "Номер клиента", "Customer number"), "text", searchable=True),
        OwnField("contact", ("Filialı", "Bağlı şube", "Отделение клиента", "Home branch"), "text"),
        OwnField("lead", ("İstənilən məbləğ", "Talep edilen tutar", "Запрошенная сумма", "Amount asked for"), "money"),
        OwnField("lead", ("Müddət, ay", "Vade, ay", "Срок, мес.", "Term, months"), "integer"),
        OwnField(
            "lead", ("Təminat", "Teminat", "Обеспечение", "Security"), "option",
            (
                ("Təminatsız", "Teminatsız", "Без обеспечения", "None needed"),
                ("Zamin", "Kefil", "Поручитель", "Guarantor"),
                ("Girov", "Rehin ya da ipotek", "Залог", "Pledge"),
            ),
        ),
    ),
    stages=(
        StageOf(("Sənədlər toplanır", "Belgeler toplanıyor", "Сбор документов", "Papers being gathered"), 60, 7, "violet"),
        StageOf(("Qərar gözlənilir", "Karar bekleniyor", "Ждёт решения", "Waits for a decision"), 80, 5, "orange"),
    ),
    tags=(
        ("Əmək haqqı müştərisi", "Maaş müşterisi", "Зарплатный клиент", "Salary customer"),
        ("Gecikmiş ödəniş", "Gecikmiş ödeme", "Просрочка", "Payment overdue"),
    ),
)  # fmt: skip
