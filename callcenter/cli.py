"""The command line: `callcenter COMMAND`. Each command lies in the room it belongs to.

A command's module is imported only when it is used, so that `callcenter replay` does not
wait for the web server's libraries.
"""

import importlib

import click

import callcenter

#: Where each command is.
COMMANDS = {
    "serve": "callcenter.serve:serve",
    "demo": "callcenter.demo.cli:demo",
    "simulate": "callcenter.simulator.cli:simulate",
    "replay": "callcenter.replay:replay",
    "watch": "callcenter.live.watch:watch",
    "doctor": "callcenter.doctor:doctor",
    "trace": "callcenter.trace:trace",
    "user": "callcenter.agents.cli:user",
    "import": "callcenter.transfer:import_",
    "export": "callcenter.transfer:export",
    "migrate": "callcenter.migrations.cli:migrate",
    "bench": "callcenter.bench.cli:bench",
}


class Lazy(click.Group):
    """A group that finds its commands by name."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            return None
        module, _, attribute = COMMANDS[name].partition(":")
        command: click.Command = getattr(importlib.import_module(module), attribute)
        return command


@click.group(cls=Lazy, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(callcenter.__version__, prog_name="callcenter")
def main() -> None:
    """Callcenter: the contact-centre CRM for Asterisk."""
