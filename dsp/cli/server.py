"""``dsp server``: finished runs over HTTP."""

from __future__ import annotations

import socket
from contextlib import suppress
from pathlib import Path

import click

from dsp.cli.common import common_options, say
from dsp.errors import DspError, MissingDependencyError


@click.command("server", short_help="Serve finished runs over HTTP, on this machine.")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to bind.")
@click.option(
    "--port",
    type=click.IntRange(0, 65_535),
    default=8_000,
    show_default=True,
    help="Port to bind; 0 takes a free one.",
)
@click.option(
    "--data-dir",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    default=Path(),
    show_default="current folder",
    help="Folder that holds the runs.",
)
@common_options
def command(host: str, port: int, data_dir: Path) -> None:
    """Serve the finished runs of a folder to a browser and to programs.

    There are no accounts: leave it on 127.0.0.1 unless the network is trusted.
    """
    from dsp.server import create_app
    from dsp.server.app import LOCAL_HOSTS

    is_anywhere = host in ("0.0.0.0", "::")  # noqa: S104 - compared, not bound
    app = create_app(data_dir, hosts=("*",) if is_anywhere else (*LOCAL_HOSTS, host))
    try:
        import uvicorn
    except ImportError as error:
        raise MissingDependencyError.of(
            "uvicorn", extra="server", purpose="dsp server"
        ) from error
    with _bound(host, port) as listener:
        taken = listener.getsockname()[1]
        shown = f"[{host}]" if ":" in host else host
        say(f"Serving {data_dir.absolute()} on http://{shown}:{taken}  (Ctrl-C stops)")
        settings = uvicorn.Config(app, log_level="warning")
        # Ctrl-C is how a server is meant to end.
        with suppress(KeyboardInterrupt):
            uvicorn.Server(settings).run(sockets=[listener])


def _bound(host: str, port: int) -> socket.socket:
    """Return a socket that is bound, so that a taken port is one clear line."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise DspError(
            f"{host}:{port} cannot be bound: {error.strerror or error}",
            hint="name another port with --port; 0 takes a free one",
        ) from error
    return listener
