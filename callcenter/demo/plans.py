"""What the demo's people have planned with customers, and what came of what they had."""

import random
from datetime import datetime, time, timedelta
from typing import Any, Final, NamedTuple
from zoneinfo import ZoneInfo

from callcenter.db import new_id
from callcenter.demo import past

#: (kind, subject, what is written down, what came of it)
PLANNED = (
    ("meeting", "Yeni müqavilə: qiymətlər", "Siyahını və iki nümunəni götür.", None),
    ("call", "Teklif hakkında karar", "Öğleden sonra ara.", None),
    ("task", "Göndərmə sənədlərini hazırla", None, None),
    ("visit", "Осмотр склада", "Пропуск заказан на двоих.", None),
    ("task", "Ответить на вопрос о гарантии", None, None),
    ("meeting", "Rüblük görüş", "Keçən rübün sifarişlərini göstər.", None),
)
HELD = (
    ("meeting", "Tanışlıq görüşü", "Anbarı göstərdik.", "Avqustda 200 ədəd istəyir"),
    ("email", "Re: Fiyat teklifi", "İki modelin fiyatını sordu.", None),
    ("visit", "Визит в офис", "Познакомились с новым закупщиком.", "Просит отсрочку 30 дней"),
    ("note", "Qapı kodu 4417, arxa girişdən", None, None),
    ("sms", "Çatdırılma sabah 10:00", None, None),
)
#: What each agent has today, at which hour of the office: (hour, minute, kind, subject, what came of it).
TODAY = (
    (9, 30, "meeting", "Sifarişin vaxtı və çatdırılma", "Cümə günü gözləyir"),
    (10, 45, "visit", "Показ нового склада", "Приедет ещё раз с инженером"),
    (13, 0, "task", "İndirim teklifini hazırla", "Gönderildi"),
    (15, 15, "meeting", "Nümunələrin təqdimatı", "İki model seçdi"),
    (17, 0, "task", "Отправить договор на подпись", "Подписан"),
)
#: Whom each agent still has to call today, in minutes from now; the first should have been called.
CALLS = (
    (-150, "Оплата счёта за октябрь"),
    (20, "Yeni sezon siparişi"),
    (45, "Zəmanət üzrə geri zəng"),
    (80, "Планы на следующую неделю"),
    (125, "Son sifarişin təsdiqi"),
)
ZONE: Final = ZoneInfo("Asia/Baku")

#: How far from now each planned one is, in hours; two are overdue.
AHEAD_H = (-26, -2, 1, 4, 22, 27, 51, 98, 170)


class Told(NamedTuple):
    """One made-up interaction."""

    kind: str
    subject: str
    body: str | None
    outcome: str | None


def rows(
    customers: list[past.Customer], agents: list[past.Agent], now: datetime, seed: int = 1
) -> past.Rows:
    """Return {table: rows}: a chain with several customers, and what each agent has to do."""
    dice = random.Random(seed)
    made: past.Rows = {"interaction": [], "participant": []}
    half_hour = now.replace(minute=0 if now.minute < 30 else 30, second=0, microsecond=0)
    for place, agent in enumerate(agents):
        for hours in AHEAD_H[place % 2 :: 2]:
            told = Told(*dice.choice(PLANNED))
            at = half_hour + timedelta(hours=hours)
            _add(made, told, "planned", at, dice.choice(customers[:40]), agent, now)
    _todays(made, customers, agents, now, random.Random(seed))
    for place, customer in enumerate(customers[:12]):
        first = None
        days_ago = sorted((dice.uniform(1, 12) for _ in range(2)), reverse=True)
        for days, one in zip(days_ago, dice.sample(HELD, 2), strict=True):
            told = Told(*one)
            at, agent = now - timedelta(days=days), dice.choice(agents)
            is_pinned = first is None and place % 3 == 0
            row = _add(made, told, "held", at, customer, agent, now, is_pinned=is_pinned)
            row["thread_id"] = first = first or row["id"]
    return made


def _todays(
    made: past.Rows,
    customers: list[past.Customer],
    agents: list[past.Agent],
    now: datetime,
    dice: random.Random,
) -> None:
    """Fill the day: what has passed was done, but for a call; the rest is to come."""
    today = now.astimezone(ZONE).date()
    for agent in agents:
        for hour, minute, kind, subject, outcome in TODAY:
            at = datetime.combine(today, time(hour, minute), ZONE).astimezone(now.tzinfo)
            is_done = at < now
            told = Told(kind, subject, None, outcome if is_done else None)
            status = "held" if is_done else "planned"
            _add(made, told, status, at, dice.choice(customers[:60]), agent, now)
        for minutes, subject in CALLS:
            at = (now + timedelta(minutes=minutes)).replace(second=0, microsecond=0)
            if at.astimezone(ZONE).date() == today:
                told = Told("call", subject, None, None)
                _add(made, told, "planned", at, dice.choice(customers[:60]), agent, now)


def _add(
    made: past.Rows,
    told: Told,
    status: str,
    at: datetime,
    customer: past.Customer,
    agent: past.Agent,
    now: datetime,
    *,
    is_pinned: bool = False,
) -> dict[str, Any]:
    # A plan was written down the day before it, or yesterday; what was held, when it was held.
    written = at if status == "held" else min(at, now) - timedelta(days=1)
    has_end = told.kind in ("meeting", "visit")
    row = {
        "id": new_id(at.timestamp()), "kind": told.kind, "status": status, "subject": told.subject,
        "direction": "in" if told.kind in ("email", "sms") else None, "body": told.body,
        "result_note": told.outcome, "start_at": at, "due_at": at, "thread_id": None,
        "end_at": at + timedelta(minutes=45) if has_end else None, "owner_id": agent.user_id,
        "team_id": None, "custom": {}, "priority": "normal", "pinned": is_pinned, "all_day": False,
        "revision": 0, "version": 1, "deleted_at": None, "created_at": written, "created_by": None,
        "updated_at": written, "updated_by": None,
    }  # fmt: skip
    made["interaction"].append(row)
    role = "from" if told.kind in ("email", "sms") else "attendee"
    taking: list[tuple[str, int | None, int | None]] = [(role, customer.contact_id, None)]
    if customer.company_id is not None:
        taking.append(("company", customer.company_id, None))
    if has_end:
        taking.append(("attendee", None, agent.user_id))
    for seq, (part, contact_id, user_id) in enumerate(taking):
        made["participant"].append(
            {
                "interaction_id": row["id"], "role": part, "seq": seq, "contact_id": contact_id,
                "user_id": user_id, "text": None, "point": None, "at": at,
                "certainty": "chosen" if role == part and contact_id else None,
                "pinned": is_pinned,
            }
        )  # fmt: skip
    return row
