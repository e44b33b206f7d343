"""``python -m connectors.gotowebinar.simulator``: serve until Ctrl-C."""

import contextlib
import logging

import click

from connectors.gotowebinar.simulator.server import Simulator


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8391, show_default=True, help="Port to listen on; 0 takes a free one.")
@click.option("--rate-limit", type=click.IntRange(min=1), help="Calls per second and organizer before a 429.")
@click.option("--verbose", is_flag=True, help="Print one line per request.")
def main(host: str, port: int, rate_limit: int | None, verbose: bool) -> None:
    """Run a GoToWebinar API with sample data."""
    logging.basicConfig(format="%(message)s")
    logging.getLogger("myelin.simulator").setLevel(logging.DEBUG if verbose else logging.WARNING)
    simulator = Simulator(host, port, rate_limit=rate_limit)
    try:
        simulator.listen()
    except OSError as error:
        raise click.ClickException(
            f"cannot listen on {host}:{port}: {error.strerror}. Choose another port with --port."
        ) from None
    click.echo(f"GoToWebinar simulator: {simulator.base_url}/G2W/rest (Ctrl-C ends it)")
    with contextlib.suppress(KeyboardInterrupt):
        simulator.serve()


if __name__ == "__main__":
    main()
