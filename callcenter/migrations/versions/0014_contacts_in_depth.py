"""Contacts have legal details, roles, a life cycle; numbers are verified, invalid or not wanted.

Columns with a reference or a closed list are written out: Alembic would copy the table on SQLite,
and with it lose its triggers and what refers to it.
"""

import sqlalchemy as sa
from alembic import op

from callcenter.migrations.kinds import ascii_text

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

LIVE = sa.text("deleted_at IS NULL")
PLAIN = (
    ("middle_name", sa.String(80)), ("salutation", sa.String(40)), ("legal_name", sa.String(300)),
    ("short_name", sa.String(120)), ("tax_id", ascii_text(20)), ("registration_no", ascii_text(40)),
    ("bank_name", sa.String(200)), ("bank_code", sa.String(20)), ("bank_account", sa.String(40)),
    ("customer_since", sa.Date()), ("region", sa.String(120)), ("next_action_at", sa.BigInteger()),
    ("do_not_contact_at", sa.BigInteger()), ("do_not_contact_reason", sa.String(200)),
    ("unreliable_at", sa.BigInteger()), ("unreliable_reason", sa.String(300)),
    ("external_id", ascii_text(80)),
)  # fmt: skip
ROLES = ("is_customer", "is_supplier", "is_competitor", "is_carrier", "is_dealer")
OPTIONS = ("legal_form_id", "industry_id", "size_id", "source_id")
CLOSED = (
    ("contact", "gender", ("female", "male")),
    (
        "contact", "tax_kind",
        ("az_voen", "tr_vkn", "tr_tckn", "ru_inn", "ru_ogrn", "ge_id", "kz_bin", "uz_stir", "other"),
    ),
    ("contact", "lifecycle", ("new", "prospect", "customer", "former")),
    ("contact_point", "opt_out_channel", ("all", "calls", "messages", "mailings")),
)  # fmt: skip


def upgrade() -> None:
    for name, kind in PLAIN:
        op.add_column("contact", sa.Column(name, kind, nullable=True))
    for name in ROLES:
        op.add_column(
            "contact", sa.Column(name, sa.Boolean(), server_default=sa.false(), nullable=False)
        )
    for name in ("verified_at", "invalid_at", "opted_out_at"):
        op.add_column("contact_point", sa.Column(name, sa.BigInteger(), nullable=True))
    number = "INTEGER" if op.get_bind().dialect.name == "sqlite" else "BIGINT"
    for name in OPTIONS:
        op.execute(
            f"ALTER TABLE contact ADD COLUMN {name} {number} "
            f"CONSTRAINT fk_contact_{name}_option REFERENCES option (id)"
        )
    for table, name, words in CLOSED:
        op.execute(
            f"ALTER TABLE {table} ADD COLUMN {name} VARCHAR(24) "
            f"CONSTRAINT ck_{table}_{name} CHECK ({name} IN {words})"
        )
    for name in ("created_at", "last_contact_at", "next_action_at"):
        op.create_index(
            f"ix_contact_{name}", "contact", [name, "id"], sqlite_where=LIVE, postgresql_where=LIVE
        )
    for name in ("tax_id", "registration_no", "external_id"):
        op.create_index(f"ix_contact_{name}", "contact", [name])
