"""What somebody is told of why two contacts may be one."""

from collections.abc import Iterable, Mapping
from typing import Final

from callcenter.crm.duplicates.score import SHARED, Reason
from callcenter.interactions import covering
from callcenter.server.identity import Identity

#: By which field each reason is covered; a name is covered from nobody.
_FIELDS: Final[Mapping[str, str]] = {
    "tax-id": "tax_id", "registration-no": "registration_no", "birthday": "birthday",
    "employer": "company_id", "city": "city", "other-tax-id": "tax_id",
    "other-branch": "branch_code",
    "other-birthday": "birthday", "other-country": "country", "phone": "phone", "email": "email",
    "messenger": "telegram",
}  # fmt: skip


def readable(reasons: Iterable[Reason], who: Identity) -> tuple[Reason, ...]:
    """Return the reasons without what the role covers: what is the same, would tell what it is.

    That a number or an address is the same is told; whoever types it knows it.
    """
    told = (
        (reason, covering.level(_FIELDS.get(reason.code, ""), who) in ("hidden", "masked"))
        for reason in reasons
    )
    return tuple(
        Reason(reason.code) if is_covered else reason
        for reason, is_covered in told
        if not is_covered or reason.code in SHARED
    )
