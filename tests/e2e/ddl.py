"""CREATE TABLE for other engines: DuckDB executes its own and reads the table's files into it; PostgreSQL executes its own, says
what it understood and takes an event; the text for Athena, Hive, Trino and Spark is parsed by sqlglot, with every column and
its type. Names that an engine has words or rules for are quoted, or refused."""

import json
import subprocess
import sys

import duckdb
import sqlglot
from sqlglot import expressions

import harness
import postgres

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


# As PostgreSQL calls them; dh_* are those of lineage.
POSTGRES = {"created_at": "timestamp with time zone", "day": "date", "select": "bigint", "MixedCase": "double precision", "amount": "numeric(38,2)",
            "flag": "boolean", "tags": "jsonb", "lines": "jsonb", "labels": "jsonb", "anything": "jsonb", "dh_received_at": "timestamp with time zone",
            "dh_source": "text", "dh_shard": "text", "dh_offset": "text", "dh_contract_version": "integer"}
# Words that some engine reserves, its names for types, and what only quotes make a name.
WORDS = ["all", "and", "any", "array", "as", "asc", "between", "case", "check", "column", "create", "cross", "cube", "current_date", "current_user", "date",
         "default", "delete", "desc", "distinct", "drop", "else", "end", "except", "exists", "external", "false", "fetch", "for", "foreign", "from", "full",
         "function", "grant", "group", "having", "in", "insert", "int", "interval", "into", "is", "join", "key", "lateral", "left", "like", "limit", "local",
         "map", "natural", "not", "null", "offset", "on", "or", "order", "partition", "placing", "primary", "qualify", "range", "references", "row", "rows",
         "schema", "select", "session_user", "some", "struct", "table", "then", "timestamp", "to", "true", "union", "unique", "unnest", "update", "user",
         "using", "values", "varchar", "view", "when", "where", "window", "with", "1st", "$x", "a-b", "a#b", "a%b", "a@b", "a+b", "ü", "日本", "Upper", "_x"]
# What Hive's readers take in no name, of a column or within a struct: the contract is refused.
REFUSED = ["", " ", "a b", " a", 'a"b', "a'b", "a`b", "a\\b", "a,b", "a;b", "a:b", "a.b", "a=b", "a<b", "a>b", "(a)", "{a}", "[a]", "a/b", "a\tb", "a\nb",
           "a\u007fb", "a\u0000b", "dh_x", "DH_x", "x" * 256]
SYSTEM = ["tableoid", "xmin", "cmin", "xmax", "cmax", "ctid"]  # columns that every table of PostgreSQL has


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


def in_postgres(project):
    with postgres.Server() as server:
        server.run("CREATE SCHEMA shop")
        text = ddl(project, "--dialect", "postgres")
        server.run(text)
        server.run(text)  # it is there already
        there = server.run("SELECT column_name, data_type, numeric_precision, numeric_scale, is_nullable FROM information_schema.columns "
                           "WHERE table_schema = 'shop' AND table_name = 'users' ORDER BY ordinal_position")
        types = {row[0]: row[1] + (f"({row[2]},{row[3]})" if row[1] == "numeric" else "") for row in there}
        check([row[0] for row in there] == COLUMNS and types == POSTGRES, types)
        check(all(row[4] == "YES" for row in there), "columns are nullable", there)
        server.run(f"INSERT INTO shop.users SELECT * FROM json_populate_record(NULL::shop.users, $event${json.dumps(EVENT)}$event$)")
        row = json.loads(server.run("SET TimeZone = 'UTC'; SELECT to_json(u) FROM shop.users u")[0][0])
        instant = row.pop("created_at")
        check(instant == "2026-01-01T00:00:00+00:00", instant)
        check({name: value for name, value in row.items() if not name.startswith("dh_")} == {k: v for k, v in EVENT.items() if k != "created_at"}, row)
        ((comment,),) = server.run("SELECT col_description('shop.users'::regclass, ordinal_position::int) FROM information_schema.columns "
                                   "WHERE table_schema = 'shop' AND column_name = 'day'")
        check(comment == CONTRACT["properties"]["day"]["description"].replace("\n", " "), comment)

        names(project, server)


