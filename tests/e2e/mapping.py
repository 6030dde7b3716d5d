"""From contract to columns and back: JSON events land in Parquet files, DuckDB and pyarrow read these, and what they read is
compared with the events by an oracle that knows the written rules alone. Every row of the mapping, its edges, random events
(DH_FUZZ_SEED repeats them), what must be rejected and why, column types, and field ids over two contract versions.

    python mapping.py [EVENTS]"""

import datetime
import decimal
import json
import os
import random
import re
import subprocess
import sys

import duckdb
import pyarrow as pa
import pyarrow.parquet as parquet

import harness
import mapping_rows
from mapping_rows import EXTRA

decimal.getcontext().prec = 100
LINEAGE = ["dh_received_at", "dh_source", "dh_shard", "dh_offset", "dh_contract_version"]


def check(condition, *said):
    if not condition:
        raise AssertionError(" ".join(str(s) for s in said))


# ---- the rules ---------------------------------------------------------------------------------------------------------

class Literal(str):
    """A number as it is written."""


def parsed(text):
    return json.loads(text, parse_int=Literal, parse_float=Literal)


def micros_of(text):
    """Of RFC 3339 text, since 1970 in UTC; digits beyond are cut."""
    year, month, day, hour, minute, second, fraction, offset = re.fullmatch(
        r"(\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d):(\d\d)(\.\d+)?([Zz]|[+-]\d\d:\d\d)", text).groups()
    seconds = (days_of(f"{year}-{month}-{day}") * 24 + int(hour)) * 3600 + int(minute) * 60 + int(second)
    if offset not in "Zz":
        seconds -= (1 if offset[0] == "+" else -1) * (int(offset[1:3]) * 3600 + int(offset[4:]) * 60)
    return seconds * 10**6 + int(((fraction or ".")[1:] + "000000")[:6])


def days_of(text):
    return datetime.date.fromisoformat(text).toordinal() - datetime.date(1970, 1, 1).toordinal()


def wanted(value, kind):
    """What a column of the kind holds of an event's value."""
    if value is None:
        return None
    name = kind[0]
    if name in ("int64", "int32"):
        return int(decimal.Decimal(value))
    if name == "double":
        return repr(float(value))
    if name == "decimal":
        return decimal.Decimal(value).quantize(decimal.Decimal(1).scaleb(-kind[1])) + 0
    if name == "instant":
        return micros_of(value)
    if name == "date":
        return days_of(value)
    if name == "list":
        return [wanted(v, kind[1]) for v in value]
    if name == "map":
        return sorted((k, wanted(v, kind[1])) for k, v in value.items())
    if name == "struct":
        rest = {k: v for k, v in value.items() if k not in kind[1]}
        members = {k: wanted(value.get(k), of) for k, of in kind[1].items() if k != EXTRA}
        if EXTRA in kind[1]:
            members[EXTRA] = rest or None
        else:
            check(not rest, "no column for", rest)
        return members
    return value


# ---- what readers see --------------------------------------------------------------------------------------------------

def seen(value, kind):
    """An Arrow scalar of a column of the kind."""
    if not value.is_valid:
        return None
    name = kind[0]
    if name == "double":
        return repr(value.as_py())
    if name in ("instant", "date"):
        return value.value
    if name == "json":
        return parsed(value.as_py())
    if name == "list":
        return [seen(v, kind[1]) for v in value.values]
    if name == "map":
        return sorted((v["key"].as_py(), seen(v["value"], kind[1])) for v in value.values)
    if name == "struct":
        check([f.name for f in value.type] == list(kind[1]), value.type, kind)
        return {k: seen(value[k], of) for k, of in kind[1].items()}
    return value.as_py()


def arrow_type(kind):
    name = kind[0]
    if name == "list":
        return pa.list_(arrow_type(kind[1]))
    if name == "map":
        return pa.map_(pa.string(), arrow_type(kind[1]))
    if name == "struct":
        return pa.struct([(k, arrow_type(of)) for k, of in kind[1].items()])
    if name == "decimal":
        return pa.decimal128(38, kind[1])
    return {"int64": pa.int64(), "int32": pa.int32(), "double": pa.float64(), "bool": pa.bool_(), "string": pa.string(), "json": pa.string(),
            "instant": pa.timestamp("us", "UTC"), "date": pa.date32()}[name]


