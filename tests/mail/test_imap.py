"""A mailbox is read over a real server, and every wait has an end."""

import asyncio
from datetime import date

import pytest

from callcenter.mail.imap import MailboxError, Place, folder_name, opened
from tests.fixtures.dovecot import PASSWORD, Post
from tests.fixtures.postgres import free_port

TEST_LIMIT_S = 30


def place(post: Post, **values: object) -> Place:
    plain = {
        "host": "127.0.0.1", "port": post.port, "tls": False, "user": post.user,
        "password": PASSWORD, "folder": "INBOX",
    }  # fmt: skip
    return Place(**(plain | values))  # type: ignore[arg-type]


def letter(number: int, size: int = 10) -> bytes:
    head = f"Subject: {number}\nMessage-ID: <{number}@example.az>\nFrom: a@example.az\n\n"
    return head.encode() + b"x" * size + b"\n"


async def test_letters_are_numbered_told_fetched_and_left_as_they_are(post: Post):
    await asyncio.to_thread(post.put, letter(1), letter(2, 6_000_000), letter(3))

    async with opened(place(post)) as mailbox:
        uids = await mailbox.uids(0, date(2020, 1, 31))
        later = await mailbox.uids(uids[0])
        heads = await mailbox.heads(uids)
        whole = await mailbox.letter(uids[1])
        gone = await mailbox.letter(999)
        none_after = await mailbox.uids(uids[-1])

    assert len(uids) == 3
    assert later == uids[1:]
    assert [b"Subject: 2" in head.raw for head in heads] == [False, True, False]
    assert heads[1].size > 6_000_000
    assert whole is not None
    assert len(whole) == heads[1].size
    assert (gone, none_after) == (None, [])
    assert mailbox.uid_validity > 0
    assert await asyncio.to_thread(post.unseen) == 3


async def test_a_new_letter_ends_the_wait_at_once(post: Post):
    async with asyncio.timeout(TEST_LIMIT_S), opened(place(post)) as mailbox:
        waiting = asyncio.create_task(mailbox.wait())
        uids: list[int] = []
        number = 0
        # What arrives before the server listens is found by the look that follows.
        while not waiting.done():
            number += 1
            await asyncio.to_thread(post.put, letter(number))
            await asyncio.wait([waiting], timeout=2)
        await waiting
        uids = await mailbox.uids(0)

    assert len(uids) == number


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("INBOX", "INBOX"), ("A&B", "A&-B"), ("Gələn", "G&Alk-l&Alk-n"),
        ("Входящие", "&BBIERQQ+BDQETwRJBDgENQ-"), ("台北", "&U,BTFw-"),
    ],
)  # fmt: skip
def test_folders_are_named_as_imap_writes_them(name: str, written: str):
    assert folder_name(name) == written


async def test_what_stands_in_the_way_is_told_apart(post: Post):
    async def trouble(**values: object) -> tuple[str, str]:
        with pytest.raises(MailboxError) as raised:
            async with opened(place(post, **values)):
                raise AssertionError("opened")
        return raised.value.trouble, raised.value.says

    nobody, _ = await trouble(port=free_port())
    no_tls, _ = await trouble(tls=True)
    stranger, _ = await trouble(password="none of ours")
    folder, says = await trouble(folder="Gələn qutusu")

    assert (nobody, no_tls, stranger) == ("unreachable", "tls", "sign-in")
    assert folder == "folder"
    assert "exist" in says


async def test_a_folder_of_any_name_is_opened(post: Post):
    await asyncio.to_thread(post.do, "create", f'"{folder_name("Gələn qutusu")}"')
    async with opened(place(post, folder="Gələn qutusu")) as mailbox:
        assert await mailbox.uids(0) == []


async def test_a_lost_connection_ends_every_wait(post: Post):
    lines: list[asyncio.StreamWriter] = []

    async def between(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        back, forth = await asyncio.open_connection("127.0.0.1", post.port)
        lines.extend((writer, forth))
        await asyncio.gather(carry(reader, forth), carry(back, writer))

    async def carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while data := await reader.read(65_536):
                writer.write(data)
        except OSError:
            pass
        writer.close()

    async def wait_until_it_breaks(port: int) -> None:
        async with opened(place(post, port=port)) as mailbox:
            waiting = asyncio.create_task(mailbox.wait())
            await asyncio.wait([waiting], timeout=0.2)
            for line in lines:
                line.transport.abort()
            await waiting

    async with await asyncio.start_server(between, "127.0.0.1") as server:
        port = server.sockets[0].getsockname()[1]
        async with asyncio.timeout(TEST_LIMIT_S):
            with pytest.raises(MailboxError) as raised:
                await wait_until_it_breaks(port)

    assert raised.value.trouble == "unreachable"
