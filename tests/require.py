"""What a test run needs besides Python, and what happens when it is not there.

A laptop without Asterisk skips the tests that need one and says so. A machine that must prove
everything names its parts, `CALLCENTER_REQUIRE=asterisk,postgres,browser,mail`, and there a missing
part is a failure: no test can be lost without anybody noticing.
"""

import os
from typing import NoReturn

import pytest

PARTS = frozenset({"asterisk", "asterisk16", "postgres", "redis", "browser", "mail"})


def required() -> frozenset[str]:
    """Return the parts this run must have; a misspelt one is refused, not ignored."""
    named = {part.strip() for part in os.environ.get("CALLCENTER_REQUIRE", "").split(",")} - {""}
    if unknown := named - PARTS:
        raise pytest.UsageError(
            f"CALLCENTER_REQUIRE names {', '.join(sorted(unknown))}; "
            f"the parts are {', '.join(sorted(PARTS))}."
        )
    return frozenset(named)


def missing(part: str, reason: str) -> NoReturn:
    """End the running test because `part` is not there: failed if required, else skipped."""
    if part in required():
        pytest.fail(f"{part} is required (CALLCENTER_REQUIRE), but {reason}", pytrace=False)
    pytest.skip(f"needs {part}: {reason}")
