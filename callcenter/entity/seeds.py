"""What the option lists of a new installation offer, in four languages.

A list that ever had an option is left as its administrators keep it.
"""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.db import new_id
from callcenter.entity.models import Option

#: List -> key -> (az, tr, ru, en); a colour may follow.
SEEDS: dict[str, dict[str, tuple[str, ...]]] = {
    "industry": {
        "trade": ("Ticarət", "Ticaret", "Торговля", "Trade"),
        "production": ("İstehsal", "Üretim", "Производство", "Production"),
        "construction": ("Tikinti", "İnşaat", "Строительство", "Construction"),
        "logistics": ("Nəqliyyat və logistika", "Taşımacılık ve lojistik", "Транспорт и логистика", "Transport and logistics"),
        "finance": ("Maliyyə və sığorta", "Finans ve sigorta", "Финансы и страхование", "Finance and insurance"),
        "it": ("İT və rabitə", "Bilişim ve iletişim", "ИТ и связь", "IT and telecom"),
        "health": ("Səhiyyə", "Sağlık", "Медицина", "Health care"),
        "education": ("Təhsil", "Eğitim", "Образование", "Education"),
        "hospitality": ("Turizm və restoranlar", "Turizm ve restoranlar", "Туризм и рестораны", "Tourism and restaurants"),
        "real_estate": ("Daşınmaz əmlak", "Gayrimenkul", "Недвижимость", "Real estate"),
        "agriculture": ("Kənd təsərrüfatı", "Tarım", "Сельское хозяйство", "Agriculture"),
        "energy": ("Energetika, neft və qaz", "Enerji, petrol ve gaz", "Энергетика, нефть и газ", "Energy, oil and gas"),
        "services": ("Xidmətlər", "Hizmetler", "Услуги", "Services"),
        "government": ("Dövlət qurumları", "Kamu kurumları", "Государственные учреждения", "Public bodies"),
    },
    "company_size": {
        "to_10": ("10 nəfərə qədər", "10 kişiye kadar", "До 10 человек", "Up to 10 people"),
        "to_50": ("11–50 nəfər", "11–50 kişi", "11–50 человек", "11–50 people"),
        "to_250": ("51–250 nəfər", "51–250 kişi", "51–250 человек", "51–250 people"),
        "to_1000": ("251–1000 nəfər", "251–1000 kişi", "251–1000 человек", "251–1000 people"),
        "over_1000": ("1000 nəfərdən çox", "1000 kişiden fazla", "Более 1000 человек", "More than 1000 people"),
    },
    "legal_form": {
        "az_mmc": ("MMC", "MMC (Azerbaycan)", "ООО (MMC, Азербайджан)", "LLC (MMC, Azerbaijan)"),
        "az_asc": ("ASC", "ASC (Azerbaycan)", "ОАО (ASC, Азербайджан)", "Open JSC (ASC, Azerbaijan)"),
        "az_qsc": ("QSC", "QSC (Azerbaycan)", "ЗАО (QSC, Азербайджан)", "Closed JSC (QSC, Azerbaijan)"),
        "az_ft": ("Fərdi sahibkar", "Şahıs işletmesi (Azerbaycan)", "ИП (Азербайджан)", "Sole trader (Azerbaijan)"),
        "tr_as": ("A.Ş. (Türkiyə)", "A.Ş.", "А.О. (A.Ş., Турция)", "JSC (A.Ş., Türkiye)"),
        "tr_ltd": ("Ltd. Şti. (Türkiyə)", "Ltd. Şti.", "ООО (Ltd. Şti., Турция)", "Ltd. (Ltd. Şti., Türkiye)"),
        "tr_sahis": ("Şahıs firması (Türkiyə)", "Şahıs şirketi", "ИП (Турция)", "Sole trader (Türkiye)"),
        "ru_ooo": ("ООО (Rusiya)", "OOO (Rusya)", "ООО", "LLC (ООО, Russia)"),
        "ru_ao": ("АО (Rusiya)", "AO (Rusya)", "АО", "JSC (АО, Russia)"),
        "ru_ip": ("ИП (Rusiya)", "IP (Rusya)", "ИП", "Sole trader (ИП, Russia)"),
        "llc": ("LLC / Ltd.", "LLC / Ltd.", "LLC / Ltd.", "LLC / Ltd."),
        "state": ("Dövlət müəssisəsi", "Kamu işletmesi", "Государственное предприятие", "State enterprise"),
        "ngo": ("Qeyri-hökumət təşkilatı", "Sivil toplum kuruluşu", "Некоммерческая организация", "Non-profit organisation"),
    },
    "source": {
        "call": ("Zəng", "Telefon", "Звонок", "Phone call"),
        "site": ("Sayt", "Web sitesi", "Сайт", "Website"),
        "social": ("Sosial şəbəkələr", "Sosyal medya", "Социальные сети", "Social media"),
        "advertising": ("Reklam", "Reklam", "Реклама", "Advertising"),
        "recommendation": ("Tövsiyə", "Tavsiye", "Рекомендация", "Recommendation"),
        "exhibition": ("Sərgi və tədbirlər", "Fuar ve etkinlikler", "Выставки и мероприятия", "Fairs and events"),
        "partner": ("Tərəfdaş", "İş ortağı", "Партнёр", "Partner"),
        "own_search": ("Öz axtarışımız", "Kendi araştırmamız", "Собственный поиск", "Our own search"),
    },
    "lost_reason": {
        "price": ("Qiymət", "Fiyat", "Цена", "Price"),
        "competitor": ("Rəqibi seçdi", "Rakibi seçti", "Выбрал конкурента", "Chose a competitor"),
        "no_need": ("Ehtiyac qalmadı", "İhtiyaç kalmadı", "Потребность отпала", "No longer needed"),
        "no_budget": ("Büdcə yoxdur", "Bütçe yok", "Нет бюджета", "No budget"),
        "not_reached": ("Əlaqə alınmadı", "Ulaşılamadı", "Не удалось связаться", "Could not be reached"),
        "not_ours": ("Bizim profil deyil", "Bizim alanımız değil", "Не наш профиль", "Not what we offer"),
        "spam": ("Spam və ya səhv", "Spam ya da hata", "Спам или ошибка", "Spam or a mistake", "gray"),
    },
    "business_line": {
        "sales": ("Satış", "Satış", "Продажи", "Sales"),
        "service": ("Servis", "Servis", "Сервис", "Service"),
    },
    "interaction_result": {
        "agreed": ("Razılaşdıq", "Anlaştık", "Договорились", "Agreed", "green"),
        "interested": ("Maraqlanır", "İlgileniyor", "Заинтересован", "Interested", "teal"),
        "call_later": ("Sonra əlaqə saxlamaq", "Sonra aranacak", "Связаться позже", "Contact later", "yellow"),
        "answered": ("Sual cavablandırıldı", "Soru yanıtlandı", "Вопрос решён", "Question answered", "blue"),
        "not_reached": ("Əlaqə alınmadı", "Ulaşılamadı", "Не удалось связаться", "Not reached", "gray"),
        "refused": ("İmtina etdi", "Reddetti", "Отказ", "Refused", "red"),
        "wrong_number": ("Səhv nömrə", "Yanlış numara", "Ошиблись номером", "Wrong number", "gray"),
    },
}  # fmt: skip


async def seed(session: AsyncSession, at: datetime) -> None:
    """Fill the lists that never had an option."""
    known = set(await session.scalars(select(Option.list).distinct()))
    for key, options in SEEDS.items():
        if key not in known:
            session.add_all(
                _option(key, name, place, texts, at)
                for place, (name, texts) in enumerate(options.items())
            )
    await session.flush()


def _option(key: str, name: str, place: int, texts: tuple[str, ...], at: datetime) -> Option:
    az, tr, ru, en, *color = texts
    return Option(
        id=new_id(at.timestamp()), list=key, key=name, position=place, active=True, data={},
        label={"az": az, "tr": tr, "ru": ru, "en": en}, color=color[0] if color else None,
        version=1, created_at=at, updated_at=at,
    )  # fmt: skip
