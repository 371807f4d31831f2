"""What a person may be told when something cannot be done.

Every refusal that reaches a person is a `Problem`: a stable code for machines,
an HTTP status, a sentence that says what happened, and the next step. Sentences
are gettext message ids; `server.errors` translates them at the edge, so nothing
below needs to know the reader's language.
"""

from collections.abc import Mapping
from typing import ClassVar, Self


def _(message: str) -> str:
    """Mark `message` for translation; it is translated where it is shown."""
    return message


class Sentence(str):
    """A message id together with what fills its `{name}` fields, all translated where it is shown.

    A value is a text or a number as it is, another Sentence, a tuple of them (told one after the
    other), or one text per language: {"az": "...", "en": "..."}.
    """

    __slots__ = ("values",)

    values: Mapping[str, object]

    def __new__(cls, message: str, **values: object) -> Self:
        self = super().__new__(cls, message)
        self.values = values
        return self


class Problem(Exception):
    """Something a person asked for and cannot have.

    `sentence` is a message id with `{name}` fields; `values` fills them, after translation.
    """

    code: ClassVar[str] = "problem"
    status: ClassVar[int] = 400
    sentence: ClassVar[str] = ""

    def __init__(self, **values: object) -> None:
        self.values = values
        super().__init__(self.sentence.format(**values))


class NotSignedIn(Problem):
    code = "not-signed-in"
    status = 401
    sentence = _("Your session has ended. Sign in again; nothing you saved is lost.")


class PasswordExpired(Problem):
    code = "password-expired"
    status = 403
    sentence = _("Your password must be changed before you go on. Choose a new one.")


class WrongCredentials(Problem):
    code = "wrong-credentials"
    status = 401
    sentence = _(
        "Login or password is wrong. Check both, or ask an administrator for a new password."
    )


class ResetLinkUsed(Problem):
    code = "reset-link-used"
    status = 410
    sentence = _("This link has been used or is too old. Ask for a new one.")


class LastAdministrator(Problem):
    code = "last-administrator"
    status = 409
    sentence = _(
        "{name} is the only administrator left. Make somebody else an administrator first."
    )


class TooManyAttempts(Problem):
    code = "too-many-attempts"
    status = 429
    sentence = _("Too many attempts. Wait {wait_s} seconds and try again.")


class TooManyRequests(TooManyAttempts):
    """An API token asked more often than it may."""

    code = "too-many-requests"
    sentence = _("This token asks too often. Wait {wait_s} seconds and go on more slowly.")


class NotAllowed(Problem):
    code = "not-allowed"
    status = 403
    sentence = _("Your role does not allow this. Ask an administrator if you need it.")


class OutOfScope(Problem):
    code = "out-of-scope"
    status = 403
    sentence = _(
        "This token may not do that: it lacks the scope {scope}. Make one that has it, as far as the "
        "role of its person allows."
    )


class ForeignOrigin(Problem):
    code = "foreign-origin"
    status = 403
    sentence = _(
        "This request did not come from a page of this installation. Reload the page and try again."
    )


class NotFound(Problem):
    code = "not-found"
    status = 404
    sentence = _("There is nothing here. It may have been deleted, or the address is wrong.")


class ModuleOff(Problem):
    code = "module-off"
    status = 404
    sentence = _(
        "This part is switched off in your company. What is in it is kept; an administrator can switch "
        "it on under Administration → Modules."
    )


class MethodNotAllowed(Problem):
    code = "method-not-allowed"
    status = 405
    sentence = _("This address does not take such a request. The Allow header names what it takes.")


class TooLarge(Problem):
    code = "too-large"
    status = 413
    sentence = _("This is more than can be taken at once. Send less.")


class NotUnderstood(Problem):
    code = "not-understood"
    status = 400
    sentence = _("The request could not be read: it is not what this address expects.")


class OurFault(Problem):
    """Nobody foresaw this; `reference` is the request's id, which stands in the log."""

    code = "our-fault"
    status = 500
    sentence = _(
        "Something went wrong on our side (reference {reference}). Try again; if it happens again, "
        "tell an administrator the reference."
    )


