"""Letters go out by SMTP, and what stood in their way is said."""

import asyncio

import pytest

from callcenter.post import smtp
from callcenter.post.letters import Letter
from callcenter.post.smtp import Account, PostError
from tests.fixtures.mail import Letterbox
from tests.fixtures.postgres import free_port


def letter(*to: str) -> Letter:
    return Letter(to=to, subject="Təklif", text="Salam", message_id="<1@dalga.example>")


def account_at(port: int, **values: object) -> Account:
    plain = {
        "host": "127.0.0.1", "port": port, "security": "none", "sender": "D <info@dalga.example>",
    }  # fmt: skip
    return Account(**(plain | values))  # type: ignore[arg-type]


async def refusal(account: Account, *to: str) -> PostError:
    with pytest.raises(PostError) as raised:
        await smtp.send(account, letter(*(to or ("a@example.az",))))
    return raised.value


async def test_a_letter_arrives_and_the_server_says_whom_it_refused(letterbox: Letterbox):
    letterbox.answers["gone@example.az"] = "550 5.1.1 no such user"
    account = account_at(letterbox.port)

    refused = await smtp.send(account, letter("Zoë <a@example.az>", "gone@example.az"))
    caught = await letterbox.next()
    await smtp.try_out(account)

    assert refused == {"gone@example.az": "550 5.1.1 no such user"}
    assert (caught.sender, caught.recipients) == ("info@dalga.example", ("a@example.az",))
    assert caught.message["Message-ID"] == "<1@dalga.example>"
    assert caught.message["From"] == "D <info@dalga.example>"
    assert len(letterbox.letters) == 1


async def test_what_stood_in_the_way_is_told_apart(letterbox: Letterbox):
    letterbox.answers |= {"gone@example.az": "550 gone", "full@example.az": "452 later"}
    account = account_at(letterbox.port)
    signed = account_at(letterbox.port, user="anna", password="wrong")

    gone = await refusal(account, "gone@example.az")
    full = await refusal(account, "full@example.az", "gone@example.az")
    nobody = await refusal(account_at(free_port()))
    no_tls = await refusal(account_at(letterbox.port, security="starttls"))
    plain = await refusal(account_at(letterbox.port, security="tls"))
    no_sign_in = await refusal(signed)
    odd = await refusal(account, "zoë@example.az\n")

    assert (gone.permanent, gone.why) == (True, "refused")
    assert "550 gone" in gone.says
    assert (full.permanent, full.why) == (False, "refused")
    assert (nobody.permanent, nobody.why) == (False, "unreachable")
    assert (no_tls.permanent, no_tls.why) == (False, "tls")
    assert (plain.permanent, plain.why) == (False, "tls")
    assert (no_sign_in.permanent, no_sign_in.why) == (False, "sign-in")
    assert (odd.permanent, odd.why) == (True, "refused")
    assert not letterbox.letters


async def test_a_server_that_hangs_up_costs_no_letter():
    async def hang_up(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 here\r\n")
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(hang_up, "127.0.0.1") as server:
        lost = await refusal(account_at(server.sockets[0].getsockname()[1]))

    assert (lost.permanent, lost.why) == (False, "unreachable")


@pytest.mark.parametrize(
    ("url", "read"),
    [
        ("smtps://crm%40a.az:s%20x@mail.a.az", ("mail.a.az", 465, "tls", "crm@a.az", "s x")),
        ("smtp://mail.a.az?from=crm@a.az", ("mail.a.az", 587, "starttls", "", "")),
        ("smtp://127.0.0.1:2525", ("127.0.0.1", 2525, "none", "", "")),
    ],
)
def test_the_installations_own_account_is_one_address(url: str, read: tuple[object, ...]):
    account = smtp.account_of(url, "Dalğa")

    assert account is not None
    assert (account.host, account.port, account.security, account.user, account.password) == read
    assert account.sender.startswith("Dalğa <")
    assert smtp.account_of("") is None
