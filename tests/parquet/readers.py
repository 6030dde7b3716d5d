"""The reader matrix: other engines read what the writer and the program wrote, and every cell is what went in.

    python readers.py PATH/TO/parquet_sample READER…      (pyarrow duckdb polars fastparquet spark hyparquet)

Two sets of files: tables of every kind and random nesting (parquet_sample), and lakes that the program wrote from events, with
strings of many pages, nulls, empty strings, boundaries of every type; these are also read with a filter, so that statistics and
the page index are used. What a reader cannot represent is named in UNABLE and in docs/readers.md; nothing else may differ. Delta
encodings, which a table can ask for, are read too, and what comes of that is what the docs say (DELTA)."""

import contextlib
import datetime
import decimal
import json
import math
import os
import pathlib
import subprocess
import sys
import tempfile

import pyarrow as pa
import pyarrow.parquet as pq

decimal.getcontext().prec = 60
EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)
MICROSECOND = datetime.timedelta(microseconds=1)

# By reader: kinds of columns that it cannot read, or gives as something else and says so.
UNABLE = {
    "fastparquet": {
        "nested": "structs, lists and maps have no place in its frames",
        "decimal": "decimals are given as doubles",
        "far time": "times and dates are nanoseconds of 64 bits: 1677 to 2262",
    },
    "hyparquet": {
        "decimal": "decimals are given as doubles",
    },
}

# What readers make of delta encodings: every cell right, or an error or a wrong cell. Spark's depends on its version.
DELTA = {"pyarrow": "right", "duckdb": "right", "polars": "right", "fastparquet": "not right", "spark": "right", "spark 3.5.6": "not right",
         "hyparquet": "right"}


# ---- what is compared ------------------------------------------------------------------------------------------------------

def plain(value, kind):
    """A value of any reader as the writer's JSON spells it; `kind` is the column's type as pyarrow finds it in the file."""
    if value is None:
        return None
    if pa.types.is_struct(kind):
        members = value if isinstance(value, dict) else value.asDict()
        return {kind.field(i).name: plain(members[kind.field(i).name], kind.field(i).type) for i in range(kind.num_fields)}
    if pa.types.is_map(kind):
        if isinstance(value, dict):
            value = value.items()
        pairs = [(p["key"], p["value"]) if isinstance(p, dict) else p for p in value]
        return [[k, plain(v, kind.item_type)] for k, v in pairs]
    if pa.types.is_list(kind):
        return [plain(v, kind.value_type) for v in value]
    if pa.types.is_timestamp(kind):
        if isinstance(value, datetime.datetime):
            value = value if value.tzinfo else value.replace(tzinfo=datetime.timezone.utc)
            return (value - EPOCH) // MICROSECOND
        return int(value)
    if pa.types.is_date(kind):
        return (value - EPOCH.date()).days if isinstance(value, datetime.date) else int(value)
    if pa.types.is_decimal(kind):
        return str(int(value.scaleb(kind.scale)))
    if pa.types.is_binary(kind):
        return bytes(value).hex()
    if pa.types.is_floating(kind):
        return str(value) if not math.isfinite(value) else repr(float(value))
    return bool(value) if pa.types.is_boolean(kind) else int(value) if pa.types.is_integer(kind) else str(value)


def wanted(value, kind):
    """The writer's JSON, doubles as `plain` spells them."""
    if value is None:
        return None
    if pa.types.is_struct(kind):
        return {kind.field(i).name: wanted(value.get(kind.field(i).name), kind.field(i).type) for i in range(kind.num_fields)}
    if pa.types.is_map(kind):
        return [[k, wanted(v, kind.item_type)] for k, v in value]
    if pa.types.is_list(kind):
        return [wanted(v, kind.value_type) for v in value]
    if pa.types.is_floating(kind):
        return str(value) if isinstance(value, str) else repr(float(value))
    return value


# ---- readers: a file, some columns and perhaps a filter `n >= low` -> columns of Python values ------------------------------

def values_of(table):
    """Of an Arrow table; times as numbers, for Python has no year 10000 and no zones for the year 1."""
    for i, field in enumerate(table.schema):
        if pa.types.is_timestamp(field.type):
            table = table.set_column(i, field.name, table.column(i).cast(pa.timestamp("us")).cast(pa.int64()))
        elif pa.types.is_date(field.type):
            table = table.set_column(i, field.name, table.column(i).cast(pa.date32()).cast(pa.int32()))
    return {name: table.column(name).to_pylist() for name in table.column_names}


def by_pyarrow(file, columns, low):
    return values_of(pq.read_table(file, columns=columns, filters=None if low is None else [("n", ">=", low)], partitioning=None))


