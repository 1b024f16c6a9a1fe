#!/usr/bin/env python3
"""Turns the Chinook sample database into files for `bistro seed`.

    python3 load.py CHINOOK_DIR OUT_DIR

CHINOOK_DIR holds Chinook_Sqlite.sqlite; OUT_DIR gets one <collection>.jsonl for each table. Money is written as JSON
numbers with two digits, times in ISO 8601 with their zone (the source means UTC), text as UTF-8. An empty cell is null.
"""

import json
import sqlite3
import sys
from decimal import Decimal
from pathlib import Path

SOURCE = "Chinook_Sqlite.sqlite"
CENTS = Decimal("0.01")

# (table, collection, key columns), referenced tables first. A column is the snake_case of the source's name.
TABLES = [
    ("Artist", "artists", ["ArtistId"]),
    ("Album", "albums", ["AlbumId"]),
    ("Genre", "genres", ["GenreId"]),
    ("MediaType", "media_types", ["MediaTypeId"]),
    ("Track", "tracks", ["TrackId"]),
    ("Playlist", "playlists", ["PlaylistId"]),
    ("PlaylistTrack", "playlist_tracks", ["PlaylistId", "TrackId"]),
    ("Employee", "employees", ["EmployeeId"]),
    ("Customer", "customers", ["CustomerId"]),
    ("Invoice", "invoices", ["InvoiceId"]),
    ("InvoiceLine", "invoice_lines", ["InvoiceLineId"]),
]


def snake(name: str) -> str:
    """`InvoiceLineId` -> `invoice_line_id`."""
    return "".join("_" + c.lower() if c.isupper() and i else c.lower() for i, c in enumerate(name))


def as_json(value, declared_type: str) -> str:
    """One cell as JSON text, by the type that its column declares."""
    if value is None:
        return "null"
    if declared_type.startswith("NUMERIC"):
        # The source keeps money as floats; the shortest text of such a float is the amount that was meant.
        amount = Decimal(str(value))
        cents = amount.quantize(CENTS)
        if cents != amount:
            raise ValueError(f"{value!r} is not a whole number of cents")
        return format(cents, "f")
    if declared_type == "DATETIME":
        day, _, time = value.partition(" ")
        return json.dumps(f"{day}T{time}+00:00")
    return json.dumps(value, ensure_ascii=False)


def write_table(db: sqlite3.Connection, table: str, key: list[str], target: Path) -> int:
    """Writes the rows of one table in key order and returns how many there are."""
    columns = [(name, kind) for _, name, kind, *_ in db.execute(f'PRAGMA table_info("{table}")')]
    rows = 0
    with target.open("w", encoding="utf-8", newline="\n") as out:
        for row in db.execute(f'SELECT * FROM "{table}" ORDER BY {", ".join(key)}'):
            cells = (f'"{snake(name)}":{as_json(cell, kind)}' for (name, kind), cell in zip(columns, row))
            out.write("{" + ",".join(cells) + "}\n")
            rows += 1
    return rows


def main(arguments: list[str]) -> int:
    if len(arguments) != 2:
        print("usage: python3 load.py CHINOOK_DIR OUT_DIR", file=sys.stderr)
        return 2
    source, out = Path(arguments[0]) / SOURCE, Path(arguments[1])
    if not source.is_file():
        print(f"load.py: {source} is not there: name the folder that holds {SOURCE}", file=sys.stderr)
        return 1
    out.mkdir(parents=True, exist_ok=True)
    db = sqlite3.connect(source.resolve().as_uri() + "?mode=ro&immutable=1", uri=True)
    try:
        total = sum(write_table(db, table, key, out / f"{name}.jsonl") for table, name, key in TABLES)
    finally:
        db.close()
    print(f"{total} rows in {len(TABLES)} files")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
