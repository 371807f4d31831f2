"""`callcenter simulate`: the pretend PBX with an office full of people, until it is stopped."""

import asyncio
from contextlib import suppress

import click

from callcenter.simulator.office import Office
from callcenter.simulator.server import Simulator
from callcenter.simulator.settings import AmiUser, SimulatorSettings

DEMO_USER = AmiUser()


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=5038, show_default=True, help="Port to listen on; 0 for any free.")
@click.option("--rate", default=6.0, show_default=True, help="New calls a minute.")
@click.option("--seed", default=1, show_default=True, help="The same seed gives the same people.")
@click.option("--speed", default=1.0, show_default=True, help="How much faster than life.")
@click.option("--user", default=DEMO_USER.name, show_default=True, help="Name of the AMI user.")
@click.option("--secret", default=DEMO_USER.secret, show_default=True, help="Its secret.")
def simulate(
    host: str, port: int, rate: float, seed: int, speed: float, user: str, secret: str
) -> None:
    """Pretend to be an Asterisk with a busy office, for a look at callcenter without a PBX."""
    settings = SimulatorSettings(
        host=host, port=port, users=(AmiUser(user, secret),), timers=True, speed=speed
    )
    with suppress(KeyboardInterrupt):
        asyncio.run(_simulate(settings, rate, seed))


async def _simulate(settings: SimulatorSettings, rate: float, seed: int) -> None:
    async with Simulator(settings) as sim:
        user = settings.users[0].name
        click.echo(f"A pretend PBX speaks AMI on {sim.host}:{sim.port} (user {user}).")
        click.echo(f"{rate:g} calls a minute. Ctrl-C stops it.")
        await Office(sim.pbx).run(rate, seed)
