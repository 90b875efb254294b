"""The commands about what there is: `dateline show`, `dateline check`, `dateline rebuild` and `dateline models`."""

from typing import Annotated

import typer

Data = Annotated[str, typer.Argument(metavar="OUTPUT", help="The dataset: the folder that a run wrote to.")]


def register(app: typer.Typer) -> None:
    """Add `show`, `check`, `rebuild` and `models` to the command line."""
    app.command("show", no_args_is_help=True)(show)
    app.command("check", no_args_is_help=True)(check)
    app.command("rebuild", no_args_is_help=True)(rebuild)
    app.command("models")(models)


def show(
    data: Data,
    article: Annotated[
        str | None, typer.Option(help="The article's id, or its first letters.", show_default="the first article")
    ] = None,
) -> None:
    """Show one record: its text with mentions in colour, what was removed, entities, stances with their evidence."""
    from rich.console import Console

    from pipeline.show import show_article

    show_article(data, article, Console())


def check(data: Data) -> None:
    """Read a whole dataset and say what is wrong with it, and the way out; exit code 1 when something is."""
    from pipeline.check import run_check

    raise typer.Exit(run_check(data))


def rebuild(
    data: Data,
    part_files: Annotated[
        int | None, typer.Option(min=1, help="Files a partition from now on.", show_default="as many as now")
    ] = None,
) -> None:
    """Make a dataset's index and files right again from what is there: after a loss, or to migrate to this version.

    Files that cannot be read are set aside; rows that are lost come back when you run again over the same inputs.
    """
    from pipeline.rebuild import rebuild as make_anew

    typer.echo(make_anew(data, part_files=part_files))


def models() -> None:
    """Show the bundled models, after checking that their files are whole."""
    from models.folder import BUNDLED, find_model_folder

    for task in BUNDLED:
        folder = find_model_folder(None, task)
        size = sum(file.stat().st_size for file in folder.path.iterdir()) / 1e6
        read = ", ".join(sorted(folder.languages)) or "any language in Latin script"
        typer.echo(f"{task:7} {folder.name}, {size:.0f} MB: {', '.join(folder.labels)} ({read})")
        typer.echo(f"        {folder.path}")
