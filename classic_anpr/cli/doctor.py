"""``classic-anpr doctor``: versions, engine and model, and what is missing."""

from __future__ import annotations

import click


@click.command()
@click.pass_context
def doctor(ctx: click.Context) -> None:
    """Print versions, engine and model, and what is missing.

    Exit code: 0, plates can be read; 1, something that is needed is missing.
    """
    from classic_anpr.doctor import examine
    from classic_anpr.output.stdout import records_only

    missing = 0
    with records_only() as stdout:
        for finding in examine():
            stdout.write(f"{'MISSING' if finding.missing else 'ok':<8}{finding.name:<24}{finding.state}\n")
            missing += finding.missing
    if missing:
        click.echo(f"{missing} missing: `pip install --force-reinstall classic-anpr` brings what is needed", err=True)
    ctx.exit(1 if missing else 0)
