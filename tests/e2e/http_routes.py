"""What can be asked for over HTTP: tables, quarantine, SQL, the OpenAPI document, and who may ask for what."""

import concurrent.futures
import csv
import datetime
import decimal
import io
import json
import os
import pathlib
import re
import signal
import sys
import time

import harness
from server import Server, with_http

ROLES = ("ingest", "read", "admin")
TOKENS = {role: f"secret-of-{role}-0123456789abcdef" for role in ROLES}
SERVE = """\
serve:
  query: {time: 2s, memory: 64MiB, answer: 1MiB}
"""
WITH_TOKENS = "  tokens:\n" + "".join(f"    - {{name: {role}, token: {TOKENS[role]}, roles: [{role}]}}\n" for role in ROLES)

# Who may: the rows must be those of /openapi.json, so that a new route without an expectation fails.
EVENT = json.dumps({"eid": "e", "age": 1, "created_at": "2026-01-01T00:00:00Z"})
MATRIX = {  # (method, pattern): (roles that may; None: everybody, target, body)
    ("post", "/v1/events/{source}"): ({"ingest", "admin"}, "/v1/events/web", EVENT),
    ("get", "/v1/tables"): ({"read", "admin"}, "/v1/tables", None),
    ("get", "/v1/tables/{table}"): ({"read", "admin"}, "/v1/tables/users", None),
    ("get", "/v1/tables/{table}/partitions"): ({"read", "admin"}, "/v1/tables/users/partitions", None),
    ("get", "/v1/tables/{table}/files"): ({"read", "admin"}, "/v1/tables/users/files", None),
    ("post", "/v1/sql"): ({"read", "admin"}, "/v1/sql", "SELECT 1"),
    ("get", "/v1/quarantine"): ({"read", "admin"}, "/v1/quarantine", None),
    ("get", "/v1/quarantine/{pipeline}"): ({"read", "admin"}, "/v1/quarantine/users", None),
    ("post", "/v1/quarantine/{pipeline}/replay"): ({"admin"}, "/v1/quarantine/users/replay", None),
    ("post", "/v1/quarantine/{pipeline}/drop"): ({"admin"}, "/v1/quarantine/users/drop", None),
    ("get", "/v1/status"): ({"read", "admin"}, "/v1/status", None),
    ("get", "/metrics"): ({"read", "admin"}, "/metrics", None),
    ("get", "/healthz"): (None, "/healthz", None),
    ("get", "/readyz"): (None, "/readyz", None),
    ("get", "/openapi.json"): (None, "/openapi.json", None),
}


def check(condition, *said):
    if not condition:
        raise AssertionError(" ".join(str(s) for s in said))


def get(server, target, status=200, **headers):
    got, body, heads = server.request("GET", target, headers=headers)
    check(got == status, "GET", target, got, body[:500])
    check_media(got, heads)
    return json.loads(body)


def check_media(status, headers):
    if status >= 400:
        check(headers["Content-Type"] == "application/problem+json", headers["Content-Type"])


def sql(server, text, status=200, accept=None, content_type="application/sql"):
    headers = {"Content-Type": content_type} if content_type else {}
    if accept:
        headers["Accept"] = accept
    got, body, heads = server.request("POST", "/v1/sql", text.encode() if isinstance(text, str) else text, headers)
    check(got == status, text[:100], got, body[:500])
    check_media(got, heads)
    return body.decode()


