"""`datahub serve` as its users meet it."""

import gzip
import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import threading
import time

import harness
from harness import until
from server import Client, Journal, Server, with_http

CHECKS = []
EVENT = {"eid": "e1", "age": 30, "created_at": "2026-01-02T03:04:05Z"}


def check(function):
    CHECKS.append(function)
    return function


def new_project(scratch, **more):
    return with_http(harness.Project(scratch / "project", records=30, files=1, flush_rows=1000, **more))


def edit(project, old, new):
    path = project.folder / "datahub.yaml"
    text = path.read_text()
    assert old in text, f"{old!r} is not in the project file"
    path.write_text(text.replace(old, new))


def event(eid, **more):
    return json.dumps({**EVENT, "eid": eid, **more})


def count(project, where="true"):
    return project.rows("query", f"SELECT count(*) AS n FROM users WHERE {where}")[0]["n"]


@check
def what_is_posted_can_be_queried_once_it_is_committed(scratch):
    project = new_project(scratch)
    server = Server(project)
    assert server.post(event("a"), "?wait=commit") == (200, {"accepted": 1, "committed": True})
    assert count(project, "eid = 'a' AND dh_source = 'web'") == 1
    lines = "\n".join(event(f"l{i}") for i in range(5)) + "\nnonsense\n"
    assert server.post(lines, "?wait=commit", Content_Type="application/x-ndjson") == (200, {"accepted": 6, "committed": True})
    packed = gzip.compress(("[" + ",".join(event(f"g{i}") for i in range(5)) + "]").encode())
    assert server.post(packed, "?wait=commit", Content_Encoding="gzip") == (200, {"accepted": 5, "committed": True})
    assert count(project, "dh_source = 'web'") == 11
    rejected = project.rows("query", "SELECT decode(raw) AS raw FROM users_quarantine WHERE dh_source = 'web'")
    assert rejected == [{"raw": "nonsense"}], rejected
    assert server.stop() == 0


@check
def removed_files_leave_by_the_clock(scratch):
    project = new_project(scratch)
    server = Server(project, "--reader-grace", "1500ms")
    assert server.post("nonsense", "?wait=commit", Content_Type="application/x-ndjson")[0] == 200
    files = [project.folder / "lake" / row["key"] for row in project.rows("table", "files", "users_quarantine")]
    assert files and all(file.exists() for file in files)
    project.run("quarantine", "drop", "users", "--yes")
    assert not project.rows("table", "files", "users_quarantine")
    assert all(file.exists() for file in files), "who has them open may finish"
    until(lambda: not any(file.exists() for file in files), "deleted while the server runs")
    assert server.stop() == 0


@check
def a_quiet_source_is_flushed_by_the_clock(scratch):
    project = new_project(scratch)
    server = Server(project)
    server.post(event("a"))
    until(lambda: "users" in {row["table"] for row in project.rows("ls")} and count(project, "eid = 'a'"), "landed by its age")
    assert server.stop() == 0


@check
def files_that_come_later_are_read(scratch):
    project = new_project(scratch)
    server = Server(project)
    (project.folder / "inbox/late.ndjson").write_text(event("late") + "\n")
    until(lambda: count(project, "eid = 'late'"), "read")
    assert server.stop() == 0


@check
def what_is_refused_is_not_taken(scratch):
    project = new_project(scratch)
    server = Server(project)
    for body, query, headers, status in [
            ("", "", {}, 400), ("{", "", {"Content_Type": "application/json"}, 400),
            ('[{"a":1},]', "", {}, 400), ("17", "", {"Content_Type": "application/json"}, 400),
            (event("x"), "?wait=never", {}, 400), (event("x"), "", {"Content_Encoding": "br"}, 415),
            (b"not gzip", "", {"Content_Encoding": "gzip"}, 400), ("x" * (17 << 20), "", {}, 413),
            (gzip.compress(b"x" * (17 << 20)), "", {"Content_Encoding": "gzip"}, 413),
            (event("x"), "", {"Idempotency_Key": "k" * 300}, 400)]:
        got, answer = server.post(body, query, **headers)
        assert got == status and answer["status"] == status and answer["detail"], (got, status, answer)
    assert server.post(event("x"), source="inbox")[0] == 404
    assert server.post(event("x"), source="nobody")[0] == 404
    assert server.post(event("last"), "?wait=commit")[0] == 200
    assert count(project, "dh_source = 'web'") == 1
    assert server.stop() == 0


