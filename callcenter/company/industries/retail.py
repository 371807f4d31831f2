"""A shop, in town or online."""

from typing import Final

from callcenter.company.industries.shapes import Choice, Layout, OwnField, StageOf

RETAIL: Final = Layout(
    "retail", "store", ("Pərakəndə ticarət", "Perakende", "Розничная торговля", "Retail"),
    options={
        "source": (
            Choice(("Mağazaya gəldi", "Mağazaya geldi", "Пришёл в магазин", "Walked into the shop")),
            Choice(("Marketpleys", "Pazaryeri", "Маркетплейс", "Marketplace")),
        ),
        "lost_reason": (
            Choice(("Anbarda yoxdur", "Stokta yok", "Нет в наличии", "Out of stock")),
            Choice(("Çatdırılma uyğun gəlmədi", "Teslimat uymadı", "Не подошла доставка", "Delivery did not suit")),
        ),
        "business_line": (
            Choice(("Pərakəndə satış", "Perakende satış", "Розница", "Retail sales")),
            Choice(("Topdansatış", "Toptan satış", "Опт", "Wholesale")),
            Choice(("İnternet mağaza", "İnternet mağazası", "Интернет-магазин", "Online shop")),
        ),
        "interaction_result": (
            Choice(("Sifariş verdi", "Sipariş verdi", "Оформил заказ", "Placed an order"), "green"),
            Choice(("Qaytarma və ya dəyişdirmə", "İade ya da değişim", "Возврат или обмен", "Return or exchange"), "orange"),
        ),
    },
    fields=(
        OwnField("contact", ("Loyallıq kartı", "Sadakat kartı", "Карта лояльности", "Loyalty card"), "text", searchable=True),
        OwnField("lead", ("Maraqlandığı məhsul", "İlgilendiği ürün", "Интересующий товар", "Product of interest"), "text"),
        OwnField(
            "lead", ("Çatdırılma üsulu", "Teslimat şekli", "Способ доставки", "Way of delivery"), "option",
            (
                ("Mağazadan götürür", "Mağazadan teslim", "Самовывоз", "Picks up at the shop"),
                ("Kuryer", "Kurye", "Курьер", "Courier"),
                ("Poçt", "Posta", "Почта", "Post"),
            ),
        ),
    ),
    stages=(
        StageOf(("Sifariş təsdiqləndi", "Sipariş onaylandı", "Заказ подтверждён", "Order confirmed"), 70, 2, "violet"),
        StageOf(("Çatdırılır", "Teslim ediliyor", "Доставляется", "On its way"), 90, 5, "orange"),
    ),
    tags=(
        ("Daimi alıcı", "Sadık müşteri", "Постоянный покупатель", "Regular buyer"),
        ("Topdan alıcı", "Toptancı", "Оптовик", "Wholesale buyer"),
    ),
)  # fmt: skip
