"""`callcenter simulate` as a process of its own."""

import asyncio
import re
import signal
import sys

from tests.simulator.ami_client import read_block, value

DEADLINE_S = 20
COMMAND = "from callcenter.simulator.cli import simulate; simulate()"


async def test_the_command_says_where_it_listens_and_calls_come_in():
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", COMMAND),
        *("--port", "0", "--rate", "600", "--speed", "50", "--user", "me", "--secret", "mine"),
        stdout=asyncio.subprocess.PIPE,
    )
    async with asyncio.timeout(DEADLINE_S):
        said = (await process.stdout.readline()).decode()
        host, port = re.search(r"on ([\d.]+):(\d+)", said).groups()
        reader, writer = await asyncio.open_connection(host, int(port))
        writer.write(b"Action: Login\r\nUsername: me\r\nSecret: mine\r\n\r\n")
        names = set()
        while "Newchannel" not in names:
            names.add(value(read_block((await reader.readuntil(b"\r\n\r\n")).decode()), "Event"))
        writer.close()
        await asyncio.gather(writer.wait_closed(), return_exceptions=True)
        process.send_signal(signal.SIGINT)
        assert await process.wait() == 0


async def test_every_option_explains_itself():
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", COMMAND, "--help"), stdout=asyncio.subprocess.PIPE
    )
    async with asyncio.timeout(DEADLINE_S):
        out, _ = await process.communicate()

    for option in ("--host", "--port", "--rate", "--seed", "--speed", "--user", "--secret"):
        assert re.search(rf"{option} \w+ +\S+", out.decode()), option