@check
def a_key_is_taken_once_and_for_one_body(scratch):
    project = new_project(scratch)
    server = Server(project)
    for _ in range(3):
        assert server.post(event("a"), "?wait=commit", Idempotency_Key="one")[0] == 200
    status, answer = server.post(event("b"), Idempotency_Key="one")
    assert status == 422 and "one" in answer["detail"], answer
    server.kill()
    server = Server(project)
    assert server.post(event("a"), "?wait=commit", Idempotency_Key="one")[0] == 200
    assert count(project, "dh_source = 'web'") == 1
    assert server.stop() == 0


@check
def a_full_log_says_so_and_goes_on(scratch):
    project = new_project(scratch)
    edit(project, "sources:\n", "intake: {bytes: 1MiB}\nsources:\n")
    blocker = project.folder / "lake/shop/users"
    blocker.parent.mkdir(parents=True)
    blocker.write_text("not a folder")
    server = Server(project)
    big = event("x", tags=["y" * 100_000])
    taken = 0
    while True:
        status, answer = server.post(big)
        if status != 200:
            break
        taken += 1
        assert taken < 30, "no limit"
    assert status == 429 and "limit" in answer["detail"], (status, answer)
    status, text, headers = server.request("GET", "/readyz")
    until(lambda: server.request("GET", "/readyz")[0] == 503, "not ready")
    why = server.request("GET", "/readyz")[1].decode()
    assert "pipeline users" in why and str(project.folder) not in why, why  # who asks has no token
    assert str(project.folder) in json.dumps(server.status()), server.status()
    assert server.status()["pipelines"][0]["state"] == "retrying"
    blocker.unlink()
    until(lambda: server.post(event("after"))[0] == 200, "taken again", 60)
    until(lambda: server.request("GET", "/readyz")[0] == 200, "ready again")
    assert server.stop() == 0
    assert count(project, "eid = 'x'") == taken


@check
def verbs_that_write_reach_the_server(scratch):
    project = new_project(scratch)
    server = Server(project)
    server.post(event("bad", age=-1), "?wait=commit")
    rejected = sum(project.bad.values()) + 1
    until(lambda: sum(row["records"] for row in project.rows("quarantine", "ls")) == rejected, "rejected")
    assert project.rows("quarantine", "replay", "users") == [
        {"pipeline": "users", "records": rejected, "accepted": 0, "rejected": rejected}]
    said = project.run("quarantine", "drop", "users", "--yes").stdout
    assert said == f"dropped {rejected} records\n", said
    assert project.run("quarantine", "replay", "nobody", check=False).returncode == 1
    refused = project.run("run", check=False)
    assert refused.returncode == 1 and "writes this project" in refused.stderr, refused.stderr
    text = project.run("status").stdout
    assert "running" in text and "inbox" in text, text
    assert json.loads(project.run("status", "--json").stdout.splitlines()[0])["pipelines"][0]["state"] == "running"
    assert server.post(event("after"), "?wait=commit")[0] == 200
    assert server.stop() == 0
    # And without a server they do it themselves.
    (project.folder / "inbox/bad.ndjson").write_text(event("bad", age=-1) + "\n")
    project.run("run")
    assert project.rows("quarantine", "replay", "users")[0]["records"] == 1


@check
def a_reset_reaches_the_server(scratch):
    project = new_project(scratch)
    server = Server(project)
    assert server.post(event("a"), "?wait=commit")[1]["committed"]
    there = len(project.good)
    until(lambda: count(project) == there + 1, "all landed")
    project.run("reset", "--source", "inbox", "--yes")
    until(lambda: count(project) == 2 * there + 1, "the source read anew")
    nobody = project.run("reset", "--source", "nobody", "--yes", check=False)
    assert nobody.returncode == 1 and "'nobody' has no positions" in nobody.stderr, nobody.stderr
    assert server.request("POST", "/v1/reset")[0] == 403, "not for who comes by HTTP"
    assert server.request("POST", "/v1/sources/inbox/reset")[0] == 403
    assert "reset" not in server.request("GET", "/openapi.json")[1].decode()
    done = project.run("reset", "--yes").stdout
    assert "goes for good" in done and done.endswith("done\n"), done
    assert server.process.poll() is None
    until(lambda: project.rows("ls") and count(project) == there, "read anew")
    assert server.post(event("b"), "?wait=commit")[1]["committed"]
    assert count(project) == there + 1 and count(project, "eid = 'a'") == 0
    for _ in range(3):
        project.run("reset", "--yes")
    assert server.stop() == 0
    project.run("reset", "--yes")
    assert not (project.folder / ".datahub").exists()


