"""What comes in and goes out: JSON shapes for the API, fields of forms for pages."""

import re
from collections.abc import Mapping
from typing import Annotated, Any, TypeVar

import msgspec
from aiohttp import web
from multidict import MultiDictProxy

from callcenter.errors import BadInput, NotFound, NotUnderstood, Sentence, TooLarge

T = TypeVar("T")

#: A form as aiohttp reads it: texts and files, each name as often as it was sent.
Sent = MultiDictProxy[str | bytes | bytearray | web.FileField]

#: An amount is a number, not a text.
_encoder = msgspec.json.Encoder(decimal_format="number")


def _(message: str) -> str:
    return message


#: An id in a JSON shape. A larger number is none of ours, and no database would take it.
Id = Annotated[int, msgspec.Meta(ge=0, lt=1 << 53)]

MISSING = _("This is needed.")
MISFIT = _("This value does not fit here.")
ONE_OF = _("One of these is wanted here: {names}.")
WITHIN = _("A whole number from {least} to {most} is wanted here.")

# NUL is no text anybody types, and PostgreSQL stores none. Before the escape, backslashes in pairs
# are themselves escaped.
_NUL_IN_JSON = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")


async def read_json(request: web.Request, shape: type[T]) -> T:
    """Return the request's body as `shape`.

    Raises NotUnderstood if it is not JSON or holds NUL, BadInput naming the field if it does not fit.
    """
    body = await request.read()
    if _NUL_IN_JSON.search(body):
        raise NotUnderstood
    try:
        return msgspec.json.decode(body, type=shape)
    except msgspec.ValidationError as error:
        raise BadInput(misfit_in(str(error))) from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise NotUnderstood from error


async def read_form(request: web.Request) -> dict[str, str]:
    """Return the form's fields, stripped; of a name that comes twice, the last one counts."""
    return {
        name: value.strip()
        for name, value in (await sent_form(request)).items()
        if isinstance(value, str) and name != "csrf_token"
    }


async def sent_form(request: web.Request) -> Sent:
    """Return the form as it was sent. Raises NotUnderstood if it is no text or holds NUL."""
    try:
        form = await request.post()
    except UnicodeDecodeError as error:
        raise NotUnderstood from error
    if any("\0" in text for field in form.items() for text in field if isinstance(text, str)):
        raise NotUnderstood
    return form


async def sent_upload(request: web.Request, limit_bytes: int) -> Mapping[str, Any]:
    """Return a form with files of so many bytes, more than other bodies may have. Raises TooLarge.

    Of a form that carries its page's token among the headers the body is read here first; another
    one was read to find the token, and had to be as small as everything else.
    """
    is_unread = request.content_type == "multipart/form-data" and request.can_read_body
    try:
        return await (request.clone(client_max_size=limit_bytes) if is_unread else request).post()
    except web.HTTPRequestEntityTooLarge as error:
        raise TooLarge from error


def answer(value: Any, *, status: int = 200, version: int | None = None) -> web.Response:
    """Return `value` as JSON; `version` becomes the ETag that If-Match brings back."""
    response = web.Response(
        body=_encoder.encode(value), status=status, content_type="application/json"
    )
    if version is not None:
        response.headers["ETag"] = f'"{version}"'
    return response


def if_match(request: web.Request) -> int | None:
    """Return the version the sender has seen, or None if he does not say."""
    text = request.headers.get("If-Match", "").strip()
    if text in ("", "*"):
        return None
    if (match := re.fullmatch(r'(?:W/)?"?(\d{1,15})"?', text, re.ASCII)) is None:
        raise BadInput({"If-Match": MISFIT})
    return int(match[1])


def path_id(request: web.Request, name: str = "id") -> int:
    """Return the id in the request's path. Raises NotFound if it is none of ours."""
    number = whole_number(request.match_info[name])
    if number is None:
        raise NotFound
    return number


def number_in(values: Mapping[str, str], name: str) -> int | None:
    """Return the number in a field of a form or an address, None if there is none."""
    return whole_number(values.get(name, ""))


def whole_number(text: str) -> int | None:
    """Return the number that `text` is, None if it is none or longer than any id."""
    return int(text) if re.fullmatch(r"\d{1,16}", text, re.ASCII) else None


def within(values: Mapping[str, str], name: str, usual: int, most: int) -> int:
    """Return how many are asked for, `usual` if that is not said. Raises BadInput beyond `most`."""
    number = number_in(values, name) if name in values else usual
    if number is None or not 0 < number <= most:
        raise BadInput({name: Sentence(WITHIN, least=1, most=most)})
    return number


def seen_version(values: dict[str, str]) -> int | None:
    """Return the version of the row that a form was filled from, None if it does not say."""
    return number_in(values, "version")


def misfit_in(text: str, inside: str = "") -> dict[str, str]:
    """Return which field msgspec complains about, in our words; `inside` is where the value stood."""
    at = re.search(r" - at `\$([^`]*)`", text)
    path = f"{inside}{at[1] if at else ''}".lstrip(".")
    if missing := re.search(r"missing required field `(\w+)`", text):
        return {f"{path}.{missing[1]}".lstrip("."): MISSING}
    return {path or "body": MISFIT}