def tables(server, project):
    listed = {row["table"]: row for row in get(server, "/v1/tables")["tables"]}
    for row in project.rows("ls"):
        check(listed[row["table"]] == row, listed, row)
    shown = get(server, "/v1/tables/users")
    check(shown["columns"] == project.rows("show", "users"), shown)
    check(shown["partition_keys"] == [{"name": "created_at_day", "transform": "day", "column": "created_at"}], shown)
    check(shown["rows"] == len(project.good), shown)
    for what, key, name in (("partitions", "partition", "partition"), ("files", "key", "key")):
        expected = project.rows("table", what, "users")
        answer = get(server, f"/v1/tables/users/{what}")
        check(answer["next"] is None and len(answer[what]) == len(expected), answer)
        for got, row in zip(answer[what], sorted(expected, key=lambda r: r[name])):
            check({k: got[k] for k in row} == row, got, row)
        pages, after = [], ""
        for _ in range(len(expected)):
            page = get(server, f"/v1/tables/users/{what}?limit=1&after={after}")
            check(len(page[what]) == 1, page)
            pages += page[what]
            after = page["next"]
        check(after is None and pages == answer[what], pages)
    detail = get(server, "/v1/tables/usrs", 404)["detail"]
    check("did you mean 'users'?" in detail, detail)
    for target, said in (("/v1/tables/users/files?limit=0", "from 1 to"), ("/v1/tables/users/files?limit=1e3", "from 1 to"),
                         ("/v1/tables/users/files?limit=", "from 1 to"), ("/v1/tables/users/files?limt=1", "limt"),
                         ("/v1/status?x", "'x' is not known"), ("/v1/events/web?wiat=commit", None)):
        if said:
            check(said in get(server, target, 400)["detail"], target)
    status, answer = server.post(EVENT, "?wiat=commit")
    check(status == 400 and "wiat" in answer["detail"], status, answer)


def quarantine(server, project):
    bad = sum(project.bad.values())
    (row,) = get(server, "/v1/quarantine")["pipelines"]
    check(row["pipeline"] == "users" and row["records"] == bad, row)
    check(sum(reason["records"] for reason in row["reasons"]) == bad, row)
    check({(r["field"], r["keyword"]) for r in row["reasons"]}
          == {(r["field"], r["keyword"]) for r in project.rows("quarantine", "ls")}, row)
    records = get(server, "/v1/quarantine/users?limit=10000")["records"]
    check(sorted(r["raw"] for r in records) == sorted(project.bad.elements()), records[:2])
    check(all(r["reasons"] and r["source"] == "inbox" and r["raw_base64"] is None for r in records), records[:2])
    check(len(get(server, "/v1/quarantine/users?limit=2")["records"]) == 2)
    get(server, "/v1/quarantine/users?limit=10001", 400)
    check("did you mean 'users'?" in get(server, "/v1/quarantine/user", 404)["detail"])


VALUES = [
    "SELECT 9007199254740993 AS a, -9223372036854775808 AS b, 18446744073709551615::UBIGINT AS c, 170141183460469231731687303715884105727::HUGEINT AS d",
    "SELECT 1.10::DECIMAL(5,2) AS a, 12345678901234567890123456789012345.678::DECIMAL(38,3) AS b, 0.1 + 0.2 AS c",
    "SELECT 'nan'::DOUBLE AS a, 'inf'::DOUBLE AS b, 0.1::DOUBLE AS c, 1e300 AS d, 1.0::FLOAT AS e",
    "SELECT TIMESTAMPTZ '2026-01-31 12:00:00.5+00' AS a, TIMESTAMP '2026-01-31 12:00:00' AS b, DATE '0001-01-01' AS c, INTERVAL 1 DAY AS d",
    "SELECT [1, NULL, 3] AS a, {'x': 1, 'y': ['ü']} AS b, MAP {'k': 1.5} AS c, NULL AS d",
    "SELECT '\\xAA\\x00'::BLOB AS a, 'with, \"quotes\"\nand lines' AS b, '' AS c, ' ' AS d, chr(0) AS e, '\U0001f600' AS f",
    "SELECT uuid '00000000-0000-0000-0000-000000000001' AS a, true AS b, TIME '01:02:03.000004' AS c, 1 AS a",
    "SELECT eid, age, created_at, tags FROM users ORDER BY eid LIMIT 50",
    "SELECT count(*) AS n FROM shop.users",
    "SELECT 1 AS a WHERE false",
    "DESCRIBE users",
]

