"""Arguments and options shared by several commands."""

from pathlib import Path
from typing import Annotated

import typer


CATALOG = Path("catalog/data")
RUNS = Path("runs")

System = Annotated[
    str, typer.Argument(help="Name in configs/systems, or a YAML file.", metavar="SYSTEM")
]
Catalog = Annotated[Path, typer.Option(help="Folder of the Parquet catalog.")]
Start = Annotated[str | None, typer.Option(help="ISO 8601 start, UTC; all data if left out.")]
End = Annotated[str | None, typer.Option(help="ISO 8601 end, excluded; all data if left out.")]
Overrides = Annotated[
    list[str] | None,
    typer.Option("--set", help="dotted.key=value of the configuration; may be repeated."),
]
