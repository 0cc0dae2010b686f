"""``classic-anpr validate``: which layouts a text has, and why not the others."""

from __future__ import annotations

from pathlib import Path

import click

from classic_anpr.cli.options import codes


@click.command()
@click.argument("text")
@click.option("--country", multiple=True, callback=codes, help="Countries or groups, as in ru,by.  [default: all]")
@click.option(
    "--country-file",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A country file of your own; may be repeated.",
)
@click.pass_context
def validate(ctx: click.Context, text: str, country: list[str] | None, country_file: tuple[Path, ...]) -> None:
    """Say which layouts TEXT has, how it is printed, which region it names; for chosen countries also why not.

    Exit code: 0, a layout matches and its checks hold; 1, none does; 2, wrong usage.
    """
    from classic_anpr.countries import load_countries
    from classic_anpr.countries.show import explain
    from classic_anpr.errors import UsageError

    chosen = load_countries(country, country_file)
    valid = False
    for one in chosen:
        folded = one.fold(text)
        if not folded:
            raise UsageError(f"{text!r} holds no letter or digit of a plate")
        for layout, ok, words in explain(one, folded):
            valid |= ok
            if country or country_file or layout.matches(folded):
                click.echo(f"{one.code} {layout.id} ({layout.vehicle}): {words}")
    ctx.exit(0 if valid else 1)
