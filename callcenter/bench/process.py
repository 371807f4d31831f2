"""The other processes of a bench: started anew, spoken to through a pipe, ended with it."""

import multiprocessing
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Any, Final, Self

#: Whoever says nothing for so long hangs.
LIMIT_S: Final = 150.0


class Process:
    """A process that runs `run(pipe, *arguments)`. Use as a context; leaving it ends it.

    `run` ends when its pipe is closed, which it hears as EOFError.
    """

    def __init__(self, name: str, run: Callable[..., None], *arguments: Any) -> None:
        # A fork would take our memory along, and threads half-way through something.
        context = multiprocessing.get_context("spawn")
        self.name = name
        self._pipe, self._theirs = context.Pipe()
        self._process = context.Process(
            target=run, args=(self._theirs, *arguments), name=name, daemon=True
        )

    def __enter__(self) -> Self:
        self._process.start()
        # Only the child may hold that end, or its death would not be heard.
        self._theirs.close()
        return self

    def __exit__(self, *error: object) -> None:
        self._pipe.close()
        self._process.join(15)
        self._process.terminate()

    def say(self, what: object) -> None:
        self._pipe.send(what)

    def hear(self) -> Any:
        """Return the next thing it says. Raises ChildProcessError if it is dead or hangs."""
        try:
            if self._pipe.poll(LIMIT_S):
                return self._pipe.recv()
        except EOFError:
            raise ChildProcessError(
                f"the process “{self.name}” failed; what it said stands above"
            ) from None
        raise ChildProcessError(f"the process “{self.name}” says nothing any more")

    def ask(self, what: object) -> Any:
        self.say(what)
        return self.hear()


def heard(pipe: Connection) -> Any:
    """Return what was said to this process; None once the pipe is closed."""
    try:
        return pipe.recv()
    except EOFError:
        return None
