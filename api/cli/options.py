"""Options that several commands take."""

from pathlib import Path
from typing import Annotated

import typer

DataDir = Annotated[
    Path | None, typer.Option("--data-dir", help="Folder of the index and the compiled models.", show_default=False)
]

InCollection = Annotated[
    str | None,
    typer.Option(
        "--collection", help="Which collection; unset: that of the settings, the default one.", show_default=False
    ),
]
