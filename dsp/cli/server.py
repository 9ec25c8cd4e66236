"""``dsp server``: finished runs over HTTP."""

from __future__ import annotations

from pathlib import Path

import click


@click.command("server")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to bind.")
@click.option(
    "--port",
    type=click.IntRange(0, 65_535),
    default=8_000,
    show_default=True,
    help="Port to bind.",
)
@click.option(
    "--data-dir",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    default=Path(),
    show_default="current folder",
    help="Folder that holds the runs.",
)
def command(host: str, port: int, data_dir: Path) -> None:
    """Serve the finished runs of a folder to a browser and to programs.

    There are no accounts: leave it on 127.0.0.1 unless the network is trusted.
    """
    from dsp.errors import MissingDependencyError
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
    uvicorn.run(app, host=host, port=port, log_level="warning")
