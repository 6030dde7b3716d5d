"""The process in which SQL is answered: what it is given, what it may do, and that others never wait for it."""

import concurrent.futures
import json
import os
import pathlib
import re
import signal
import socket
import subprocess
import sys
import time

import harness
from harness import until
from server import Server, with_http

ENDLESS = "SELECT count(*) FROM range(1000000) a, range(1000000) b WHERE hash(a.range, b.range) = 7"
SPILLS = ("SELECT count(*) FROM (SELECT md5(CAST(range AS VARCHAR)) AS m, md5(CAST(range + 1 AS VARCHAR)) AS n "
          "FROM range(3000000) ORDER BY m, n OFFSET 1)")

# Each would write a file, or into what is taken for the answer, or change what later queries do.
OUT_OF_THE_CAGE = [
    "FROM enable_logging(storage = 'stdout')", "FROM enable_logging(storage = 'file')", "FROM enable_logging(storage_path = '{out}')",
    "FROM enable_profiling()", "SELECT * FROM \"enable_logging\"(level = 'debug')", "CALL enable_logging(storage = 'stdout')",
    "PRAGMA enable_profiling", "SELECT write_log('x')", "FROM checkpoint()", "FROM query('FROM enable_logging()')",
    "SELECT getenv('HOME')", "FROM duckdb_settings()", "SELECT current_setting('temp_directory')", "FROM read_text('{ledger}')",
    "FROM '{ledger}'", "FROM '../.datahub/ledger.db'", "FROM read_blob('/proc/self/environ')", "FROM glob('*')", "FROM pg_settings",
    "FROM sniff_csv('{ledger}')", "ATTACH '{ledger}' AS l (TYPE sqlite)", "COPY (SELECT 1) TO '{out}'", "SET temp_directory = '/tmp'",
]


def check(condition, *what):
    if not condition:
        raise AssertionError(" ".join(str(one) for one in what))


def children(pid):
    found = []
    for task in pathlib.Path(f"/proc/{pid}/task").iterdir():
        try:
            found += [int(child) for child in (task / "children").read_text().split()]
        except FileNotFoundError:
            pass
    return found


def sql(server, text, **headers):
    status, body, _ = server.request("POST", "/v1/sql", text.encode(), headers)
    return status, body.decode()


def files_of(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*")
                  if "query-temp" not in str(path) and path.name not in ("serve.log", "ledger.db-wal", "ledger.db-shm"))


def has_nothing_of_ours(pid, project):
    """A child's environment, folder and descriptors."""
    proc = pathlib.Path(f"/proc/{pid}")
    until(lambda: b"answer-query" in (proc / "cmdline").read_bytes(), "the child is the program")
    check((proc / "environ").read_bytes() == b"", "environment", (proc / "environ").read_bytes())
    check(os.readlink(proc / "cwd") == str(project.folder / "lake"), os.readlink(proc / "cwd"))
    check((proc / "cmdline").read_bytes() == b"datahub\0answer-query\0", (proc / "cmdline").read_bytes())
    for number in (proc / "fd").iterdir():
        try:
            target = os.readlink(number)
        except FileNotFoundError:
            continue  # DuckDB's, closed since
        if int(number.name) < 3:
            check(target == "/dev/null", number.name, target)
        elif int(number.name) == 3:
            check(target.startswith("socket:"), target)
        elif int(number.name) == 4:
            check("/.datahub/query-temp-" in target, target)
        else:  # what DuckDB has opened since
            check("/.datahub" not in target or "query-temp" in target, number.name, target)


def refused_and_nothing_written(project, server, scratch):
    names = {"{out}": str(scratch / "out"), "{ledger}": str(project.folder / ".datahub/ledger.db")}
    before = files_of(project.folder)
    for text in OUT_OF_THE_CAGE:
        for name, value in names.items():
            text = text.replace(name, value)
        asked = project.run("query", text, check=False)
        check(asked.returncode == 1 and asked.stdout == "" and asked.stderr.startswith("error: query: "), text, asked)
        check(str(project.folder) not in asked.stderr.replace(text, "").replace(names["{ledger}"], ""), text, asked.stderr)
        status, answer = sql(server, text)
        check(status == 400, text, status, answer)
    check(files_of(project.folder) == before, set(files_of(project.folder)) ^ set(before))
    check(not (scratch / "out").exists())