@check
def a_server_that_was_taken_over_acknowledges_nothing(scratch):
    project = new_project(scratch)
    old = Server(project)
    assert old.post(event("before"))[0] == 200
    new = Server(project, "--take-over")
    status = None
    try:
        status, _ = old.post(event("late"))
    except OSError:
        pass
    assert status != 200, status
    assert old.process.wait(30) == 1
    assert "took" in old.said() or "taken over" in old.said(), old.said()  # the ledger notices it first, or the log
    assert new.post(event("after"), "?wait=commit")[0] == 200
    assert new.stop() == 0
    assert {row["eid"] for row in project.rows("query", "SELECT eid FROM users WHERE dh_source = 'web'")} == {"before", "after"}


@check
def metrics_are_those_of_the_table(scratch):
    project = new_project(scratch)
    server = Server(project)
    server.post(event("a"), "?wait=commit")
    text = server.request("GET", "/metrics")[1].decode()
    assert server.stop() == 0
    types = dict(re.findall(r"^# TYPE (\S+) (\S+)$", text, re.MULTILINE))
    helps = dict(re.findall(r"^# HELP (\S+) (.+)$", text, re.MULTILINE))
    table = pathlib.Path(__file__).resolve().parents[2] / "docs/metrics.md"
    rows = {row[0]: (row[1], row[2]) for row in re.findall(r"^\| `(\S+)` \| (\S+) \| (.+) \|$", table.read_text(), re.MULTILINE)}
    assert rows == {name: (types[name], helps[name]) for name in types}, set(rows) ^ set(types)
    values = re.findall(r"^(datahub_\w+)(\{pipeline=\"users\"\})? ([-+0-9.e]+)$", text, re.MULTILINE)
    assert {name for name, _, _ in values} == set(types), "each has a value"
    assert dict((n, float(v)) for n, _, v in values)["datahub_records_accepted_total"] >= 1


@check
def an_address_that_others_reach_needs_tokens(scratch):
    project = new_project(scratch)
    refused = project.run("serve", "--listen", "0.0.0.0:0", check=False)
    assert refused.returncode == 1 and "token" in refused.stderr, refused.stderr
    edit(project, "sources:\n", "serve: {tokens: [{name: a, token: '${env:T}', roles: [ingest]}]}\nsources:\n")
    os.environ["T"] = "0123456789abcdef"
    try:
        server = Server(project)
        assert server.post(event("a"))[0] == 401
        assert server.post(event("a"), Authorization="Bearer 0123456789abcdef")[0] == 200
        assert server.request("GET", "/metrics", headers={"Authorization": "Bearer 0123456789abcdef"})[0] == 403
        assert server.stop() == 0
        assert "0123456789abcdef" not in server.said()
    finally:
        del os.environ["T"]


@check
def posts_to_a_source_that_is_gone_stay_until_they_are_given_up(scratch):
    project = new_project(scratch)
    edit(project, "  web: {kind: http}", "  web: {kind: http}\n  old: {kind: http}")
    edit(project, "from: [inbox, web]", "from: [inbox, web, old]")
    server = Server(project, "--intake-only")
    assert server.post(event("a"), source="old")[0] == 200
    assert server.stop() == 0
    path = project.folder / "datahub.yaml"
    text = path.read_text()
    path.write_text(text.replace("\n  old: {kind: http}", "").replace(", old]", "]"))
    server = Server(project)
    assert server.post(event("b"), "?wait=commit")[0] == 200
    assert "1 posts to source 'old'" in server.said() and server.status()["intake"]["waiting_bytes"] > 0
    assert server.stop() == 0
    path.write_text(text)
    server = Server(project)
    until(lambda: count(project, "eid = 'a'") == 1, "landed")
    assert server.stop() == 0


