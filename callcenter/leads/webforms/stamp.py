"""The stamp in a form: when it was shown, signed, so that nobody can make one of their own.

A form that is sent too quickly, too late or without a stamp is confirmed once more on a page of
ours. People never notice; a machine that only knows the address gets no further.
"""

import hmac
from typing import Final, Literal

#: Nobody fills a form in faster.
LEAST_S: Final = 2.0
#: A page that stood open for longer has to be sent again.
MOST_S: Final = 24 * 3600.0

Verdict = Literal["fine", "early", "old", "foreign"]


def stamped(secret: str, at: float) -> str:
    """Return the stamp of a form that is shown at `at` (epoch seconds)."""
    moment = f"{at:.0f}"
    return f"{moment}.{_signed(secret, moment)}"


def judged(secret: str, stamp: str, at: float) -> Verdict:
    """Tell what to think of a form that came back with `stamp` at `at`."""
    moment, _, signature = stamp.partition(".")
    is_ours = hmac.compare_digest(_signed(secret, moment).encode(), signature.encode())
    if not is_ours or not moment.isascii() or not moment.isdecimal():
        return "foreign"
    age = at - int(moment)
    if age < LEAST_S:
        return "early"
    return "old" if age > MOST_S else "fine"


def _signed(secret: str, moment: str) -> str:
    return hmac.new(secret.encode(), moment.encode(), "sha256").hexdigest()[:32]
