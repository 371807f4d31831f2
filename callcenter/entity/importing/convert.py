"""Brings an upload into the form of `table`, in a process of its own.

A workbook of a few megabytes can unfold into gigabytes, and reading a million rows takes
seconds: neither may touch the calls. What it says on standard output is a `Layout` or why
there is none.
"""

import asyncio
import resource
import sys
from pathlib import Path
from typing import Any, Final

import msgspec

from callcenter.entity.importing import files
from callcenter.entity.importing.failures import NotATable
from callcenter.entity.importing.files import Choices
from callcenter.entity.importing.table import Layout


def _(message: str) -> str:
    return message


TOO_MUCH: Final = _("The file takes too much memory or time to read. Divide it, or save it as CSV.")

MEMORY_BYTES: Final = 4 << 30
CPU_S: Final = 300


async def convert(source: Path, target: Path, choices: Choices) -> Layout:
    """Bring `source` into the form of `table`. Raises NotATable."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "callcenter.entity.importing.convert", str(source), str(target),
        msgspec.json.encode(choices).decode(), stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    try:
        said, _none = await process.communicate()
    except asyncio.CancelledError:
        process.kill()
        await process.wait()
        raise
    answer: dict[str, Any] = msgspec.json.decode(said) if process.returncode == 0 else {}
    if "layout" in answer:
        return msgspec.convert(answer["layout"], Layout)
    raise NotATable(answer.get("sentence", TOO_MUCH), **answer.get("values", {}))


def main(source: str, target: str, choices: str) -> dict[str, Any]:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_S, CPU_S))
    try:
        said = msgspec.json.decode(choices, type=Choices)
        return {"layout": files.convert(Path(source), Path(target), said)}
    except NotATable as problem:
        return {"sentence": problem.sentence, "values": problem.values}


if __name__ == "__main__":
    sys.stdout.buffer.write(msgspec.json.encode(main(*sys.argv[1:])))