@check
def what_was_landed_before_a_start_is_known_at_once(scratch):
    project = new_project(scratch)
    path = project.folder / "datahub.yaml"
    names = [f"t{number}" for number in range(12)]  # the last of them comes up behind all others
    text = path.read_text().replace("  web:", "".join(f"  w{name}: {{kind: http}}\n" for name in names) + "  web:")
    text = text.replace("tables:\n", "tables:\n" + "".join(f"  {name}: {{}}\n" for name in names))
    path.write_text(text + "".join(f"  {name}: {{from: [w{name}], contract: user, to: [{name}]}}\n" for name in names))
    server = Server(project)
    for name in names:
        assert server.post(event("a"), "?wait=commit", source=f"w{name}", Idempotency_Key="one")[1]["committed"]
    assert server.stop() == 0
    server = Server(project)
    for name in reversed(names):
        assert server.post(event("a"), "?wait=commit", source=f"w{name}", Idempotency_Key="one")[1]["committed"]
    assert server.stop() == 0


@check
def http_sources_wait_for_the_server(scratch):
    project = new_project(scratch)
    process = project.run("run")
    assert "web" in process.stderr and "datahub serve" in process.stderr, process.stderr
    assert harness.all_zero(project.compare()), project.compare()


@check
def an_interrupt_ends_it_with_130(scratch):
    project = new_project(scratch)
    server = Server(project)
    server.post(event("a"))
    server.process.send_signal(signal.SIGINT)
    assert server.process.wait(60) == 130
    assert count(project, "eid = 'a'") == 1, "what was under way was landed"


@check
def an_idle_server_does_nothing(scratch):
    project = new_project(scratch)
    server = Server(project)
    until(lambda: count(project) > 0 if project.rows("ls") else 0, "landed")
    stat = pathlib.Path(f"/proc/{server.process.pid}/stat")
    ticks = lambda: sum(map(int, stat.read_text().rsplit(")", 1)[1].split()[11:13]))  # noqa: E731
    before = ticks()
    time.sleep(3)  # what is shown is that nothing happens in some time
    used = (ticks() - before) / os.sysconf("SC_CLK_TCK")
    resident = int(re.search(r"VmRSS:\s+(\d+)", pathlib.Path(f"/proc/{server.process.pid}/status").read_text())[1]) / 1024
    assert server.stop() == 0
    assert os.environ.get("DH_SANITIZE") or (used < 0.1 and resident < 80), (used, resident)


@check
def many_small_flushes_leave_nothing_behind(scratch):
    """A day of quiet traffic in some seconds: nothing but data files and the ledger grows."""
    project = new_project(scratch)
    edit(project, "age: 200ms, rows: 1000", "age: 5ms, rows: 20")
    server = Server(project)
    ending = threading.Event()
    clients = [Client(server, Journal(number), ending) for number in range(4)]
    for client in clients:
        client.start()

    def look():
        status = pathlib.Path(f"/proc/{server.process.pid}/status").read_text()
        unseen = project.folder / "lake/.unseen"
        return {"resident": int(re.search(r"VmRSS:\s+(\d+)", status)[1]) / 1024,
                "descriptors": len(os.listdir(f"/proc/{server.process.pid}/fd")),
                "segments": len(list((project.folder / ".datahub/intake").rglob("*.log"))),
                "unseen": len([f for f in unseen.rglob("*") if f.is_file()]) if unseen.exists() else 0}

    commits = lambda: server.status()["pipelines"][0]["commits"]  # noqa: E731
    until(lambda: commits() > 150, "150 commits", 60)
    early = look()
    until(lambda: commits() > 600, "600 commits", 120)
    late = look()
    ending.set()
    for client in clients:
        client.join(30)
    state = server.status()["pipelines"][0]
    assert server.stop() == 0
    assert late["resident"] < early["resident"] * 1.25 + 8 or os.environ.get("DH_SANITIZE"), (early, late)
    assert late["descriptors"] <= early["descriptors"] + 8 and late["segments"] <= 2 and late["unseen"] <= 12, (early, late)
    partitions = len(project.rows("table", "partitions", "users")) + len(project.rows("table", "partitions", "users_quarantine"))
    assert state["files"] <= state["commits"] * partitions, state


def main():
    passed = failed = 0
    for function in CHECKS:
        if len(sys.argv) > 1 and sys.argv[1] not in function.__name__:
            continue
        try:
            with harness.Scratch(in_memory=True) as scratch:
                function(scratch)
            passed += 1
            print("ok    ", function.__name__)
        except (AssertionError, subprocess.SubprocessError, KeyError, IndexError, ValueError, OSError) as problem:
            failed += 1
            print("FAILED", function.__name__, str(problem)[:3000])
        Server.end_all()
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