def duckdb_type(kind):
    name = kind[0]
    if name == "list":
        return duckdb_type(kind[1]) + "[]"
    if name == "map":
        return f"MAP(VARCHAR, {duckdb_type(kind[1])})"
    if name == "struct":
        return "STRUCT(" + ", ".join(f'"{k}" {duckdb_type(of)}' for k, of in kind[1].items()) + ")"
    if name == "decimal":
        return f"DECIMAL(38,{kind[1]})"
    return {"int64": "BIGINT", "int32": "INTEGER", "double": "DOUBLE", "bool": "BOOLEAN", "string": "VARCHAR", "json": "VARCHAR",
            "instant": "TIMESTAMP WITH TIME ZONE", "date": "DATE"}[name]


# ---- a project ---------------------------------------------------------------------------------------------------------

class Project:
    """One pipeline, one table, no partitions."""

    def __init__(self, folder, schema, settings=""):
        self.folder = folder
        (folder / "contracts/row").mkdir(parents=True)
        (folder / "inbox").mkdir()
        (folder / "datahub.yaml").write_text(
            "project: p\nlake: {location: ./lake, database: d}\nledger: {kind: sqlite}\ncontracts: ./contracts\n"
            "sources: {in: {kind: files, path: './inbox/*.ndjson', format: ndjson}}\ntables: {rows: {}}\n"
            "pipelines: {rows: {from: [in], contract: row, to: [rows]}}\n")
        if settings:
            (folder / "contracts/row/contract.yaml").write_text(settings)
        self.contract(1, schema)

    def contract(self, version, schema):
        text = json.dumps(schema)
        for name, literal in mapping_rows.LITERALS.items():
            text = text.replace(name, literal)
        (self.folder / f"contracts/row/{version}.json").write_text(text)

    def run(self, name, events):
        """The events as a file of that name, landed."""
        lines = [event if isinstance(event, bytes) else event.encode() for event in events]
        (self.folder / f"inbox/{name}.ndjson").write_bytes(b"".join(line + b"\n" for line in lines))
        done = subprocess.run([harness.DATAHUB, "-C", str(self.folder), "run"], capture_output=True, text=True)
        check(done.returncode == 0, done.stderr)

    def files(self, table="rows"):
        done = subprocess.run([harness.DATAHUB, "-C", str(self.folder), "table", "files", table, "--json"], capture_output=True, text=True)
        check(done.returncode == 0, done.stderr)
        return [str(self.folder / "lake" / json.loads(line)["key"]) for line in done.stdout.splitlines()]


def tables_of(files):
    """The same files as two readers read them: (reader, schema, types, rows)."""
    table = pa.concat_tables([parquet.ParquetFile(file).read() for file in files])
    yield "pyarrow", [(f.name, f.type) for f in table.schema], arrow_type, table
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    source = f"read_parquet({files!r})"
    types = [(row[0], row[1]) for row in connection.execute(f"DESCRIBE SELECT * FROM {source}").fetchall()]
    yield "duckdb", types, duckdb_type, connection.execute(f"SELECT * FROM {source}").to_arrow_table()


def same_type(there, kind, type_of):
    return there == type_of(kind) if isinstance(there, pa.DataType) else re.sub('"', "", there) == re.sub('"', "", type_of(kind))


def check_rows(project, columns, events):
    """`columns`: name -> kind; `events`: what landed, as parsed values, in order of their places."""
    for reader, types, type_of, table in tables_of(project.files()):
        check([name for name, _ in types] == list(columns) + LINEAGE, reader, types)
        for name, there in types[:len(columns)]:
            check(same_type(there, columns[name], type_of), reader, name, there, "is not", type_of(columns[name]))
        order = sorted(range(table.num_rows), key=lambda row: int(table["dh_offset"][row].as_py()))
        check(len(order) == len(events), reader, len(order), "rows of", len(events))
        for name, kind in columns.items():
            column = table[name].combine_chunks()
            for row, event in zip(order, events):
                there = seen(column[row], kind)
                check(there == event[name], reader, name, "holds", there, "instead of", event[name])
        print(f"{reader}: {len(events)} rows, {len(columns)} columns")


