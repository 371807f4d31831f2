"""Names of nobody in particular, in the alphabets our users write."""

GIVEN = (
    "Aysel", "Əli", "Nigar", "Elçin", "Leyla", "Rəşad", "Günay", "Orxan", "Sevinc", "Tural", "Ülviyyə", "Kamran",
    "Zeynəb", "İlqar", "Şəbnəm", "Fərid", "Ayşe", "Mehmet", "Elif", "Burak", "Zeynep", "Emre", "Анна", "Сергей",
    "Ольга", "Дмитрий", "Наталья", "Руслан", "Vüsal", "Gülnar",
)  # fmt: skip
FAMILY = (
    ("Məmmədov", "Məmmədova"), ("Əliyev", "Əliyeva"), ("Hüseynov", "Hüseynova"), ("Quliyev", "Quliyeva"),
    ("Həsənov", "Həsənova"), ("Rzayev", "Rzayeva"), ("Cəfərov", "Cəfərova"), ("Ağayev", "Ağayeva"),
    ("İsmayılov", "İsmayılova"), ("Kərimov", "Kərimova"), ("Səfərov", "Səfərova"), ("Nəbiyev", "Nəbiyeva"),
)  # fmt: skip
TURKISH = ("Yılmaz", "Demir", "Şahin", "Çelik", "Öztürk", "Aydın")
RUSSIAN = (
    ("Иванов", "Иванова"), ("Петров", "Петрова"), ("Смирнов", "Смирнова"), ("Волков", "Волкова"),
)  # fmt: skip
WOMEN = frozenset({
    "Aysel", "Nigar", "Leyla", "Günay", "Sevinc", "Ülviyyə", "Zeynəb", "Şəbnəm", "Gülnar", "Ayşe", "Elif", "Zeynep",
    "Анна", "Ольга", "Наталья",
})  # fmt: skip
COMPANIES = (
    ("Bakı Ticarət MMC", "Bakı", "AZ"), ("Xəzər Logistika QSC", "Sumqayıt", "AZ"), ("Gəncə Tikinti MMC", "Gəncə", "AZ"),
    ("Nar Mebel MMC", "Bakı", "AZ"), ("Abşeron Süd MMC", "Xırdalan", "AZ"), ("Qafqaz Aptek ASC", "Bakı", "AZ"),
    ("Anadolu Tekstil A.Ş.", "İstanbul", "TR"), ("Marmara Gıda Ltd. Şti.", "Bursa", "TR"), ("ООО «Каспий Трейд»", "Москва", "RU"),
    ("ООО «Северный мост»", "Санкт-Петербург", "RU"), ("Tbilisi Wine LLC", "Tbilisi", "GE"), ("Şəki Şirniyyat MMC", "Şəki", "AZ"),
)  # fmt: skip
TITLES = (
    "Satınalma meneceri",
    "Direktor",
    "Mühasib",
    "Logistika üzrə mütəxəssis",
    "Satış müdürü",
    "Директор по закупкам",
)
NOTES = (
    "Çatdırılma vaxtı soruşuldu; sabah səhər üçün razılaşdıq.",
    "Qiymət təklifi istəyir: 200 ədəd, ödəniş 30 gün.",
    "Fatura e-poçt ünvanına yenidən göndərildi.",
    "Sifariş numarasını kontrol ettim, kargo yolda.",
    "Şikayet: eksik ürün. Depodan yarın gönderilecek.",
    "Уточнил адрес доставки, перезвонить в четверг.",
    "Просит договор на русском языке.",
    "Yeni ofis ünvanı qeyd edildi.",
    "Ödəniş təsdiqləndi, təşəkkür etdi.",
)
#: The mobile prefixes of each country, and how many digits follow.
MOBILE = {"AZ": (("+99450", "+99451", "+99455", "+99470", "+99477"), 7), "TR": (("+90532", "+90542"), 7), "RU": (("+7916", "+7921"), 7), "GE": (("+995599", "+995577"), 6)}  # fmt: skip
LANDLINE = {"AZ": ("+99412", 7), "TR": ("+90212", 7), "RU": ("+7495", 7), "GE": ("+99532", 7)}
