"""The command line: ``dsp``, whose commands are imported only when they are used."""

from __future__ import annotations

from typing import Any, NoReturn

COMMANDS: dict[str, tuple[str, str]] = {
    "analyze": ("dsp.cli.analyze", "Analyse a source into a folder of results."),
    "compare": ("dsp.cli.compare", "Compare two sources, or two parts of one."),
    "show": ("dsp.cli.show", "Show what a run found, table by table."),
    "query": ("dsp.cli.query", "Query a run or a data file with SQL."),
    "open": ("dsp.cli.open", "Open the dashboard of a run in the browser."),
    "export": ("dsp.cli.export", "Export the results of a run to other formats."),
    "dashboard": ("dsp.cli.dashboard", "Build dashboards from files of queries."),
    "runs": ("dsp.cli.runs", "List the runs below a folder."),
    "data": ("dsp.cli.data", "Read and check a data source, without analysing it."),
    "schema": ("dsp.cli.schema", "Propose rules; show, export and compare columns."),
    "profile": ("dsp.cli.profile", "Describe every column and how columns relate."),
    "insights": ("dsp.cli.insights", "Say what holds in a source, with its evidence."),
    "predict": ("dsp.cli.predict", "Predict new rows with the model of a run."),
    "forecast": ("dsp.cli.forecast", "Forecast series, with intervals that were tested."),
    "validate": ("dsp.cli.validate", "Check a source; exit 1 when checks fail."),
    "config": ("dsp.cli.config", "Show and change settings, with their origins."),
    "server": ("dsp.cli.server", "Serve finished runs over HTTP, on this machine."),
    "info": ("dsp.cli.info", "Show versions, memory, cores and write access."),
    "completion": ("dsp.cli.completion", "Print the completion script of a shell."),
}
"""Command name to its module and its one-line help (a test holds both together)."""


def main(arguments: list[str] | None = None) -> NoReturn:
    """Run the command line and exit with its code.

    Parameters
    ----------
    arguments
        Words after ``dsp``; those of the process when None.
    """
    import gc
    import sys

    from dsp.cli.entry import leave, run

    # Nearly all objects of a command live as long as it: looking for garbage among them
    # every 700 new ones costs a tenth of a run.
    gc.set_threshold(50_000, 20, 100)
    leave(run(sys.argv[1:] if arguments is None else arguments))


def __getattr__(name: str) -> Any:
    """Build the click group when it is first asked for."""
    if name != "cli":
        raise AttributeError(f"module 'dsp.cli' has no attribute {name!r}")
    from dsp.cli.entry import cli

    return cli