def check_rejected(project, rejected):
    """(event, keyword of a reason): each is in quarantine for it, and nothing else is."""
    table = pa.concat_tables([parquet.ParquetFile(file).read() for file in project.files("rows_quarantine")]) if rejected else None
    there = {row["raw"]: json.dumps(row["reasons"], default=str) for row in table.select(["raw", "reasons"]).to_pylist()}
    for event, keyword in rejected:
        raw = event if isinstance(event, bytes) else event.encode()
        check(raw in there, raw, "was not rejected")
        check(keyword in there.pop(raw), raw, "was rejected, but not for", keyword)
    check(not there, "rejected:", there)


# ---- the tests ---------------------------------------------------------------------------------------------------------

def every_row(folder, seed, count):
    values = mapping_rows.Values(seed)
    rows = mapping_rows.rows(values)
    schema = {"type": "object", "properties": {name: of for name, (of, _, _) in rows.items()}, "$defs": mapping_rows.DEFS}
    project = Project(folder, schema)
    names = {"renamed": "other_name"}
    columns = {names.get(name, name): kind for name, (_, kind, _) in rows.items()}
    events = ["{}"] + ["{" + f'"{name}":{value()}' + "}" for name, (_, _, value) in rows.items() for _ in range(40)]
    events += [values.named(*((name, value) for name, (_, _, value) in rows.items())) for _ in range(count)]
    rejected = [("{" + member + "}", why) for member, why in mapping_rows.REJECTED]
    rejected = [(event.encode("latin-1") if "\xff" in event else event, why) for event, why in rejected]
    lines = events + [event for event, _ in rejected]
    project.run("events", lines)
    landed = [{names.get(name, name): wanted(event.get(name), kind) for name, (_, kind, _) in rows.items()} for event in map(parsed, events)]
    check_rejected(project, rejected)
    check_rows(project, columns, landed)


def open_root(folder, seed):
    """Not strict: what has no column is kept. And digits finer than a microsecond are refused where the contract says so."""
    values = mapping_rows.Values(seed)
    schema = {"$schema": "http://json-schema.org/draft-07/schema#", "type": "object",
              "properties": {"a": {"type": "integer"}, "at": {"type": "string", "format": "date-time"},
                             "o": {"type": "object", "properties": {"x": {"type": "string"}}},
                             "closed": {"type": "object", "properties": {"x": {"type": "string"}}, "additionalProperties": False},
                             "pair": {"type": "array", "items": [{"type": "integer"}]}, "map": {"type": "object", "patternProperties": {"^k_": {"type": "integer"}}}}}
    columns = {"a": mapping_rows.INT64, "at": mapping_rows.INSTANT, "o": ("struct", {"x": mapping_rows.STRING, EXTRA: mapping_rows.JSON}),
               "closed": ("struct", {"x": mapping_rows.STRING}), "pair": mapping_rows.JSON, "map": ("map", mapping_rows.JSON), EXTRA: mapping_rows.JSON}
    project = Project(folder, schema, "strict: false\nexcess_digits: reject\n")
    kind = ("struct", columns)
    events = [values.named(("a", values.integer), ("at", lambda: '"2026-01-01T00:00:00.1234560Z"'), ("b", values.anything), ("c d", values.double),
                           ("o", lambda: values.named(("x", values.text), ("y", values.anything))), ("closed", lambda: values.named(("x", values.text))),
                           ("pair", lambda: "[" + values.integer() + ',{"b":1.0}]'), ("map", lambda: values.dictionary(values.integer, "k_")))
              for _ in range(200)]
    rejected = [('{"at":"2026-01-01T00:00:00.1234567Z"}', "dh:digits"), ('{"closed":{"y":1}}', "additionalProperties")]
    project.run("events", events + [event for event, _ in rejected])
    check_rejected(project, rejected)
    check_rows(project, columns, [wanted(parsed(event), kind) for event in events])


def whole_event(folder, schema, kind, events):
    """A root that is no object with members is one column."""
    project = Project(folder, schema)
    project.run("events", events)
    check_rows(project, {"event": kind}, [{"event": wanted(parsed(event), kind)} for event in events])