UTC = datetime.timezone.utc
# The same as Arrow: its columns' types, and the first row.
AS_ARROW = {
    "SELECT 9007199254740993 AS a, -5::TINYINT AS b, 18446744073709551615::UBIGINT AS c, 12::HUGEINT AS d":
        (["int64", "int8", "uint64", "decimal128(38, 0)"], [9007199254740993, -5, 18446744073709551615, decimal.Decimal(12)]),
    "SELECT 1.10::DECIMAL(5,2) AS a, 12345678901234567890123456789012345.678::DECIMAL(38,3) AS b, 0.5 AS c":
        (["decimal128(5, 2)", "decimal128(38, 3)", "decimal128(2, 1)"],
         [decimal.Decimal("1.10"), decimal.Decimal("12345678901234567890123456789012345.678"), decimal.Decimal("0.5")]),
    "SELECT 'inf'::DOUBLE AS a, 0.1::DOUBLE AS b, 1.5::FLOAT AS c, true AS d":
        (["double", "double", "float", "bool"], [float("inf"), 0.1, 1.5, True]),
    "SELECT TIMESTAMPTZ '2026-01-31 12:00:00.5+00' AS a, TIMESTAMP '2026-01-31 12:00:00' AS b, DATE '0001-01-01' AS c, TIME '01:02:03.000004' AS d":
        (["timestamp[us, tz=UTC]", "timestamp[us]", "date32[day]", "time64[us]"],
         [datetime.datetime(2026, 1, 31, 12, 0, 0, 500000, UTC), datetime.datetime(2026, 1, 31, 12), datetime.date(1, 1, 1),
          datetime.time(1, 2, 3, 4)]),
    "SELECT [1, NULL, 3] AS a, {'x': 1, 'y': ['ü']} AS b, MAP {'k': 1.5} AS c, NULL AS d":
        (["list<l: int32>", "struct<x: int32, y: list<l: string>>", "map<string, decimal128(2, 1)>", "int32"],
         [[1, None, 3], {"x": 1, "y": ["ü"]}, [("k", decimal.Decimal("1.5"))], None]),
    "SELECT '\\xAA\\x00'::BLOB AS a, '' AS b, '\U0001f600' AS c, uuid '00000000-0000-0000-0000-000000000001' AS d":
        (["binary", "string", "string", "string"], [b"\xaa\x00", "", "\U0001f600", "00000000-0000-0000-0000-000000000001"]),
}

REFUSED = [
    "COPY (SELECT 1) TO '{out}'", "COPY users TO '{out}'", "ATTACH '{out}'", "EXPORT DATABASE '{out}'",
    "EXPLAIN ANALYZE COPY (SELECT 1) TO '{out}'", "SELECT 1; COPY (SELECT 1) TO '{out}'", "/**/ copy (SELECT 1) to '{out}'",
    "INSTALL httpfs", "LOAD httpfs", "LOAD '/tmp/x.duckdb_extension'", "SET enable_external_access = true",
    "SET lock_configuration = false", "PRAGMA enable_external_access = true", "RESET lock_configuration", "CALL pragma_version()",
    "CREATE TABLE x (i INT)", "DROP VIEW users", "INSERT INTO users VALUES (1)", "DELETE FROM datahub.files", "BEGIN", "USE main",
    "FROM '/etc/passwd'", "FROM read_text('/etc/passwd')", "SELECT * FROM read_csv('{secret}')", "SELECT * FROM glob('/etc/*')",
    "SELECT * FROM read_blob('{project}/datahub.yaml')", "SELECT * FROM read_parquet('{project}/lake/**/*.parquet')",
    "SELECT * FROM query('FROM read_text(''/etc/passwd'')')", "SELECT * FROM read_csv('https://example.org/x.csv')",
    "SELECT * FROM 's3://bucket/x.parquet'", "SELECT getenv('HOME')", "SELECT * FROM sqlite_scan('{project}/.datahub/ledger.db', 'files')",
    "SELECT * FROM duckdb_secrets()", "FROM enable_logging(storage = 'stdout')", "FROM enable_profiling()", "SELECT write_log('x')", "", ";", "SELEC 1", "SELECT * FROM nothing", "SELECT 1; SELECT 2", "SELECT 1\0", "SELECT '\udcff'",
]

