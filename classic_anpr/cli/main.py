"""The command ``classic-anpr``: finds the subcommand, and is the one place where an error becomes an exit code."""

from __future__ import annotations

import importlib
import importlib.util
import logging
import os
import sys
from collections.abc import Sequence
from typing import NoReturn

import click

from classic_anpr import __version__
from classic_anpr.errors import AnprError

# Command -> what it does, in the order of the help. Each is the click command of that name in the module of that name
# beside this one, imported only when it is called, since most of them import OpenCV.
COMMANDS = {
    "read": "Find and read the plates in photographs.",
    "watch": "Read the photographs that arrive in a folder.",
    "explain": "Show every step of one photograph in pictures and numbers.",
    "doctor": "Print versions, engine and model, and what is missing.",
    "countries": "List the known countries and their layouts.",
    "validate": "Check a plate's text against the layouts.",
    "render": "Draw a plate.",
    "synth": "Draw lines and scenes to train and test on.",
    "train": "Train a Tesseract model of plate fonts.",
    "bench": "Measure reading on labelled photographs.",
    "convert": "Write a data set's labels in another format.",
}


class _Commands(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return [name for name in COMMANDS if importlib.util.find_spec(f"classic_anpr.cli.{name}")]

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in self.list_commands(ctx):
            return None
        command: click.Command = getattr(importlib.import_module(f"classic_anpr.cli.{name}"), name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, COMMANDS[name]) for name in self.list_commands(ctx)])


@click.command(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="classic-anpr")
@click.option("-v", "--verbose", count=True, help="Say more on stderr; twice for everything.")
@click.option("-q", "--quiet", is_flag=True, help="Say nothing on stderr but errors.")
def cli(verbose: int, quiet: bool) -> None:
    """Read number plates by classical computer vision and Tesseract, on a CPU."""
    level = logging.ERROR if quiet else {0: logging.WARNING, 1: logging.INFO}.get(verbose, logging.DEBUG)
    # On a terminal a message takes the place of the progress line.
    prefix = "\r\x1b[K" if sys.stderr.isatty() else ""
    logging.basicConfig(level=level, stream=sys.stderr, format=prefix + "%(levelname)s: %(message)s", force=True)
    logging.getLogger("PIL").setLevel(logging.WARNING)
    logging.getLogger("matplotlib").setLevel(logging.WARNING)


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the command and end the process with its exit code.

    Exit codes: 0 all done; 1 some images failed, or another error; 2 wrong usage; 3 OCR engine or model missing;
    130 interrupted.
    """
    # Before anything imports the libraries that look at them: Tesseract's threads fight for a plate's few pixels
    # (tesseract-ocr/tesseract#3109), and OpenCV's complaints about a broken file are ours to word.
    os.environ.setdefault("OMP_THREAD_LIMIT", "1")
    os.environ.setdefault("OPENCV_LOG_LEVEL", "SILENT")
    try:
        code = cli.main(arguments, prog_name="classic-anpr", standalone_mode=False)
        sys.exit(code if isinstance(code, int) else 0)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except AnprError as error:
        click.echo(f"classic-anpr: error: {error}", err=True)
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        click.echo("interrupted", err=True)
        sys.exit(130)
    except BrokenPipeError:
        # The reader of our records has gone, as `head` does. Python would complain once more when it flushes stdout.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        sys.exit(1)
    except OSError as error:  # A full disk, above all.
        click.echo(f"classic-anpr: error: {error}", err=True)
        sys.exit(1)


if __name__ == "__main__":
    main()
