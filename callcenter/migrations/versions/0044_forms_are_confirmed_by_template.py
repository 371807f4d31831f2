"""A form on a site may be confirmed by a template of letters."""

import sqlalchemy as sa
from alembic import op

from callcenter.migrations.kinds import ID

revision = "0044"
down_revision = "0043"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("web_form") as batch:
        batch.add_column(sa.Column("template_id", ID))
        batch.create_foreign_key(
            op.f("fk_web_form_template_id_template"), "template", ["template_id"], ["id"]
        )