def with_members(project, names, inside=False):
    """The contract with members of these names, or with a struct that has them."""
    members = {name: {"type": "integer"} for name in names}
    contract = json.loads(json.dumps(CONTRACT))
    contract["properties"].pop("select")
    contract["properties"]["select"] = {"type": "integer"}
    contract["properties"].update({"inner": {"type": "object", "properties": members}} if inside else members)
    (project.folder / "contracts/user.json").write_text(json.dumps(contract))


def names(project, server):
    """Whatever a contract may call a column is a name to each engine, or is refused, by the contract or the dialect."""
    with_members(project, WORDS)
    server.run("DROP TABLE shop.users")
    server.run(ddl(project, "--dialect", "postgres"))
    there = {row[0] for row in server.run("SELECT column_name FROM information_schema.columns WHERE table_schema = 'shop'")}
    check(there == set(COLUMNS) | set(WORDS), there ^ (set(COLUMNS) | set(WORDS)))
    connection = duckdb.connect()
    connection.execute("CREATE SCHEMA shop")
    connection.execute(ddl(project, "--dialect", "duckdb"))
    there = {column[0] for column in connection.execute("DESCRIBE shop.users").fetchall()}
    check(there == set(COLUMNS) | set(WORDS), there ^ (set(COLUMNS) | set(WORDS)))
    for dialect in ("athena", "hive", "trino", "spark", "iceberg"):
        lower = dialect in ("athena", "hive", "trino")
        columns = parsed(project, dialect)[1]
        missing = {word.lower() if lower else word for word in WORDS if word != "select"} - set(columns)
        check(not missing, dialect, missing)

    plain = [word for word in WORDS if word.replace("_", "a").isalnum() and word.isascii() and not word[0].isdigit()]
    with_members(project, plain, inside=True)
    connection.execute("DROP TABLE shop.users")
    connection.execute(ddl(project, "--dialect", "duckdb"))
    for dialect in ("athena", "hive", "trino", "spark", "iceberg"):
        columns = parsed(project, dialect)[1]
        fields = {field.name.lower() for field in columns["inner"].kind.expressions}
        check(fields == {name.lower() for name in plain}, dialect, fields ^ {name.lower() for name in plain})

    for inside in (False, True):
        for name in REFUSED:
            with_members(project, [name], inside)
            said = ddl(project, "--dialect", "duckdb", code=78)
            check("cannot be held by Hive" in said or "reserved" in said, repr(name), said)
            check("user.json:1:" in said, "says where", said)
    for name in SYSTEM:
        with_members(project, [name])
        check(name in ddl(project, "--dialect", "postgres", code=1), name)
    with_members(project, [name.upper() for name in SYSTEM])  # other names, in quotes
    server.run("DROP TABLE shop.users")
    server.run(ddl(project, "--dialect", "postgres"))
    for name, dialect, code in (("x" * 63, "postgres", 0), ("x" * 64, "postgres", 1), ("é" * 32, "postgres", 1), ("x" * 128, "hive", 0),
                                ("x" * 129, "hive", 1), ("x" * 255, "spark", 0)):
        with_members(project, [name])
        ddl(project, "--dialect", dialect, code=code)
    most = 1600 - len(COLUMNS)
    with_members(project, [f"c{i}" for i in range(most)])
    server.run("DROP TABLE shop.users")
    server.run(ddl(project, "--dialect", "postgres"))
    with_members(project, [f"c{i}" for i in range(most + 1)])
    check("1600" in ddl(project, "--dialect", "postgres", code=1), "more columns than PostgreSQL has")


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

        in_postgres(project)
        (project.folder / "contracts/user.json").write_text(json.dumps(CONTRACT))

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
