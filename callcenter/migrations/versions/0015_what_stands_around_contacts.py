"""Contacts have addresses, ties to each other, and preferences; rows of any kind have tags and files."""

import sqlalchemy as sa
from alembic import op

from callcenter.migrations.kinds import ID, JSON, ascii_text, one_of

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

LANGUAGES = ("az", "tr", "ru", "en")
#: The ids of the first options: no moment of any installation gives such.
FIRST = 1
#: Key, kind of either side (None: any), what the other is to the one, and what the one is to the other.
TYPES = (
    ("works_for", "person", "company",
     ("İş yeri", "İş yeri", "Место работы", "Employer"),
     ("Əməkdaş", "Çalışan", "Сотрудник", "Employee")),
    ("subsidiary_of", "company", "company",
     ("Ana şirkət", "Ana şirket", "Головная компания", "Parent company"),
     ("Törəmə şirkət", "Bağlı şirket", "Дочерняя компания", "Subsidiary")),
    ("owns", None, "company",
     ("Sahib olduğu şirkət", "Sahibi olduğu şirket", "Принадлежащая компания", "Company owned"),
     ("Sahibi", "Sahibi", "Владелец", "Owner")),
    ("supplies", None, None,
     ("Alıcı", "Alıcı", "Покупатель", "Buyer"),
     ("Təchizatçı", "Tedarikçi", "Поставщик", "Supplier")),
    ("advises", None, None,
     ("Məsləhət verdiyi", "Danışmanlık verdiği", "Кого консультирует", "Advised"),
     ("Məsləhətçi", "Danışman", "Консультант", "Adviser")),
    ("recommended", None, None,
     ("Tövsiyə etdiyi", "Tavsiye ettiği", "Кого рекомендовал", "Recommended"),
     ("Tövsiyə edən", "Tavsiye eden", "Кто рекомендовал", "Recommended by")),
    ("partner_of", None, None,
     ("Tərəfdaş", "İş ortağı", "Партнёр", "Partner"),
     ("Tərəfdaş", "İş ortağı", "Партнёр", "Partner")),
    ("competes_with", None, None,
     ("Rəqib", "Rakip", "Конкурент", "Competitor"),
     ("Rəqib", "Rakip", "Конкурент", "Competitor")),
    ("relative_of", "person", "person",
     ("Qohum", "Akraba", "Родственник", "Relative"),
     ("Qohum", "Akraba", "Родственник", "Relative")),
    ("friend_of", "person", "person",
     ("Dost", "Arkadaş", "Друг", "Friend"),
     ("Dost", "Arkadaş", "Друг", "Friend")),
)  # fmt: skip


