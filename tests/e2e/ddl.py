"""CREATE TABLE for other engines: DuckDB executes its own and reads the table's files into it; the text for Athena, Hive, Trino
and Spark is parsed by sqlglot, with every column and its type."""

import json
import subprocess
import sys

import duckdb
import sqlglot
from sqlglot import expressions

import harness

CONTRACT = {
    "type": "object",
    "required": ["created_at"],
    "properties": {
        "created_at": {"type": "string", "format": "date-time"},
        "day": {"type": "string", "format": "date", "description": "it's a \"day\"\nof `quotes` and \\ slashes"},
        "select": {"type": "integer"},
        "MixedCase": {"type": "number"},
        "amount": {"type": "number", "multipleOf": 0.01, "minimum": 0, "maximum": 1000000},
        "flag": {"type": ["boolean", "null"]},
        "tags": {"type": "array", "items": {"type": "string"}},
        "lines": {"type": "array", "items": {"type": "object", "properties": {
            "table": {"type": "string"}, "count": {"type": "integer"}, "sizes": {"type": "array", "items": {"type": "number"}}}}},
        "labels": {"type": "object", "additionalProperties": {"type": "integer"}},
        "anything": {},
    },
}
COLUMNS = ["created_at", "day", "select", "MixedCase", "amount", "flag", "tags", "lines", "labels", "anything", "dh_received_at",
           "dh_source", "dh_shard", "dh_offset", "dh_contract_version"]
NESTED = {"tags", "lines", "labels"}
EVENT = {"created_at": "2026-01-01T00:00:00Z", "day": "2026-01-02", "select": 1, "MixedCase": 1.5, "amount": 12.34, "flag": True,
         "tags": ["a"], "lines": [{"table": "t", "count": 2, "sizes": [0.5]}], "labels": {"x": 1}, "anything": {"y": [1]}}


def check(condition, *said):
    if not condition:
        raise AssertionError(" ".join(str(s) for s in said))


def ddl(project, *args, code=0):
    done = subprocess.run([harness.DATAHUB, "-C", str(project.folder), "contract", "ddl", "user", *args], capture_output=True, text=True)
    check(done.returncode == code, args, done.returncode, done.stderr)
    return done.stdout if code == 0 else done.stderr


def parsed(project, dialect, *args):
    """The statement as sqlglot reads it: columns by name, with their types."""
    reads = {"iceberg": "spark"}.get(dialect, dialect)
    (statement,) = [s for s in sqlglot.parse(ddl(project, "--dialect", dialect, *args), read=reads) if s]
    check(isinstance(statement, expressions.Create), dialect, type(statement))
    columns = {c.name: c for c in statement.find_all(expressions.ColumnDef) if isinstance(c.parent, expressions.Schema)}
    again = sqlglot.parse_one(statement.sql(dialect=reads), read=reads)
    check({c.name: c.kind.sql(reads) for c in again.find_all(expressions.ColumnDef)}
          == {c.name: c.kind.sql(reads) for c in statement.find_all(expressions.ColumnDef)}, dialect, "types change on the way")
    return statement, columns


def main():
    with harness.Scratch() as scratch:
        project = harness.Project(scratch / "project", records=3, files=1)
        (project.folder / "contracts/user.json").write_text(json.dumps(CONTRACT))
        path = project.folder / "datahub.yaml"
        path.write_text(path.read_text().replace("[day(created_at)]", "[day(created_at), select as chosen]"))
        (project.folder / "inbox/events-0.ndjson").write_text(json.dumps(EVENT) + "\n")
        project.run("run")

        connection = duckdb.connect()
        connection.execute("CREATE SCHEMA shop")
        for statement in sqlglot.parse(ddl(project, "--dialect", "duckdb"), read="duckdb"):
            connection.execute(statement.sql("duckdb"))
        connection.execute("DROP TABLE shop.users")
        connection.execute(ddl(project, "--dialect", "duckdb"))  # and as it is written
        files = f"read_parquet('{project.folder}/lake/shop/users/**/*.parquet', hive_partitioning = true)"
        connection.execute(f"INSERT INTO shop.users BY NAME SELECT * EXCLUDE (created_at_day, chosen), chosen AS \"select\" FROM {files}")
        described = [column[0] for column in connection.execute("DESCRIBE shop.users").fetchall()]
        check(described == COLUMNS, described)
        row = connection.execute('SELECT lines, labels, amount::VARCHAR, "select", "MixedCase" FROM shop.users').fetchone()
        check(row == (EVENT["lines"], {"x": 1}, "12.34", 1, 1.5), row)
        comment = connection.execute("SELECT comment FROM duckdb_columns() WHERE column_name = 'day'").fetchone()[0]
        check(comment == CONTRACT["properties"]["day"]["description"].replace("\n", " "), comment)

        for dialect in ("athena", "hive", "trino", "spark", "iceberg"):
            statement, columns = parsed(project, dialect)
            lower = dialect in ("athena", "hive", "trino")
            held = COLUMNS if dialect == "iceberg" else [c for c in COLUMNS if c != "select"] + ["chosen"]
            wanted = {name.lower() if lower else name for name in held} | (set() if dialect == "iceberg" else {"created_at_day"})
            there = set(columns) | {c.name for c in statement.find_all(expressions.ColumnDef) if c.find_ancestor(expressions.PartitionedByProperty)}
            check(wanted <= there, dialect, wanted - there)
            for name in NESTED:
                check(columns[name].kind.args.get("nested"), dialect, name, columns[name].kind)
            check(columns["amount"].kind.sql().replace(" ", "") == "DECIMAL(38,2)", dialect, columns["amount"].kind.sql())
            check("slashes" in columns["day"].sql(), dialect)
        text = ddl(project, "--dialect", "athena", "--projection")
        check("'projection.created_at_day.type' = 'date'" in text and "'projection.chosen.type' = 'injected'" in text, text)
        parsed(project, "athena", "--projection")
        for dialect in ("athena", "hive", "trino", "spark"):
            text = ddl(project, "--dialect", dialect)
            check(0 < text.rindex("dh_contract_version") < text.index("created_at_day") < text.index("chosen"), "in the folders' order", text)
        check('"lines" jsonb' in ddl(project, "--dialect", "postgres"), "nested is jsonb")
        sqlglot.parse(ddl(project, "--dialect", "postgres"), read="postgres")

        ddl(project, "--dialect", "hive", "--projection", code=2)
        ddl(project, "--dialect", "mysql", code=2)
        check("no pipeline has the contract" in subprocess.run([harness.DATAHUB, "-C", str(project.folder), "contract", "ddl", "nobody"],
                                                               capture_output=True, text=True).stderr)
        for name, dialect in (("a-b", "hive"), ("x" * 70, "postgres")):
            wrong = json.loads(json.dumps(CONTRACT))
            of = wrong["properties"] if dialect == "postgres" else wrong["properties"]["lines"]["items"]["properties"]
            of[name] = {"type": "string"}
            (project.folder / "contracts/user.json").write_text(json.dumps(wrong))
            check(name in ddl(project, "--dialect", dialect, code=1), name)
    print("ok")
    return 0


if __name__ == "__main__":
    sys.exit(main())