class ChangedMeanwhile(Problem):
    """Somebody else saved the same field first; `values` name who, the field and both texts."""

    code = "changed-meanwhile"
    status = 409
    sentence = _("{who} changed “{field}” meanwhile. Compare both versions and save again.")


class WorkedWithSince(Problem):
    code = "worked-with-since"
    status = 409
    sentence = _(
        "Somebody has worked with this since you deleted it. Look at it in the trash before you "
        "bring it back."
    )


class MergedAlready(Problem):
    code = "merged-already"
    status = 409
    sentence = _("These are one contact already. Choose two different ones to merge.")


class MergedInto(Problem):
    code = "merged-into"
    status = 409
    sentence = _("This contact was merged into another one (id {id}). Open that one and change it.")


class MergedMeanwhile(Problem):
    code = "merged-meanwhile"
    status = 409
    sentence = _("One of the two contacts was changed meanwhile. Look at both again, then merge.")


class MergedOn(Problem):
    code = "merged-on"
    status = 409
    sentence = _("{name} has itself been merged into another contact since. Undo that merge first.")


class UndoneAlready(Problem):
    code = "undone-already"
    status = 409
    sentence = _("This merge has been undone already.")


class BadInput(Problem):
    """One or more fields cannot be taken; `fields` maps each to its own sentence."""

    code = "bad-input"
    status = 422
    sentence = _("Some fields cannot be saved. Correct the marked ones and save again.")

    def __init__(self, fields: dict[str, str] | None = None) -> None:
        self.fields = fields or {}
        super().__init__()


class NotAPhoneNumber(Problem):
    code = "not-a-phone-number"
    status = 422
    sentence = _("“{raw}” is not a number that can be dialled. Check it and try again.")


class AgentHasNoPhone(Problem):
    code = "agent-has-no-phone"
    status = 409
    sentence = _(
        "{name} has no phone to ring first, so the call was not placed. "
        "Choose one under Administration → People."
    )


class SeatTaken(Problem):
    code = "seat-taken"
    status = 409
    sentence = _("{name} sits at this phone. Ask them to leave it, or take it over.")


class PbxUnreachable(Problem):
    code = "pbx-unreachable"
    status = 503
    sentence = _("The PBX cannot be reached at the moment, so nothing was done. Try again shortly.")


class PbxRefused(Problem):
    code = "pbx-refused"
    status = 502
    sentence = _("The PBX refused: {reason}")


class UnsendableValue(Problem):
    code = "unsendable-value"
    status = 422
    sentence = _(
        "“{field}” holds a line break or another character that cannot be sent to the PBX, "
        "so nothing was done. Remove it and try again."
    )


class OutcomeUnknown(Problem):
    """The link was lost between a request and its answer: it may or may not have been done."""

    code = "outcome-unknown"
    status = 504
    sentence = _(
        "The PBX did not answer in time, so it is not known whether this was done. "
        "Look at the phone before trying again."
    )


class CallNotLive(Problem):
    code = "call-not-live"
    status = 409
    sentence = _("This call has already ended.")


class RecordingMissing(Problem):
    code = "recording-missing"
    status = 404
    sentence = _(
        "The sound of this call is not where recordings are kept. It may have been moved or deleted; "
        "an administrator can look under PBX → Recordings."
    )


class RecordingUnreachable(Problem):
    code = "recording-unreachable"
    status = 502
    sentence = _(
        "The place where recordings are kept cannot be reached at the moment. Try again shortly."
    )


class TraceNotKept(Problem):
    code = "trace-not-kept"
    status = 404
    sentence = _(
        "What the PBX said during this call is not kept: it was too long ago, or nothing was recorded "
        "(settings trace, trace_days, trace_max_gib)."
    )


class RoleInUse(Problem):
    code = "role-in-use"
    status = 409
    sentence = _(
        "“{name}” cannot be deleted while somebody has it ({count}). Give them another role first."
    )


class TooManyStreams(Problem):
    code = "too-many-streams"
    status = 429
    sentence = _("Too many lines are open for you already. Close one, or ask for parts instead.")
