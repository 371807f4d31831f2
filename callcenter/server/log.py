"""The log: one line an event, for people or for machines, on standard error.

Our own lines and those of the libraries come out alike. Fields whose name says
that they are secret are never written, whoever passes them.
"""

import logging
import re
import sys
from typing import TextIO

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from callcenter.settings import Settings

SECRET_NAMES = re.compile(r"passw|secret|token|cookie|authorization|csrf", re.IGNORECASE)

#: Libraries that say more than an operator wants to know.
QUIET = {
    "aiosqlite": logging.WARNING,
    "alembic": logging.WARNING,
    "asyncio": logging.INFO,
    "aiohttp.access": logging.WARNING,
}


def set_up(settings: Settings, stream: TextIO = sys.stderr) -> None:
    """Send every log line of the process to `stream` in the form that `settings` ask for."""
    level = logging.getLevelNamesMapping()[settings.log_level.upper()]
    structlog.configure(
        processors=[*_common(), structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        # What nobody wants to read is not made into a line either.
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=_common(),
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                *_form(settings.log_format, colors=stream.isatty()),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name, least in QUIET.items():
        logging.getLogger(name).setLevel(max(least, level))


def hide_secrets(_logger: WrappedLogger, _method: str, line: EventDict) -> EventDict:
    return {
        name: "•••" if SECRET_NAMES.search(name) and value else value
        for name, value in line.items()
    }


def _common() -> list[Processor]:
    return [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        hide_secrets,
    ]


def _form(name: str, *, colors: bool) -> list[Processor]:
    if name == "json":
        return [
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ]
    return [
        structlog.dev.ConsoleRenderer(
            colors=colors, exception_formatter=structlog.dev.plain_traceback
        )
    ]