def by_duckdb(file, columns, low):
    import duckdb
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        names = ", ".join(f'"{name}"' for name in columns)
        where = "" if low is None else f" WHERE n >= {low}"
        return values_of(connection.execute(f"SELECT {names} FROM read_parquet(?){where}", [str(file)]).to_arrow_table())


def by_polars(file, columns, low):
    import polars
    frame = polars.scan_parquet(file, hive_partitioning=False)
    if low is not None:
        frame = frame.filter(polars.col("n") >= low)
    return values_of(frame.select(columns).collect().to_arrow())


def by_fastparquet(file, columns, low):
    import fastparquet
    import pandas
    filters = [] if low is None else [("n", ">=", low)]
    parquet = fastparquet.ParquetFile(str(file))

    def value(v):
        if v is None or v is pandas.NaT or v is pandas.NA or isinstance(v, float) and math.isnan(v):
            return None
        if isinstance(v, pandas.Timestamp):
            return v.value // 1000
        return v

    kinds = pq.read_schema(file)
    nested = any(pa.types.is_nested(field.type) for field in kinds)
    out = {}
    for name in columns:
        kind = kinds.field(name).type
        try:
            series = parquet.to_pandas(columns=[name], filters=filters)[name]  # whole row groups
        except TypeError:  # beside nested columns it takes some with nulls for columns without, and fails: no wrong value
            assert nested, f"{file.name}: fastparquet cannot read {name}"
            out[name] = None
            continue
        found = [value(v) for v in series.tolist()]
        if pa.types.is_date(kind):
            found = [v if v is None else v // 86_400_000_000 for v in found]
        out[name] = found
    if low is not None:
        kept = [n is not None and n >= low for n in out["n"]]
        out = {name: found and [v for v, keep in zip(found, kept) if keep] for name, found in out.items()}
    return out


@contextlib.contextmanager
def spark_session():
    from pyspark.sql import SparkSession
    session = (SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false").config("spark.ui.showConsoleProgress", "false")
               .config("spark.sql.session.timeZone", "UTC")
               .config("spark.driver.bindAddress", "127.0.0.1").config("spark.driver.host", "127.0.0.1")
               .config("spark.sql.parquet.datetimeRebaseModeInRead", "CORRECTED").getOrCreate())
    session.sparkContext.setLogLevel("ERROR")
    try:
        yield session
    finally:
        session.stop()


def by_spark(file, columns, low):
    from pyspark.sql import SparkSession, functions, types
    frame = SparkSession.getActiveSession().read.parquet(str(file))
    if low is not None:
        frame = frame.filter(functions.col("n") >= low)
    frame = frame.select([functions.unix_micros(name).alias(name) if isinstance(frame.schema[name].dataType, types.TimestampType)
                          else name for name in columns])
    rows = frame.collect()
    return {name: [row[name] for row in rows] for name in columns}


def by_hyparquet(file, columns, low):
    modules = pathlib.Path(os.environ.get("DH_READERS", pathlib.Path(__file__).parents[2] / ".deps/readers"))
    assert modules.exists(), f"{modules} is missing: ./dev test-all fetches it"
    node = pathlib.Path(sys.executable).with_name("node")
    command = [node, pathlib.Path(__file__).with_name("hyparquet.mjs"), modules, file, json.dumps(columns)]
    process = subprocess.run(command + ([] if low is None else [str(low)]), capture_output=True, check=False)
    if process.returncode != 0:
        raise RuntimeError(process.stderr.decode()[-600:])

    def value(v):
        if isinstance(v, list):
            return [value(of) for of in v]
        if not isinstance(v, dict):
            return v
        ((kind, text),) = v.items()
        if kind == "$members":
            return {name: value(of) for name, of in text}
        if kind == "$bytes":
            return bytes.fromhex(text)
        return int(text) if kind == "$integer" else float(text)

    return {name: [value(v) for v in cells] for name, cells in json.loads(process.stdout).items()}


READERS = {"pyarrow": by_pyarrow, "duckdb": by_duckdb, "polars": by_polars, "fastparquet": by_fastparquet, "spark": by_spark,
           "hyparquet": by_hyparquet}
NANOSECONDS = 9_223_372_036_854_775  # of microseconds


SIMPLE = lambda kind: pa.types.is_integer(kind) or pa.types.is_boolean(kind) or pa.types.is_string(kind)  # noqa: E731


def has_decimal(kind):
    return pa.types.is_decimal(kind) or any(has_decimal(kind.field(i).type) for i in range(kind.num_fields))


def able(reader, kind, cells):
    """None, or why the reader is not asked for the column."""
    unable = UNABLE.get(reader, {})
    if "nested" in unable and pa.types.is_nested(kind):
        return "nested"
    if "decimal" in unable and has_decimal(kind):
        return "decimal"
    unit = 86_400_000_000 if pa.types.is_date(kind) else 1
    if "far time" in unable and (pa.types.is_date(kind) or pa.types.is_timestamp(kind)):
        if any(v is not None and abs(v * unit) > NANOSECONDS for v in cells):
            return "far time"
    return None


def check(reader, file, rows, low=None):
    """Returns how many cells were compared. A reader may turn NaN into null where its frames cannot tell them apart."""
    schema = pq.read_schema(file)
    kept = [row for row in rows if low is None or row["n"] is not None and row["n"] >= low]
    columns = []
    for field in schema:
        if able(reader, field.type, [row[field.name] for row in rows]) is None:
            columns.append(field.name)
    if not columns:
        return 0
    found = READERS[reader](file, columns, low)
    for name in columns:
        kind = schema.field(name).type
        cells = found[name]
        if cells is None:
            continue
        assert len(cells) == len(kept), f"{file.name}: {reader}: {name} has {len(cells)} rows, written {len(kept)}"
        if SIMPLE(kind) and cells == [row[name] for row in kept]:
            continue
        for row, (cell, of) in enumerate(zip(cells, kept)):
            want = wanted(of[name], kind)
            if reader == "fastparquet" and pa.types.is_floating(kind) and cell is None and want == "nan":
                continue
            got = plain(cell, kind)
            assert got == want, f"{file.name}: {reader}: {name}[{row}] is {got!r}, written {want!r}"
    return len(columns) * len(kept)


# ---- files -----------------------------------------------------------------------------------------------------------------

def samples(sample, folder, seed):
    subprocess.run([sample, folder, str(seed)], check=True)
    for file in sorted(pathlib.Path(folder).glob("*.parquet")):
        if file.stem in ("many_rows", "growing_dictionary"):  # of these read_back.py sees to
            continue
        yield file, [json.loads(line) for line in open(file.with_suffix(".ndjson"), encoding="utf-8")]


CONTRACT = {
    "type": "object",
    "required": ["n"],
    "properties": {
        "n": {"type": "integer"},
        "s": {"type": "string"},
        "few": {"type": "string"},
        "empty": {"type": "string"},
        "never": {"type": "string"},
        "small": {"type": "integer", "x-datahub-column": {"type": "int32"}},
        "x": {"type": "number"},
        "b": {"type": "boolean"},
        "money": {"type": "number", "multipleOf": 0.01, "minimum": -1e9, "maximum": 1e9},
        "at": {"type": "string", "format": "date-time"},
        "day": {"type": "string", "format": "date"},
        "labels": {"type": "object", "additionalProperties": {"type": "string"}},
        "tags": {"type": "array", "items": {"type": ["string", "null"]}},
        "place": {"type": "object", "properties": {"street": {"type": "string"}, "number": {"type": "integer"}}},
    },
}
TIMES = {"0001-01-01T00:00:00Z": -62_135_596_800_000_000, "1582-10-04T23:59:59Z": -12_220_156_801_000_000,
         "1900-01-01T00:00:00.000001Z": -2_208_988_799_999_999, "1969-12-31T23:59:59.999999Z": -1,
         "2026-11-21T06:01:02.123456+05:30": 1_795_221_062_123_456, "9999-12-31T23:59:59.999999Z": 253_402_300_799_999_999}
DAYS = {"0001-01-01": -719162, "1582-10-15": -141427, "1969-12-31": -1, "2024-02-29": 19782, "9999-12-31": 2932896}
PROJECT = """\
project: matrix
lake: {{location: ./lake}}
sources:
  inbox: {{kind: files, path: ./inbox/*.ndjson}}
tables:
  cells: {{parquet: {{encodings: {encodings}}}}}
pipelines:
  cells: {{from: [inbox], contract: cell, to: [cells]}}
"""


def event(i, many):
    """An event, and its row: strings with and without nulls, of one byte, empty, of many pages."""
    sent, row = {"n": i}, {"n": i}

    def put(name, value, cell=None):
        sent[name], row[name] = value, value if cell is None else cell

    if i % 3:
        put("s", ("abc", "d", "")[i % 7 % 3] if not many else f"{i * 2654435761 % 2**32:08x}" * (i % 200) + "é")
    put("few", ("", "a", "Zürich")[i % 3])
    if i % 2:
        put("empty", "")
    if i % 5:
        put("small", (-2**31, 2**31 - 1, i)[i % 3])
    put("x", (0.1, -0.0, 1.7976931348623157e308, 5e-324, i / 7)[i % 5])
    if i % 4:
        put("b", i % 3 == 0)
    put("money", float(f"{(i % 2 * 2 - 1) * i}.{i % 100:02}") if i else 0, str((i % 2 * 2 - 1) * (i * 100 + i % 100)) if i else "0")
    if i % 6:
        text = list(TIMES)[i % 6 % 6]
        put("at", text, TIMES[text])
    if i % 7:
        text = list(DAYS)[i % 5]
        put("day", text, DAYS[text])
    if i % 3 != 1:
        labels = {f"k{j}": f"v{i}" for j in range(i % 3)}
        put("labels", labels, [[k, v] for k, v in labels.items()])
        if not labels:
            row["labels"] = []
    if i % 4 != 2:
        put("tags", ["t", None, ""][:i % 4])
    if i % 3 == 2:
        put("place", {"street": f"street {i}"} if i % 2 else {"number": i})
    for name in CONTRACT["properties"]:
        row.setdefault(name, None)
    if row["place"] is not None:
        row["place"] = {"street": row["place"].get("street"), "number": row["place"].get("number")}
    return sent, row


def lakes(folder, encodings="plain"):
    """Files that the program wrote, with the rows that were sent to it."""
    for name, count, many in ((f"three-{encodings}", 3, False), (f"pages-{encodings}", 12_000, True)):
        project = pathlib.Path(folder) / name
        (project / "contracts").mkdir(parents=True)
        (project / "inbox").mkdir()
        (project / "datahub.yaml").write_text(PROJECT.format(encodings=encodings))
        (project / "contracts/cell.json").write_text(json.dumps(CONTRACT))
        events = [event(i, many) for i in range(count)]
        (project / "inbox/events.ndjson").write_text("".join(json.dumps(sent) + "\n" for sent, _ in events))
        subprocess.run([os.environ["DATAHUB"], "-C", project, "run", "--threads", "1", "--fail-on-reject"], check=True, capture_output=True)
        files = list(project.glob("lake/**/cells/*.parquet"))
        assert len(files) == 1, files
        # Lineage is whatever pyarrow reads: its values are the program's own.
        lineage = [name for name in pq.read_schema(files[0]).names if name.startswith("dh_")]
        own = values_of(pq.read_table(files[0], columns=lineage, partitioning=None))
        rows = [row for _, row in events]
        assert all(len(own[name]) == len(rows) for name in lineage)
        for i, row in enumerate(rows):
            row.update({name: own[name][i] for name in lineage})
        yield files[0], rows


def check_encodings(file):
    """Only what every reader knows."""
    metadata = pq.read_metadata(file)
    for group in range(metadata.num_row_groups):
        for column in range(metadata.num_columns):
            chunk = metadata.row_group(group).column(column)
            assert set(chunk.encodings) <= {"PLAIN", "RLE", "RLE_DICTIONARY"}, f"{file}: {chunk.path_in_schema}: {chunk.encodings}"


def check_delta(reader, files):
    """What the docs say of delta encodings: a reader that they call right is, and one that they warn of is not."""
    version = ""
    if reader == "spark":
        import pyspark
        version = f" {pyspark.__version__}"
    said, met = DELTA.get(reader + version, DELTA[reader]), "right"
    for file, rows in files:
        try:
            check(reader, file, rows)
        except Exception as error:  # noqa: BLE001  an error or a wrong cell
            met = "not right"
            lines = str(error).strip().splitlines()
            reason = next((line for line in reversed(lines) if line.startswith("Caused by")), lines[0])
            print(f"{reader}{version}, delta encodings, {file.parent.parent.name}: {reason[:200]}")
    assert met == said, f"{reader}{version}: delta encodings are {met}, docs/readers.md says {said}"


def main() -> int:
    sample, readers = sys.argv[1], sys.argv[2:]
    assert readers and set(readers) <= set(READERS), readers
    with tempfile.TemporaryDirectory() as folder, spark_session() if "spark" in readers else contextlib.nullcontext():
        (pathlib.Path(folder) / "samples").mkdir()
        files = [(file, rows, None) for file, rows in samples(sample, folder + "/samples", 1)]
        for file, rows in lakes(folder):
            files.append((file, rows, None))
            files.append((file, rows, 2))
            files.append((file, rows, len(rows) - 1))
        for file, _, _ in files:
            check_encodings(file)
        delta = list(lakes(folder, "delta"))
        for reader in readers:
            cells, failures = 0, []
            for file, rows, low in files:
                try:
                    cells += check(reader, file, rows, low)
                except AssertionError as error:
                    failures.append(str(error))
            print(f"{reader}: {len(files)} readings, {cells} cells equal" if not failures else "\n".join(failures[:20]))
            if failures:
                return 1
            check_delta(reader, delta)
    return 0


if __name__ == "__main__":
    sys.exit(main())