def ids_of(file):
    """Path -> field id, of every level that has a name in the contract."""
    ids = {}

    def walk(field, path):
        path = path + [field.name]
        if field.metadata and b"PARQUET:field_id" in field.metadata:
            ids[".".join(path)] = int(field.metadata[b"PARQUET:field_id"])
        if pa.types.is_struct(field.type):
            for child in field.type:
                walk(child, path)
        elif pa.types.is_map(field.type):
            walk(field.type.key_field, path)
            walk(field.type.item_field, path)
        elif pa.types.is_list(field.type):
            walk(field.type.value_field, path)

    for field in parquet.ParquetFile(file).schema_arrow:
        walk(field, [])
    return ids


def field_ids(folder):
    """A later version that names more, in another order, keeps the ids of what was there."""
    def schema(order, **more):
        inner = {"x": {"type": "integer"}, "y": {"type": "string"}}
        properties = {"a": {"type": "string"}, "b": {"type": "integer"}, "l": {"type": "array", "items": {"type": "object", "properties": dict(inner)}},
                      "m": {"type": "object", "additionalProperties": {"type": "number"}}, "s": {"type": "object", "properties": dict(inner)}}
        if more:
            properties["s"]["properties"] = {"new": {"type": "boolean"}, **{k: inner[k] for k in reversed(inner)}}
            properties["l"]["items"]["properties"] = {"z": {"type": "string"}, **inner}
        properties.update(more)
        return {"type": "object", "properties": {name: properties[name] for name in order}}

    project = Project(folder, schema("ablms"))
    project.run("one", ['{"a":"x","b":1,"l":[{"x":1,"y":"a"}],"m":{"k":0.5},"s":{"x":2,"y":"b"}}'])
    (first,) = project.files()
    before = ids_of(first)
    project.contract(2, schema("snmlbca", n={"type": "string"}, c={"type": "integer"}))
    project.run("two", ['{"a":"y","b":2,"c":7,"n":"new","l":[{"x":3,"z":"z"}],"m":{"k":1.5},"s":{"x":4,"y":"d","new":true}}'])
    (second,) = set(project.files()) - {first}
    after = ids_of(second)
    paths = {path for path in before if not path.startswith("dh_")}
    check(len(paths) >= 11, "every level has an id", paths)
    check(set(before) <= set(after), "columns stay", set(before) - set(after))
    check({path: after[path] for path in before} == before, "ids stay", before, after)
    added = set(after) - set(before)
    check(added == {"c", "n", "s.new", "l.element.z"}, added)
    for ids in (before, after):
        check(len(set(ids.values())) == len(ids), "each id once", ids)
    check(not {after[path] for path in added} & set(before.values()), "new ids are new", before, after)
    # By name, with what was not there read as null, as the table is read.
    done = subprocess.run([harness.DATAHUB, "-C", str(project.folder), "query", "SELECT a, c, n, s.y AS y, s.new AS w FROM rows ORDER BY a", "--json"],
                          capture_output=True, text=True)
    check([json.loads(line) for line in done.stdout.splitlines()]
          == [{"a": "x", "c": None, "n": None, "y": "b", "w": None}, {"a": "y", "c": 7, "n": "new", "y": "d", "w": True}], done.stdout, done.stderr)
    print(f"field ids: {len(before)} stay, {len(added)} are new")


def main():
    seed = int(os.environ.get("DH_FUZZ_SEED", random.randrange(2**32)))
    print(f"DH_FUZZ_SEED={seed}")
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 300
    values = mapping_rows.Values(seed)
    with harness.Scratch() as scratch:
        every_row(scratch / "every", seed, count)
        open_root(scratch / "open", seed)
        whole_event(scratch / "any", True, mapping_rows.JSON, [values.anything() for _ in range(100)])
        whole_event(scratch / "array", {"type": "array", "items": {"type": "integer"}}, mapping_rows.listed(mapping_rows.INT64),
                    [values.many(values.integer) for _ in range(100)])
        whole_event(scratch / "map", {"type": "object", "additionalProperties": {"type": "number"}}, mapping_rows.mapped(mapping_rows.DOUBLE),
                    [values.dictionary(values.double) for _ in range(100)])
        field_ids(scratch / "ids")
    print("ok")
    return 0


if __name__ == "__main__":
    sys.exit(main())