ENDLESS = [
    "SELECT count(*) FROM range(1000000) a, range(1000000) b WHERE hash(a.range, b.range) = 7",
    "WITH RECURSIVE t AS (SELECT 1 AS x UNION ALL SELECT x + 1 FROM t) SELECT count(*) FROM t",
    "SELECT count(*) FROM range(1000000000000)",
    "SELECT lpad('x', 2000000000, 'y') FROM range(100)",  # one call that looks at no clock: killed
]

TOO_MUCH = [
    "SELECT * FROM range(10000000)",
    "SELECT list(range) FROM range(1000000000)",
] + ([] if os.environ.get("DH_SANITIZE") else [  # what DuckDB itself does not bound, and a limit on the process does
    "SELECT len(range(1000000000))",
    "SELECT length(repeat('x', 2000000000))",
    "SELECT repeat(chr(1), 50000000)",
    "SELECT printf('%2000000000d', 1)",
])


def lines_of(project, text, *form):
    return project.run("query", text, *form).stdout


def sql_answers(server, project):
    for text in VALUES:
        lines = lines_of(project, text, "--json")
        check(sql(server, text, accept="application/x-ndjson") == lines, text)
        array = sql(server, text)
        check(json.loads(array) == [json.loads(line) for line in lines.splitlines()], text)
        if lines:
            check(array == "[" + lines.rstrip("\n").replace("\n", ",\n") + "]\n", array, lines)
        got, body, heads = server.request("POST", "/v1/sql", text.encode(), {"Accept": "text/csv"})
        check(got == 200 and heads["Content-Type"] == "text/csv; charset=utf-8", got, heads)
        expected = lines_of_bytes(project, text)
        check(body == expected, body, expected)
        check(list(csv.reader(io.StringIO(body.decode(), newline="")))[0], body)
    check(sql(server, '{"sql": "SELECT 1 AS a"}', content_type="application/json") == '[{"a":1}]\n')
    check(sql(server, "SELECT 1 AS a", content_type=None) == '[{"a":1}]\n')
    check(sql(server, "SELECT 1 AS a", accept="text/html, text/*;q=0.5, */*;q=0.1") == "a\r\n1\r\n")
    check(sql(server, "SELECT 1 AS a", accept="application/json;q=0.1, text/csv;q=0.9") == "a\r\n1\r\n")
    check(sql(server, "SELECT 1 AS a", accept="*/*") == '[{"a":1}]\n')
    arrow_answers(server)
    for accept in ("application/vnd.apache.arrow.file", "text/html", "application/json;q=0", "nonsense"):
        check("cannot be given" in sql(server, "SELECT 1", 406, accept=accept))
    sql(server, "SELECT 1", 415, content_type="application/x-www-form-urlencoded")
    for body in ("SELECT 1", "[]", '{"sql": 1}', "{}", '{"sql": "SELECT 1", "x": 1}', '{"sql": "SELECT 1", "sql": "SELECT 2"}', ""):
        sql(server, body, 400, content_type="application/json")


