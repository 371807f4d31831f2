"""Cleaning up after a test run that was killed.

A server of ours outlives a run that ends without its teardown: SIGKILL, a time limit, a closed
terminal. So somebody watches: a shell that waits at the end of a pipe which the system closes when
this process is gone, however it ended, and then runs a command.
"""

import subprocess
from os import PathLike

Word = str | PathLike[str]


class Lifeline:
    """Runs `command` when this process is gone, unless it is released before."""

    def __init__(self, *command: Word) -> None:
        self._watcher = subprocess.Popen(
            # A line says that all is well; only the end of the pipe runs the command.
            ["sh", "-c", 'read -r _ || exec "$@"', "lifeline", *command],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            # Ctrl C is meant for the tests, not for who cleans up after them.
            start_new_session=True,
        )

    def release(self) -> None:
        if self._watcher.returncode is None:
            self._watcher.communicate(b"all is well\n")
