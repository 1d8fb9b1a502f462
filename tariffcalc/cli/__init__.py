"""The command line:
``tariffcalc estimate | compare | explain | timeline | panel | bilateral | measures | facts | check |
coverage | update | new-program | lay-over | read-chapters | demo``.

It reads and writes CSV, Parquet and Excel by file ending, prints a readable table or JSON, and answers bad
input with one clear line and a status that is not zero.
"""

from __future__ import annotations

import os
import sys
import warnings
from typing import Annotated, Any

import typer

from tariffcalc.cli import lines, one_product, pairs, panels, seeds  # the commands enter themselves
from tariffcalc.cli.words import app
from tariffcalc.errors import CoverageWarning, TariffError

__all__ = ["app", "lines", "main", "one_product", "pairs", "panels", "seeds"]


def _version(asked: bool) -> None:
    if asked:
        from importlib.metadata import version

        print(f"tariffcalc {version('tariffcalc')}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="print the version")
    ] = False,
) -> None:
    """What duty a shipment owes, on a given day, under which law."""


def main() -> None:
    """Run the command line; bad input is one line on standard error and status 1."""
    try:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            try:
                # of a command that ends itself; otherwise what it returns, nothing
                status = app(prog_name="tariffcalc", standalone_mode=False)
                sys.stdout.flush()
            finally:
                for message in _warned(caught):
                    print(f"warning: {message}", file=sys.stderr)
        if status:
            sys.exit(status)
    except (BrokenPipeError, SystemExit) as stop:
        # Who read the output has had enough; the libraries below turn that into an exit with status 1.
        if isinstance(stop, SystemExit) and not isinstance(stop.__context__, BrokenPipeError):
            raise
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except (TariffError, ValueError, OSError) as error:
        sys.exit(f"error: {error}")
    except typer.Abort:
        sys.exit("aborted")
    except Exception as error:
        if not hasattr(error, "show"):
            raise
        _refuse_words(error)


def _refuse_words(error: Any) -> None:
    """A mistake in the words of the command, found by the library that reads them, as one line; status 2."""
    if type(error).__name__ == "NoArgsIsHelpError":  # no words at all: the help is the answer
        error.show()
        sys.exit(2)
    context = getattr(error, "ctx", None)
    path = context.command_path if context is not None else "tariffcalc"
    message = " ".join(error.format_message().split()).removesuffix(".").replace(". ", "; ")
    print(f"error: {message}; {path} --help says more", file=sys.stderr)
    sys.exit(2)


def _warned(caught: list[warnings.WarningMessage]) -> list[str]:
    """What to warn of, each once; of several batches, the warning about the law held that names the most
    programs."""
    coverage = [str(each.message) for each in caught if issubclass(each.category, CoverageWarning)]
    others = [
        str(each.message)
        for each in caught
        if issubclass(each.category, UserWarning) and not issubclass(each.category, CoverageWarning)
    ]
    return [*dict.fromkeys(others), *([max(coverage, key=len)] if coverage else [])]