def no_path_is_told(project, server):
    for text in ("SELECT * FROM users JOIN datahub.files ON true LIMIT 1", "FROM duckdb_views()", "FROM duckdb_databases()",
                 "SELECT * FROM users, pg_views LIMIT 300", "EXPLAIN ANALYZE SELECT * FROM users", "SHOW ALL TABLES",
                 "SELECT * FROM users, sqlite_master LIMIT 100", "SELECT * FROM information_schema.tables"):
        said = project.run("query", text, "--json").stdout
        check(said and str(project.folder) not in said, text, said[:2000])
        status, answer = sql(server, text)
        check(status == 200 and str(project.folder) not in answer, text, status, answer[:2000])


def a_missing_file_is_named_without_its_folder(project, server):
    key = json.loads(project.run("table", "files", "users", "--json").stdout.splitlines()[0])["key"]
    file = project.folder / "lake" / key
    file.rename(project.folder / "aside")
    for text in ("SELECT max(eid) FROM users", "FROM users"):
        status, answer = sql(server, text)
        check(status >= 400 and key in answer and str(project.folder) not in answer, text, status, answer)
    (project.folder / "aside").rename(file)


def the_command_lines_process(project):
    """Its own process too; ended with it, and what it left is removed by the next."""
    query = subprocess.Popen([harness.DATAHUB, "-C", str(project.folder), "query", ENDLESS], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                             env={**os.environ, "DATAHUB_TEST_SECRET": "s3cr3t"})
    child = until(lambda: children(query.pid), "a child")[0]
    has_nothing_of_ours(child, project)
    left = lambda: [f.name for f in (project.folder / ".datahub").iterdir() if f.name.startswith(f"query-temp-{query.pid}-")]
    check(len(left()) == 1, left())
    query.kill()
    query.wait()
    until(lambda: has_ended(child), "the child ends with its parent")
    check(project.run("query", "SELECT 1 AS a", "--json").stdout == '{"a":1}\n')
    check(left() == [], left())
    # Killed itself, it is an error with a name.
    query = subprocess.Popen([harness.DATAHUB, "-C", str(project.folder), "query", ENDLESS], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    os.kill(until(lambda: children(query.pid), "a child")[0], signal.SIGKILL)
    _, said = query.communicate(timeout=30)
    check(query.returncode == 1 and b"ended by signal 9" in said, query.returncode, said)
    # A reader that goes away ends it without a word.
    gone = subprocess.run(f"'{harness.DATAHUB}' -C '{project.folder}' query 'FROM range(100000000)' --csv | head -1",
                          shell=True, capture_output=True, text=True, timeout=60)
    check(gone.stdout.strip() == "range" and gone.stderr == "", gone)


def a_spare_one_waits(project, server):
    spare = until(lambda: children(server.process.pid), "a spare process")[0]
    has_nothing_of_ours(spare, project)
    times = []
    for _ in range(8):
        waiting = until(lambda: children(server.process.pid), "a spare process")
        time.sleep(0.1)  # so that its DuckDB is open: only the time that is printed depends on it
        begin = time.monotonic()
        check(sql(server, "SELECT count(*) AS n FROM users")[0] == 200)
        times.append(time.monotonic() - begin)
        check(not set(waiting) & {child for child in children(server.process.pid) if not has_ended(child)}, "it answered")
    times.sort()
    print(f"a small query: least {times[0] * 1000:.1f} ms, median {times[len(times) // 2] * 1000:.1f} ms")
    # One that died while it waited harms nobody.
    for child in children(server.process.pid):
        os.kill(child, signal.SIGKILL)
        until(lambda: has_ended(child), "it has ended")
    check(sql(server, "SELECT 1 AS a") == (200, '[{"a":1}]\n'))


def abandon(server, text):
    """A query whose client leaves."""
    connection = socket.create_connection(("127.0.0.1", server.port))
    body = text.encode()
    connection.sendall(b"POST /v1/sql HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))
    return connection


def busy(server):
    """Processor ticks' owners: children that are past their start."""
    return [child for child in children(server.process.pid) if ticks(child) > 20]


def has_ended(pid):
    try:
        return pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z"  # nobody waits for it
    except (FileNotFoundError, ProcessLookupError):
        return True


def ticks(pid):
    try:
        stat = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        return int(stat[11]) + int(stat[12])
    except (FileNotFoundError, ProcessLookupError):
        return 0


def who_leaves_ends_their_query(server):
    begin = time.monotonic()
    left = [abandon(server, ENDLESS) for _ in range(40)]
    until(lambda: len(busy(server)) >= 2, "two run")
    for connection in left:
        connection.close()
    check(sql(server, "SELECT 1 AS a") == (200, '[{"a":1}]\n'))
    check(time.monotonic() - begin < 15, "abandoned queries held the threads", time.monotonic() - begin)
    until(lambda: not busy(server), "all abandoned ones have ended")


def nothing_else_waits(server):
    """While SQL has all it may have, and as many wait as may."""
    held = [abandon(server, ENDLESS) for _ in range(66)]
    until(lambda: len(busy(server)) >= 2, "two run")
    until(lambda: sql(server, "SELECT 1")[0] == 503, "one too many is told so")
    for target in ("/v1/status", "/v1/tables", "/v1/tables/users", "/v1/quarantine", "/v1/quarantine/users", "/healthz", "/metrics"):
        begin = time.monotonic()
        status, body, _ = server.request("GET", target)
        check(status == 200 and time.monotonic() - begin < 5, target, status, time.monotonic() - begin, body[:300])
    check(server.post(b'{"eid": "during", "age": 1, "created_at": "2026-01-01T00:00:00Z"}\n')[0] == 200)
    for connection in held:
        connection.close()
    until(lambda: sql(server, "SELECT 1 AS a")[0] == 200, "all of them have ended")


def slow_readers_take_nothing_from_posts(server):
    """Answers that nobody takes fill their own budget; posts have theirs."""
    text = "SELECT repeat('x', 1000) AS x FROM range(60000)"
    held = []
    for _ in range(5):
        connection = socket.socket()
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.connect(("127.0.0.1", server.port))
        connection.sendall(b"POST /v1/sql HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: %d\r\n\r\n%s" % (len(text), text.encode()))
        connection.settimeout(60)
        held.append((connection, connection.recv(12)))
    answered = [head for _, head in held]
    check(answered.count(b"HTTP/1.1 200") == 4 and answered.count(b"HTTP/1.1 503") == 1, answered)
    line = json.dumps({"eid": "slow", "age": 1, "created_at": "2026-01-01T00:00:00Z", "tags": ["x" * 1000] * 1000}).encode()
    for _ in range(5):  # small ones and large ones
        check(server.post(b'{"eid": "small", "age": 1, "created_at": "2026-01-01T00:00:00Z"}\n')[0] == 200)
        check(server.post(line + b"\n")[0] == 200)
    for connection, _ in held:
        connection.close()
    until(lambda: sql(server, "SELECT 1 AS a")[0] == 200, "their answers are given up")


def spills_are_capped(project, server):
    status, answer = sql(server, SPILLS)
    check(status == 413, status, answer)
    # More than its memory, less than its disk.
    check(sql(server, SPILLS.replace("3000000", "300000"))[0] == 200)


def main():
    with harness.Scratch() as scratch:
        scratch = pathlib.Path(scratch)
        project = with_http(harness.Project(scratch / "project"))
        project.run("run")
        with open(project.folder / "datahub.yaml", "a") as out:
            out.write("serve: {query: {time: 60s, memory: 64MiB, spill: 16MiB}}\n" if not os.environ.get("DH_SANITIZE") else
                      "serve: {query: {time: 60s, spill: 16MiB}}\n")
        the_command_lines_process(project)
        server = Server(project, env={"DATAHUB_TEST_SECRET": "s3cr3t"})
        a_spare_one_waits(project, server)
        refused_and_nothing_written(project, server, scratch)
        no_path_is_told(project, server)
        a_missing_file_is_named_without_its_folder(project, server)
        if not os.environ.get("DH_SANITIZE"):
            spills_are_capped(project, server)
        who_leaves_ends_their_query(server)
        nothing_else_waits(server)
        slow_readers_take_nothing_from_posts(server)
        check(server.stop() == 0)
        left = [f.name for f in (project.folder / ".datahub").iterdir() if f.name.startswith("query-temp")]
        check(left == [], "left behind:", left)
    print("ok")


if __name__ == "__main__":
    sys.exit(main())