def arrow_answers(server):
    import pyarrow.ipc

    form = "application/vnd.apache.arrow.stream"

    def table(text):
        got, body, heads = server.request("POST", "/v1/sql", text.encode(), {"Accept": form})
        check(got == 200 and heads["Content-Type"] == form, got, body[:500])
        return pyarrow.ipc.open_stream(body).read_all()

    for text, (types, row) in AS_ARROW.items():
        answer = table(text)
        check([str(field.type) for field in answer.schema] == types, text, answer.schema)
        check([column[0].as_py() for column in answer.columns] == row, text, answer.to_pylist())
    many = "SELECT CASE WHEN range % 7 = 0 THEN NULL ELSE 'text ' || range END AS a, range AS b, [range, b] AS c FROM range(5000) ORDER BY b"
    check(table(many).to_pylist() == json.loads(sql(server, many)))
    check(table("SELECT eid, age, created_at FROM users ORDER BY eid").column("eid").to_pylist()
          == [row["eid"] for row in json.loads(sql(server, "SELECT eid FROM users ORDER BY eid"))])
    nothing = table("SELECT 1 AS a, 'x' AS a WHERE false")
    check(nothing.num_rows == 0 and nothing.schema.names == ["a", "a"], nothing)
    for text in ("SELECT 'x'::ENUM('x', 'y') AS a", "SELECT INTERVAL 1 DAY AS a, 'x'::ENUM('x') AS b"):
        got, body, _ = server.request("POST", "/v1/sql", text.encode(), {"Accept": form})
        check(got == 400 and b"VARCHAR" in body, got, body)


def lines_of_bytes(project, text):
    import subprocess
    return subprocess.run([harness.DATAHUB, "-C", str(project.folder), "query", text, "--csv"], capture_output=True, check=True).stdout


def query_process(server):
    """The child that computes: another one waits for its task."""
    children = pathlib.Path(f"/proc/{server.process.pid}/task")
    while True:
        for task in children.iterdir():
            for child in (task / "children").read_text().split():
                stat = pathlib.Path(f"/proc/{child}/stat").read_text().rsplit(")", 1)[1].split()
                if int(stat[11]) + int(stat[12]) > 30:  # ticks
                    return int(child)
        time.sleep(0.005)


def sql_safety(server, project, scratch):
    secret, out = scratch / "secret.csv", scratch / "out"
    secret.write_text("secret\n4242\n")
    for text in REFUSED:
        text = text.replace("{out}", str(out)).replace("{secret}", str(secret)).replace("{project}", str(project.folder))
        answer = sql(server, text.encode("utf-8", "surrogateescape"), 400)
        check("4242" not in answer and "root:" not in answer, text, answer)
        check(not out.exists(), text)
    for text in ENDLESS:
        begin = time.monotonic()
        check("takes longer" in sql(server, text, 504), text)
        check(time.monotonic() - begin < 10, text, time.monotonic() - begin)
    for text in TOO_MUCH:
        sql(server, text, 413)
    with concurrent.futures.ThreadPoolExecutor(1) as pool:  # one that is killed takes nobody with it
        answer = pool.submit(sql, server, ENDLESS[0], 500)
        os.kill(query_process(server), signal.SIGKILL)
        check("ended by signal 9" in answer.result(), answer.result())
    check("add a LIMIT" in sql(server, TOO_MUCH[0], 413))
    check("bytes" in sql(server, "SELECT " + "x" * (5 << 20), 413))
    check(sql(server, "SELECT 1 AS a") == '[{"a":1}]\n')
    left = [f.name for f in (project.folder / ".datahub").iterdir() if f.name.startswith("query-temp")]
    check(len(left) <= 1, "left behind, beside that of the process that waits:", left)


def document(server):
    """The OpenAPI document against the matrix above and against itself."""
    api = get(server, "/openapi.json")
    check(api["openapi"] == "3.1.0")
    found = {(method, path) for path, item in api["paths"].items() for method in item}
    check(found == set(MATRIX), "routes without an expectation, or the other way:", found ^ set(MATRIX))
    for (method, path), (may, _, _) in MATRIX.items():
        operation = api["paths"][path][method]
        role = operation["x-datahub-role"]
        check(role in (may or {"nobody"}), path, role)
        check(bool(operation["security"]) == (may is not None), path)
        statuses = set(operation["responses"])
        check(("401" in statuses and "403" in statuses) == (may is not None), path, statuses)
        check({"400", "431"} <= statuses, path, statuses)
        check(("404" in statuses) == ("{" in path), path, statuses)
        named = re.findall(r"{(\w+)}", path)
        check(named == [p["name"] for p in operation.get("parameters", []) if p["in"] == "path"], path)
        check(("requestBody" in operation) == (path in ("/v1/events/{source}", "/v1/sql")), path)
    return api


