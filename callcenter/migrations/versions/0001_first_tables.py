"""First tables."""

import sqlalchemy as sa
from alembic import op

from callcenter.migrations.kinds import ID, JSON, ascii_text, one_of

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "audit",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column(
            "actor_kind",
            one_of("user", "automation", "api", "pbx", "import", "system"),
            nullable=False,
        ),
        sa.Column("actor_id", sa.BigInteger(), nullable=True),
        sa.Column("entity", sa.String(length=40), nullable=False),
        sa.Column("entity_id", sa.BigInteger(), nullable=True),
        sa.Column("contact_id", sa.BigInteger(), nullable=True),
        sa.Column("action", sa.String(length=40), nullable=False),
        sa.Column("diff", JSON, nullable=False),
        sa.Column("notable", sa.Boolean(), nullable=False),
        sa.Column("request_id", sa.String(length=40), nullable=True),
        sa.Column("once", sa.String(length=40), nullable=True),
        sa.Column("ip", sa.String(length=45), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit")),
        sa.UniqueConstraint("once", name=op.f("uq_audit_once")),
    )
    op.create_index("ix_audit_contact_id", "audit", ["contact_id", "id"], unique=False)
    op.create_index("ix_audit_entity", "audit", ["entity", "entity_id", "id"], unique=False)
    op.create_table(
        "pbx",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("host", sa.String(length=254), nullable=False),
        sa.Column("port", sa.BigInteger(), nullable=False),
        sa.Column("tls", sa.Boolean(), nullable=False),
        sa.Column("username", sa.String(length=80), nullable=False),
        sa.Column("secret_ref", sa.String(length=300), nullable=False),
        sa.Column("trunks", JSON, nullable=False),
        sa.Column("region", sa.String(length=2), nullable=False),
        sa.Column("time_zone", sa.String(length=64), nullable=False),
        sa.Column("dial_context", sa.String(length=80), nullable=False),
        sa.Column("dial_format", one_of("national", "e164"), nullable=False),
        sa.Column("dial_prefix", sa.String(length=16), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("deleted_at", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("created_by", sa.BigInteger(), nullable=True),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_by", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pbx")),
        sa.UniqueConstraint("name", name=op.f("uq_pbx_name")),
    )
    op.create_table(
        "role",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.Column("key", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("grants", JSON, nullable=False),
        sa.Column("flags", JSON, nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("deleted_at", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("created_by", sa.BigInteger(), nullable=True),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_by", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_role")),
        sa.UniqueConstraint("key", name=op.f("uq_role_key")),
    )
    op.create_table(
        "setting",
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("value", JSON, nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_by", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_setting")),
    )
    op.create_table(
        "team",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("parent_id", ID, nullable=True),
        sa.Column("head_id", sa.BigInteger(), nullable=True),
        sa.Column("calendar", JSON, nullable=False),
        sa.Column("queue_names", JSON, nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("deleted_at", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("created_by", sa.BigInteger(), nullable=True),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_by", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["parent_id"], ["team.id"], name=op.f("fk_team_parent_id_team")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_team")),
        sa.UniqueConstraint("name", name=op.f("uq_team_name")),
    )
    op.create_table(
        "gap",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.Column("pbx_id", ID, nullable=False),
        sa.Column("epoch", sa.BigInteger(), nullable=False),
        sa.Column("from_at", sa.BigInteger(), nullable=False),
        sa.Column("to_at", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("recovered", JSON, nullable=False),
        sa.ForeignKeyConstraint(["pbx_id"], ["pbx.id"], name=op.f("fk_gap_pbx_id_pbx")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gap")),
    )
    op.create_index("ix_gap_pbx_id_from_at", "gap", ["pbx_id", "from_at"], unique=False)
    op.create_table(
        "user",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.Column("login", sa.String(length=80), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=True),
        sa.Column("password_hash", sa.String(length=200), nullable=True),
        sa.Column("password_expired", sa.Boolean(), nullable=False),
        sa.Column("role_id", ID, nullable=False),
        sa.Column("team_id", ID, nullable=True),
        sa.Column("locale", one_of("az", "tr", "ru", "en"), nullable=True),
        sa.Column("time_zone", sa.String(length=64), nullable=True),
        sa.Column("theme", one_of("auto", "light", "dark"), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("deleted_at", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("created_by", sa.BigInteger(), nullable=True),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_by", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["role_id"], ["role.id"], name=op.f("fk_user_role_id_role")),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"], name=op.f("fk_user_team_id_team")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_user")),
        sa.UniqueConstraint("login", name=op.f("uq_user_login")),
    )
    op.create_table(
        "agent_state",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.Column("user_id", ID, nullable=False),
        sa.Column(
            "state",
            one_of(
                "ready", "paused", "ringing", "talking", "hold", "wrap-up", "not-responding", "off"
            ),
            nullable=False,
        ),
        sa.Column("reason", sa.String(length=80), nullable=True),
        sa.Column("from_at", sa.BigInteger(), nullable=False),
        sa.Column("to_at", sa.BigInteger(), nullable=True),
        sa.Column("until_at", sa.BigInteger(), nullable=True),
        sa.Column("call_id", sa.BigInteger(), nullable=True),
        sa.Column("cause", JSON, nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_agent_state_user_id_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agent_state")),
    )
    op.create_index(
        "ix_agent_state_user_id_from_at", "agent_state", ["user_id", "from_at"], unique=False
    )
    op.create_index(
        "uq_agent_state_now",
        "agent_state",
        ["user_id"],
        unique=True,
        sqlite_where=sa.text("to_at IS NULL"),
        postgresql_where=sa.text("to_at IS NULL"),
    )
    op.create_table(
        "contact",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.Column("kind", one_of("person", "company"), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("given_name", sa.String(length=80), nullable=True),
        sa.Column("family_name", sa.String(length=80), nullable=True),
        sa.Column("company_id", ID, nullable=True),
        sa.Column("title", sa.String(length=120), nullable=True),
        sa.Column("language", one_of("az", "tr", "ru", "en"), nullable=True),
        sa.Column("country", sa.String(length=2), nullable=True),
        sa.Column("city", sa.String(length=120), nullable=True),
        sa.Column("time_zone", sa.String(length=64), nullable=True),
        sa.Column("birthday", sa.Date(), nullable=True),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("owner_id", ID, nullable=True),
        sa.Column("team_id", ID, nullable=True),
        sa.Column("last_contact_at", sa.BigInteger(), nullable=True),
        sa.Column("fold", ascii_text(400), nullable=False),
        sa.Column("custom", JSON, nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("deleted_at", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("created_by", sa.BigInteger(), nullable=True),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_by", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["company_id"], ["contact.id"], name=op.f("fk_contact_company_id_contact")
        ),
        sa.ForeignKeyConstraint(["owner_id"], ["user.id"], name=op.f("fk_contact_owner_id_user")),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"], name=op.f("fk_contact_team_id_team")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact")),
    )
    op.create_index("ix_contact_company_id", "contact", ["company_id"], unique=False)
    op.create_index(
        "ix_contact_fold",
        "contact",
        ["fold", "id"],
        unique=False,
        sqlite_where=sa.text("deleted_at IS NULL"),
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.create_index("ix_contact_owner_id", "contact", ["owner_id"], unique=False)
    op.create_index(
        "ix_contact_updated_at",
        "contact",
        ["updated_at", "id"],
        unique=False,
        sqlite_where=sa.text("deleted_at IS NULL"),
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.create_table(
        "device",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.Column("user_id", ID, nullable=False),
        sa.Column("pbx_id", ID, nullable=False),
        sa.Column("endpoint", sa.String(length=120), nullable=False),
        sa.Column("extension", sa.String(length=40), nullable=True),
        sa.Column("kind", one_of("desk", "softphone", "mobile", "external"), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("from_at", sa.BigInteger(), nullable=False),
        sa.Column("to_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["pbx_id"], ["pbx.id"], name=op.f("fk_device_pbx_id_pbx")),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_device_user_id_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_device")),
    )
    op.create_index("ix_device_user_id", "device", ["user_id"], unique=False)
    op.create_index(
        "uq_device_endpoint_now",
        "device",
        ["pbx_id", "endpoint"],
        unique=True,
        sqlite_where=sa.text("to_at IS NULL"),
        postgresql_where=sa.text("to_at IS NULL"),
    )
    op.create_table(
        "interaction",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.Column(
            "kind",
            one_of("call", "meeting", "visit", "email", "sms", "chat", "note", "task"),
            nullable=False,
        ),
        sa.Column("direction", one_of("in", "out"), nullable=True),
        sa.Column(
            "status", one_of("planned", "live", "held", "missed", "cancelled"), nullable=False
        ),
        sa.Column("subject", sa.String(length=300), nullable=True),
        sa.Column("body", sa.Text(), nullable=True),
        sa.Column("start_at", sa.BigInteger(), nullable=False),
        sa.Column("end_at", sa.BigInteger(), nullable=True),
        sa.Column("owner_id", ID, nullable=True),
        sa.Column("team_id", ID, nullable=True),
        sa.Column("custom", JSON, nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("deleted_at", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("created_by", sa.BigInteger(), nullable=True),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_by", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["user.id"], name=op.f("fk_interaction_owner_id_user")
        ),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"], name=op.f("fk_interaction_team_id_team")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_interaction")),
    )
    op.create_index(
        "ix_interaction_owner_id_start_at", "interaction", ["owner_id", "start_at"], unique=False
    )
    op.create_index("ix_interaction_start_at", "interaction", ["start_at", "id"], unique=False)
    op.create_table(
        "token",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.Column("user_id", ID, nullable=False),
        sa.Column("kind", one_of("session", "api", "reset"), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=True),
        sa.Column("hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("scopes", JSON, nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=True),
        sa.Column("last_used_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_token_user_id_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_token")),
        sa.UniqueConstraint("hash", name=op.f("uq_token_hash")),
    )
    op.create_index("ix_token_user_id", "token", ["user_id"], unique=False)
    op.create_table(
        "call",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.Column("interaction_id", ID, nullable=True),
        sa.Column("merged_into_id", ID, nullable=True),
        sa.Column("pbx_id", ID, nullable=False),
        sa.Column("first_uniqueid", sa.String(length=150), nullable=False),
        sa.Column("direction", one_of("inbound", "outbound", "internal"), nullable=True),
        sa.Column("origin", one_of("trunk", "phone", "click-to-call"), nullable=False),
        sa.Column("dialed_number", sa.String(length=80), nullable=True),
        sa.Column("trunk", sa.String(length=120), nullable=True),
        sa.Column("customer_number", sa.String(length=80), nullable=True),
        sa.Column("customer_norm", sa.String(length=80), nullable=True),
        sa.Column("customer_rev", ascii_text(80), nullable=True),
        sa.Column("customer_name", sa.String(length=200), nullable=True),
        sa.Column("withheld", sa.Boolean(), nullable=False),
        sa.Column("owner_id", ID, nullable=True),
        sa.Column("ring_at", sa.BigInteger(), nullable=False),
        sa.Column("answer_at", sa.BigInteger(), nullable=True),
        sa.Column("end_at", sa.BigInteger(), nullable=True),
        sa.Column("wait_ms", sa.BigInteger(), nullable=True),
        sa.Column("talk_ms", sa.BigInteger(), nullable=True),
        sa.Column("hold_ms", sa.BigInteger(), nullable=True),
        sa.Column(
            "result",
            one_of(
                "answered", "abandoned", "voicemail", "busy", "no-answer", "cancelled", "failed"
            ),
            nullable=True,
        ),
        sa.Column("ended_by", one_of("customer", "agent", "external", "system"), nullable=True),
        sa.Column("hangup_cause", sa.BigInteger(), nullable=True),
        sa.Column("ivr_digits", sa.String(length=80), nullable=True),
        sa.Column("intent_id", sa.String(length=64), nullable=True),
        sa.Column("pbx_state", JSON, nullable=True),
        sa.Column("inferred", JSON, nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["interaction_id"], ["interaction.id"], name=op.f("fk_call_interaction_id_interaction")
        ),
        sa.ForeignKeyConstraint(
            ["merged_into_id"], ["call.id"], name=op.f("fk_call_merged_into_id_call")
        ),
        sa.ForeignKeyConstraint(["owner_id"], ["user.id"], name=op.f("fk_call_owner_id_user")),
        sa.ForeignKeyConstraint(["pbx_id"], ["pbx.id"], name=op.f("fk_call_pbx_id_pbx")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_call")),
    )
    op.create_index("ix_call_customer_norm", "call", ["customer_norm", "ring_at"], unique=False)
    op.create_index("ix_call_customer_rev", "call", ["customer_rev", "ring_at"], unique=False)
    op.create_index("ix_call_interaction_id", "call", ["interaction_id"], unique=False)
    op.create_index("ix_call_owner_id_ring_at", "call", ["owner_id", "ring_at"], unique=False)
    op.create_index("ix_call_result_ring_at", "call", ["result", "ring_at"], unique=False)
    op.create_index("ix_call_ring_at", "call", ["ring_at", "id"], unique=False)
    op.create_index(
        "ix_call_unfinished",
        "call",
        ["pbx_id", "ring_at"],
        unique=False,
        sqlite_where=sa.text("end_at IS NULL OR pbx_state IS NOT NULL"),
        postgresql_where=sa.text("end_at IS NULL OR pbx_state IS NOT NULL"),
    )
    op.create_index("uq_call_natural", "call", ["pbx_id", "first_uniqueid"], unique=True)
    op.create_table(
        "call_intent",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("user_id", ID, nullable=False),
        sa.Column("pbx_id", ID, nullable=False),
        sa.Column("device_id", ID, nullable=True),
        sa.Column("contact_id", ID, nullable=True),
        sa.Column("number", sa.String(length=80), nullable=False),
        sa.Column("channel_id", sa.String(length=64), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column(
            "status", one_of("asked", "placed", "refused", "unknown", "done"), nullable=False
        ),
        sa.Column("problem", sa.String(length=60), nullable=True),
        sa.Column("call_id", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["contact_id"], ["contact.id"], name=op.f("fk_call_intent_contact_id_contact")
        ),
        sa.ForeignKeyConstraint(
            ["device_id"], ["device.id"], name=op.f("fk_call_intent_device_id_device")
        ),
        sa.ForeignKeyConstraint(["pbx_id"], ["pbx.id"], name=op.f("fk_call_intent_pbx_id_pbx")),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_call_intent_user_id_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_call_intent")),
        sa.UniqueConstraint("channel_id", name=op.f("uq_call_intent_channel_id")),
    )
    op.create_index("ix_call_intent_user_id_at", "call_intent", ["user_id", "at"], unique=False)
    op.create_table(
        "contact_point",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.Column("contact_id", ID, nullable=False),
        sa.Column(
            "kind", one_of("phone", "email", "telegram", "whatsapp", "viber", "url"), nullable=False
        ),
        sa.Column("value", sa.String(length=254), nullable=False),
        sa.Column("norm", ascii_text(254), nullable=False),
        sa.Column("rev", ascii_text(32), nullable=True),
        sa.Column("ext", sa.String(length=16), nullable=False),
        sa.Column("label", one_of("mobile", "work", "home", "fax", "main", "other"), nullable=True),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("country", sa.String(length=2), nullable=True),
        sa.Column("valid", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["contact_id"],
            ["contact.id"],
            name=op.f("fk_contact_point_contact_id_contact"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact_point")),
    )
    op.create_index("ix_contact_point_norm", "contact_point", ["norm", "contact_id"], unique=False)
    op.create_index(
        "ix_contact_point_rev",
        "contact_point",
        ["rev", "contact_id"],
        unique=False,
        sqlite_where=sa.text("kind = 'phone'"),
        postgresql_where=sa.text("kind = 'phone'"),
    )
    op.create_index(
        "uq_contact_point", "contact_point", ["contact_id", "kind", "norm", "ext"], unique=True
    )
    op.create_table(
        "participant",
        sa.Column("interaction_id", ID, autoincrement=False, nullable=False),
        sa.Column(
            "role", one_of("from", "to", "cc", "attendee", "agent", "company"), nullable=False
        ),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("contact_id", ID, nullable=True),
        sa.Column("user_id", ID, nullable=True),
        sa.Column("text", sa.String(length=200), nullable=True),
        sa.Column("point", ascii_text(254), nullable=True),
        sa.Column("certainty", one_of("known", "maybe", "chosen"), nullable=True),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["contact_id"], ["contact.id"], name=op.f("fk_participant_contact_id_contact")
        ),
        sa.ForeignKeyConstraint(
            ["interaction_id"],
            ["interaction.id"],
            name=op.f("fk_participant_interaction_id_interaction"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_participant_user_id_user")),
        sa.PrimaryKeyConstraint("interaction_id", "role", "seq", name=op.f("pk_participant")),
    )
    op.create_index(
        "ix_participant_contact",
        "participant",
        ["contact_id", "at", "interaction_id"],
        unique=False,
    )
    op.create_index("ix_participant_point", "participant", ["point"], unique=False)
    op.create_table(
        "call_alias",
        sa.Column("pbx_id", ID, nullable=False),
        sa.Column("alias", sa.String(length=150), nullable=False),
        sa.Column("call_id", ID, nullable=False),
        sa.ForeignKeyConstraint(["call_id"], ["call.id"], name=op.f("fk_call_alias_call_id_call")),
        sa.ForeignKeyConstraint(["pbx_id"], ["pbx.id"], name=op.f("fk_call_alias_pbx_id_pbx")),
        sa.PrimaryKeyConstraint("pbx_id", "alias", name=op.f("pk_call_alias")),
    )
    op.create_index(op.f("ix_call_alias_call_id"), "call_alias", ["call_id"], unique=False)
    op.create_table(
        "call_leg",
        sa.Column("call_id", ID, nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("uniqueid", sa.String(length=150), nullable=False),
        sa.Column("party", one_of("agent", "customer", "external", "internal"), nullable=False),
        sa.Column("user_id", ID, nullable=True),
        sa.Column("endpoint", sa.String(length=120), nullable=False),
        sa.Column("number", sa.String(length=80), nullable=True),
        sa.Column("visit", sa.BigInteger(), nullable=True),
        sa.Column("ring_at", sa.BigInteger(), nullable=True),
        sa.Column("answer_at", sa.BigInteger(), nullable=True),
        sa.Column("end_at", sa.BigInteger(), nullable=True),
        sa.Column(
            "result",
            one_of(
                "answered",
                "noanswer",
                "cancelled",
                "busy",
                "declined",
                "forwarded",
                "unanswered",
                "unreachable",
            ),
            nullable=True,
        ),
        sa.Column("talk_ms", sa.BigInteger(), nullable=False),
        sa.Column("hold_ms", sa.BigInteger(), nullable=False),
        sa.Column("consult_ms", sa.BigInteger(), nullable=False),
        sa.Column(
            "how_in",
            one_of("ring", "dial", "transfer", "pickup", "unpark", "conference"),
            nullable=False,
        ),
        sa.Column(
            "how_out", one_of("hangup", "transfer", "park", "redirect", "lost"), nullable=True
        ),
        sa.ForeignKeyConstraint(["call_id"], ["call.id"], name=op.f("fk_call_leg_call_id_call")),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_call_leg_user_id_user")),
        sa.PrimaryKeyConstraint("call_id", "seq", name=op.f("pk_call_leg")),
    )
    op.create_index("ix_call_leg_user_id_ring_at", "call_leg", ["user_id", "ring_at"], unique=False)
    op.create_table(
        "queue_visit",
        sa.Column("call_id", ID, nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("queue", sa.String(length=120), nullable=False),
        sa.Column("joined_at", sa.BigInteger(), nullable=False),
        sa.Column("left_at", sa.BigInteger(), nullable=True),
        sa.Column("position", sa.BigInteger(), nullable=True),
        sa.Column(
            "ended",
            one_of(
                "answered", "abandoned", "timeout", "key", "empty", "full", "transferred", "unknown"
            ),
            nullable=True,
        ),
        sa.ForeignKeyConstraint(["call_id"], ["call.id"], name=op.f("fk_queue_visit_call_id_call")),
        sa.PrimaryKeyConstraint("call_id", "seq", name=op.f("pk_queue_visit")),
    )
    op.create_index(
        "ix_queue_visit_queue_joined_at", "queue_visit", ["queue", "joined_at"], unique=False
    )