def upgrade() -> None:
    op.create_table(
        "address",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        _of_contact("contact_id"),
        sa.Column("kind", one_of("legal", "postal", "delivery", "home"), nullable=False),
        sa.Column("country", sa.String(2), nullable=True),
        sa.Column("region", sa.String(120), nullable=True),
        sa.Column("city", sa.String(120), nullable=True),
        sa.Column("street", sa.String(300), nullable=True),
        sa.Column("postal_code", sa.String(20), nullable=True),
        sa.Column("note", sa.String(300), nullable=True),
        sa.Column("lat", sa.Float(), nullable=True),
        sa.Column("lon", sa.Float(), nullable=True),
        _key_to_contact("address", "contact_id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_address")),
    )
    op.create_index("ix_address_contact_id", "address", ["contact_id"])
    op.create_table(
        "relationship",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        _of_contact("from_id"),
        _of_contact("to_id"),
        sa.Column("type_id", ID, nullable=False),
        sa.Column("title", sa.String(120), nullable=True),
        sa.Column("department", sa.String(120), nullable=True),
        sa.Column("strength", sa.BigInteger(), nullable=True),
        sa.Column("since", sa.Date(), nullable=True),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("is_primary", sa.Boolean(), nullable=False),
        sa.Column("note", sa.String(300), nullable=True),
        sa.CheckConstraint("strength BETWEEN 1 AND 5", name=op.f("ck_relationship_strength")),
        _key_to_contact("relationship", "from_id"),
        _key_to_contact("relationship", "to_id"),
        sa.ForeignKeyConstraint(
            ["type_id"], ["option.id"], name=op.f("fk_relationship_type_id_option")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_relationship")),
    )
    for name in ("from_id", "to_id"):
        op.create_index(f"ix_relationship_{name}", "relationship", [name])
    op.create_table(
        "preference",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        _of_contact("contact_id"),
        sa.Column("text", sa.String(500), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("by", sa.BigInteger(), nullable=True),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.Column("ended_by", sa.BigInteger(), nullable=True),
        _key_to_contact("preference", "contact_id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_preference")),
    )
    op.create_index("ix_preference_contact_id", "preference", ["contact_id", "at"])
    _types()
    _employers()
    _tags()
    _files()


def _types() -> None:
    """Offer the ways in which contacts are tied to each other."""
    texts = sa.table(
        "option", sa.column("id"), sa.column("list"), sa.column("key"),
        sa.column("label", JSON), sa.column("position"), sa.column("active", sa.Boolean()),
        sa.column("data", JSON), sa.column("version"), sa.column("created_at"),
        sa.column("updated_at"),
    )  # fmt: skip
    op.bulk_insert(
        texts,
        [
            {
                "id": FIRST + place, "list": "relationship_type", "key": key, "position": place,
                "label": dict(zip(LANGUAGES, there, strict=True)), "active": True, "version": 1,
                "data": {
                    "reverse": dict(zip(LANGUAGES, back, strict=True)), "from": from_, "to": to,
                },
                "created_at": 0, "updated_at": 0,
            }
            for place, (key, from_, to, there, back) in enumerate(TYPES)
        ],
    )  # fmt: skip


def _employers() -> None:
    """Note down whom everybody works for, as far as it is known."""
    op.execute(
        "INSERT INTO relationship (id, from_id, to_id, type_id, title, is_primary) "
        "SELECT c.id, c.id, c.company_id, 1, c.title, true FROM contact AS c "
        "JOIN contact AS k ON k.id = c.company_id"
    )


def _tags() -> None:
    op.create_table(
        "tag",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column("fold", ascii_text(120), nullable=False),
        sa.Column("color", sa.String(20), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tag")),
        sa.UniqueConstraint("fold", name=op.f("uq_tag_fold")),
    )
    op.create_table(
        "tagging",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.Column("tag_id", ID, nullable=False),
        sa.Column("entity", sa.String(40), nullable=False),
        sa.Column("entity_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tag_id"], ["tag.id"], name=op.f("fk_tagging_tag_id_tag"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tagging")),
        sa.UniqueConstraint(
            "entity", "entity_id", "tag_id", name=op.f("uq_tagging_entity_entity_id_tag_id")
        ),
    )
    op.create_index("ix_tagging_tag_id", "tagging", ["tag_id", "entity", "entity_id"])


def _files() -> None:
    op.create_table(
        "file",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.Column("entity", sa.String(40), nullable=False),
        sa.Column("entity_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", one_of("attachment", "picture"), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("mime", sa.String(100), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("created_by", sa.BigInteger(), nullable=True),
        sa.Column("deleted_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_file")),
    )
    op.create_index("ix_file_entity", "file", ["entity", "entity_id", "id"])
    op.create_index("ix_file_sha256", "file", ["sha256"])
    number = "INTEGER" if op.get_bind().dialect.name == "sqlite" else "BIGINT"
    op.execute(
        f"ALTER TABLE contact ADD COLUMN photo_id {number} "
        "CONSTRAINT fk_contact_photo_id_file REFERENCES file (id)"
    )


def _of_contact(name: str) -> sa.Column:
    return sa.Column(name, ID, nullable=False)


def _key_to_contact(table: str, name: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [name], ["contact.id"], name=op.f(f"fk_{table}_{name}_contact"), ondelete="CASCADE"
    )
