"""``dsp completion``: the completion script of a shell."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

from dsp.cli.common import common_options, suggest
from dsp.errors import DspError

PLACES = {
    "bash": "~/.local/share/bash-completion/completions/dsp",
    "zsh": "~/.zfunc/_dsp",
    "fish": "~/.config/fish/completions/dsp.fish",
}


@click.command("completion", short_help="Print the completion script of a shell.")
@click.argument("shell", type=click.Choice(list(PLACES)))
@common_options
def command(shell: str) -> None:
    """Print the completion script of a shell.

    Save it where the shell looks, or load it: eval "$(dsp completion bash)".
    """
    from dsp.cli.entry import cli

    maker = get_completion_class(shell)
    if maker is None:
        raise DspError(f"no completion for {shell}", hint="bash, zsh or fish")
    click.echo(maker(cli, {}, "dsp", "_DSP_COMPLETE").source())
    suggest(f"dsp completion {shell} > {PLACES[shell]}")