def cell(server, method, target, body, authorization):
    headers = {"Authorization": authorization} if authorization is not None else {}
    status, answer, heads = server.request(method.upper(), target, body, headers)
    check_media(status, heads)
    return status, answer.decode(), heads


def matrix(server):
    everything = ""
    api = get(server, "/openapi.json")
    for (method, pattern), (may, target, body) in MATRIX.items():
        credentials = {role: f"Bearer {secret}" for role, secret in TOKENS.items()}
        credentials |= {None: None, "wrong": "Bearer " + "w" * 32, "empty": "Bearer ", "basic": "Basic " + TOKENS["admin"],
                        "cut": "Bearer " + TOKENS["admin"][:-1], "longer": "Bearer " + TOKENS["admin"] + "x",
                        "lower": "bearer " + TOKENS["admin"], "bare": TOKENS["admin"]}
        for who, authorization in credentials.items():
            expected = 200 if may is None or who in may or who == "lower" else 403 if who in ROLES else 401
            status, answer, heads = cell(server, method, target, body, authorization)
            check(status == expected, method, target, who, status, "not", expected, answer)
            check(str(status) in api["paths"][pattern][method]["responses"], pattern, status)
            check((status == 401) == ("WWW-Authenticate" in heads), heads)
            everything += answer + str(heads)
    # What is not there is told only to those who may read.
    for who, expected in (("read", 404), ("admin", 404), ("ingest", 403), (None, 401)):
        status, answer, _ = cell(server, "get", "/v1/nothing", None, f"Bearer {TOKENS[who]}" if who else None)
        check(status == expected, who, status)
    status, answer, heads = cell(server, "delete", "/v1/tables", None, f"Bearer {TOKENS['admin']}")
    check(status == 405 and heads["Allow"] == "GET, HEAD", status, heads)
    for target in ("/v1/status", "/metrics", "/v1/tables/users", "/v1/tables/" + TOKENS["read"]):
        everything += cell(server, "get", target, None, f"Bearer {TOKENS['read']}")[1].replace(f"'{TOKENS['read']}'", "")
    for secret in TOKENS.values():
        check(secret not in everything, "an answer holds a token")
        check(secret not in server.said(), "the log holds a token")


def main():
    with harness.Scratch() as scratch:
        project = with_http(harness.Project(scratch / "project", records=2400, files=2))
        with open(project.folder / "datahub.yaml", "a") as out:
            out.write(SERVE)
        project.run("run")
        server = Server(project)
        document(server)
        tables(server, project)
        quarantine(server, project)
        sql_answers(server, project)
        sql_safety(server, project, scratch)
        with concurrent.futures.ThreadPoolExecutor(4) as pool:  # a query holds no stop up, and intake even less
            queries = [pool.submit(server.request, "POST", "/v1/sql", ENDLESS[0]) for _ in range(4)]
            query_process(server)
            begin = time.monotonic()
            check(server.post(EVENT)[0] == 200 and get(server, "/v1/tables") and time.monotonic() - begin < 1)
            check(server.stop() == 0 and time.monotonic() - begin < 20)
            concurrent.futures.wait(queries)

        with open(project.folder / "datahub.yaml", "a") as out:
            out.write(WITH_TOKENS)
        server = Server(project)
        matrix(server)
        check(server.stop() == 0)
        project.run("query", "SELECT 1")
    print("ok")
    return 0


if __name__ == "__main__":
    sys.exit(main())
