"""The verbs as a user meets them: exit codes, streams, formats, and what they say when something is wrong."""

import contextlib
import gzip
import json
import pathlib
import random
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys

import harness
from server import Server, with_http

CHECKS = []


def check(function):
    CHECKS.append(function)
    return function


def new_project(scratch, **more):
    return harness.Project(scratch / "project", records=300, files=2, flush_rows=100, **more)


def edit(project, file, old, new):
    path = project.folder / file
    text = path.read_text()
    assert old in text, f"{old!r} is not in {file}"
    path.write_text(text.replace(old, new))


def next_version(project, old, new):
    """A contract that landed stays: what is changed in its text becomes the next version."""
    folder = project.folder / "contracts/user"
    if not folder.exists():
        folder.mkdir()
        (project.folder / "contracts/user.json").rename(folder / "1.json")
    newest = max(int(file.stem) for file in folder.glob("*.json"))
    text = (folder / f"{newest}.json").read_text()
    assert old in text, f"{old!r} is not in version {newest}"
    (folder / f"{newest + 1}.json").write_text(text.replace(old, new))


def fails(project, code, pattern, *args):
    process = project.run(*args, check=False)
    assert process.returncode == code, f"{args}: exit {process.returncode}, wanted {code}\n{process.stderr}"
    assert re.search(pattern, process.stderr + process.stdout, re.DOTALL), f"{args}: nothing like {pattern!r} in\n{process.stderr}"


@check
def all_mistakes_at_once_with_place_and_hint(scratch):
    project = new_project(scratch)
    edit(project, "datahub.yaml", "kind: files", "kind: fils")
    edit(project, "datahub.yaml", "to: [users]", "to: [user]")
    fails(project, 78, r"datahub\.yaml:\d+:\d+: error\[DH\d+\].*files.*datahub\.yaml:\d+:\d+: error\[DH\d+\].*users", "validate")
    fails(project, 78, r"error\[DH", "run")
    mistakes = [json.loads(line) for line in project.run("validate", "--json", check=False).stdout.splitlines()]
    assert len(mistakes) >= 2 and all(m["file"].endswith("datahub.yaml") and m["line"] > 0 and m["code"] for m in mistakes), mistakes


@check
def a_contract_that_does_not_compile_is_named_with_its_place(scratch):
    project = new_project(scratch)
    edit(project, "contracts/user.json", '"minimum": 0', '"minimum": "0"')
    fails(project, 78, r"contracts/user\.json:1:\d+: error\[DH\d+\].*minimum", "validate")
    fails(project, 78, r"minimum", "run")
    project.run("query", "SELECT 1")  # what only reads tables goes on


@check
def a_keyword_that_is_not_supported_is_refused(scratch):
    project = new_project(scratch)
    edit(project, "contracts/user.json", '"minimum": 0', '"format": "credit-card"')
    fails(project, 78, r"credit-card", "validate")


@check
def every_error_names_its_page_and_every_code_has_one(scratch):
    project = new_project(scratch)
    rows = project.rows("explain")
    assert len(rows) > 20 and all(row[part] for row in rows for part in ("code", "meaning", "reason", "wrong", "mended", "look")), rows
    assert len(project.run("explain").stdout.splitlines()) == len(rows) + 1
    page = project.run("explain", "dh201").stdout
    assert page.startswith("DH201: ") and "wrong, in datahub.yaml:" in page and "mended" in page and "look at: " in page, page
    fails(project, 2, r"no code 'DH2O1'.*did you mean 'DH201'", "explain", "DH2O1")
    edit(project, "datahub.yaml", "kind: files", "kind: fils")
    edit(project, "datahub.yaml", "to: [users]", "to: [user]")
    said = project.run("validate", check=False).stderr
    assert said.endswith("2 errors\n`datahub explain DH108 DH201` says more\n"), said
    for quiet in (["validate", "--json"], ["validate", "-q"]):
        process = project.run(*quiet, check=False)
        assert "explain" not in process.stderr + process.stdout, process.stderr


def doctor(project, code=0):
    """What it finds, by what it looks at: (health, state and what to do)."""
    process = project.run("doctor", "--json", check=False)
    assert process.returncode == code, f"exit {process.returncode}, wanted {code}\n{process.stdout}{process.stderr}"
    return {row["check"]: (row["health"], f"{row['state']}; {row['next']}") for row in map(json.loads, process.stdout.splitlines())}


def says(findings, check, health, pattern):
    assert findings[check][0] == health and re.search(pattern, findings[check][1], re.DOTALL), (check, findings)


@check
def doctor_looks_and_changes_nothing(scratch):
    project = new_project(scratch)
    findings = doctor(project)
    says(findings, "project file", "ok", "valid")
    says(findings, "versions", "ok", r"datahub \d.*DuckDB v\d.*SQLite \d")
    for check_name in ("lake folder", "state folder", "ledger"):
        says(findings, check_name, "ok", "not there yet")
    assert not (project.folder / "lake").exists() and not (project.folder / ".datahub").exists()
    project.run("run", "-q")
    project.run("ls")  # SQLite leaves its index beside the ledger once somebody read it
    before = sorted(str(path) for path in project.folder.rglob("*"))
    findings = doctor(project)
    says(findings, "lake folder", findings["lake folder"][0], "renames without replacing")  # a slow or in-memory disk is a warning
    says(findings, "ledger", "ok", "is whole")
    says(findings, "worker", "ok", "nobody holds")
    assert sorted(str(path) for path in project.folder.rglob("*")) == before
    text = project.run("doctor").stdout
    assert len([line for line in text.splitlines() if re.match(r"(ok|warn|fail) ", line)]) == len(findings), text
    assert harness.all_zero(project.compare()), project.compare()


@check
def doctor_tells_what_is_wrong(scratch):
    project = new_project(scratch)
    project.run("run", "-q")
    limited = subprocess.run(["bash", "-c", f"ulimit -n 256; {harness.DATAHUB} -C {project.folder} doctor"], capture_output=True, text=True)
    assert limited.returncode == 0 and re.search(r"warn  open files .*limit 256.*next: .*ulimit -n \d+", limited.stdout, re.DOTALL), limited.stdout

    with socket.create_server(("127.0.0.1", 0)) as taken:
        with_http(project)
        edit(project, "datahub.yaml", "sources:\n", f"serve: {{listen: '127.0.0.1:{taken.getsockname()[1]}'}}\nsources:\n")
        says(doctor(project, 1), "address", "fail", "is another server there")
    edit(project, "datahub.yaml", "127.0.0.1:", "0.0.0.0:")
    says(doctor(project, 1), "address", "fail", "tokens")
    edit(project, "datahub.yaml", "0.0.0.0:", "127.0.0.1:")
    doctor(project)

    ledger = project.folder / ".datahub/ledger.db"
    whole = ledger.read_bytes()
    ledger.write_bytes(whole[:4096] + b"\xff" * (len(whole) - 4096))
    says(doctor(project, 1), "ledger", "fail", "put a backup in its place")
    ledger.write_bytes(whole)
    doctor(project)

    mark = project.folder / "lake/.datahub-lake"
    ours = mark.read_text()
    for text, said in ((ours.replace(json.loads(ours)["lake"], "another"), "belongs to another ledger"),
                       (ours.replace('"version":2', '"version":3'), "a newer datahub"),
                       (json.loads(ours)["lake"] + "\n", "an older datahub"), ("{", "cannot be read")):
        mark.write_text(text)
        says(doctor(project, 1), "ledger", "fail", said)
        assert project.run("run", "-q", check=False).returncode == 1, text
    edit(project, "contracts/user.json", '"minimum": 0', '"minimum": "0"')
    findings = doctor(project, 1)
    says(findings, "contracts", "fail", "minimum")
    says(findings, "lake folder", findings["lake folder"][0], "renames")
    edit(project, "datahub.yaml", "kind: files", "kind: fils")
    says(doctor(project, 1), "project file", "fail", r"datahub\.yaml:\d+:\d+: .*fils")


@check
def doctor_asks_the_server_that_holds_the_project(scratch):
    project = with_http(new_project(scratch))
    server = Server(project)
    try:
        findings = doctor(project)
        says(findings, "worker", "ok", rf"process {server.process.pid} .*answers")
        says(findings, "address", "ok", "the worker serves")
        server.process.send_signal(signal.SIGSTOP)
        says(doctor(project, 1), "worker", "fail", "does not answer")
        server.process.send_signal(signal.SIGCONT)
    finally:
        assert server.stop() == 0


@check
def a_server_that_was_superseded_leaves_the_socket_of_its_successor(scratch):
    project = with_http(new_project(scratch))
    first = Server(project)
    second = Server(project, "--take-over")
    try:
        first.process.send_signal(signal.SIGTERM)
        first.process.wait(60)
        says(doctor(project), "worker", "ok", rf"process {second.process.pid} .*answers")
    finally:
        first.kill()
        assert second.stop() == 0
    assert not (project.folder / ".datahub/control.sock").exists()


def completions(folder, *words):
    """What bash offers for the last word, with the script sourced."""
    line = " ".join(f"'{word}'" for word in ("datahub", *words))
    script = (f"cd {folder}; PATH={pathlib.Path(harness.DATAHUB).parent}:$PATH; source <(datahub completion bash)\n"
              f"COMP_WORDS=({line}); COMP_CWORD={len(words)}; _datahub; printf '%s\\n' \"${{COMPREPLY[@]}}\"")
    process = subprocess.run(["bash", "--norc", "-c", script], capture_output=True, text=True)
    assert process.returncode == 0 and not process.stderr, process.stderr
    return set(process.stdout.split())


@check
def shells_complete_verbs_options_and_names(scratch):
    project = new_project(scratch)
    project.run("run", "-q")
    assert completions(project.folder, "") >= {"init", "run", "query", "contract", "table", "doctor", "completion"}
    assert completions(project.folder, "qu") == {"query", "quarantine"}
    assert completions(project.folder, "-q", "table", "") == {"files", "partitions", "stats", "orphans"}
    assert completions(project.folder, "run", "--fail") == {"--fail-on-reject"}
    assert completions(project.folder, "run", "-") >= {"--json", "--threads", "-C", "--quiet"}
    assert "--threads" not in completions(project.folder, "query", "-")
    assert completions(project.folder, "show", "") == {"users", "users_quarantine"}
    assert completions("/", "-C", str(project.folder), "show", "users_") == {"users_quarantine"}
    assert completions(project.folder, "quarantine", "replay", "") == {"users"}
    assert completions(project.folder, "run", "--threads", "2", "u") == {"users"}
    assert completions(project.folder, "reset", "--source", "") == {"inbox"}
    assert completions(project.folder, "contract", "check", "") == {"user"}
    assert completions(project.folder, "completion", "") == {"bash", "zsh", "fish"}
    assert completions(project.folder, "explain", "DH3") == {"DH301", "DH302", "DH304"}
    assert completions(project.folder, "-C", "inb") == {"inbox"}
    assert completions("/", "show", "") == set(), "there is no project"
    for shell in ("bash", "zsh", "fish"):
        text = project.run("completion", shell).stdout
        assert "fail-on-reject" in text and len(text) > 2000
        if shutil.which(shell):
            subprocess.run([shell, "-n"], input=text, check=True, text=True)
    fails(project, 2, r"csh", "completion", "csh")


@check
def editors_get_a_schema(scratch):
    schema = json.loads(subprocess.run([harness.DATAHUB, "validate", "--print-schema"], capture_output=True, text=True, check=True, cwd="/").stdout)
    assert schema["$schema"].endswith("2020-12/schema") and {"sources", "tables", "pipelines", "serve"} <= set(schema["properties"]), schema
    subprocess.run([harness.DATAHUB, "init", str(scratch / "demo"), "--events", "1"], check=True, capture_output=True)
    first = (scratch / "demo/datahub.yaml").read_text().splitlines()[0]
    assert first == "# yaml-language-server: $schema=./datahub.schema.json", first
    written = scratch / "demo/datahub.schema.json"
    assert json.loads(written.read_text()) == schema
    written.write_text("{}")
    found = subprocess.run([harness.DATAHUB, "-C", str(scratch / "demo"), "doctor"], capture_output=True, text=True).stdout
    assert re.search(r"warn  editor schema .*next: datahub validate --print-schema", found, re.DOTALL), found


@check
def nothing_is_read_twice(scratch):
    project = new_project(scratch)
    first = json.loads(project.run("run", "--json").stdout)
    assert first["records"] == 300 and first["rejected"] == sum(project.bad.values()) and first["commits"] >= 1, first
    second = json.loads(project.run("run", "--json").stdout)
    assert second["records"] == 0 and second["commits"] == 0, second
    assert harness.all_zero(project.compare()), project.compare()


@check
def rejects_change_the_exit_code_only_when_asked(scratch):
    project = new_project(scratch)
    fails(project, 3, r"rejected", "run", "--fail-on-reject")


@check
def on_reject_stop_ends_with_3_and_lands_nothing_of_the_batch(scratch):
    project = new_project(scratch)
    edit(project, "datahub.yaml", "to: [users]", "to: [users]\n    on_reject: stop")
    fails(project, 3, r"offset \d+ was rejected.*age", "run")
    assert project.rows("ls") == [] or project.rows("ls")[0]["rows"] == 0


@check
def on_reject_discard_counts_and_keeps_nothing(scratch):
    project = new_project(scratch)
    edit(project, "datahub.yaml", "to: [users]", "to: [users]\n    on_reject: discard")
    summary = json.loads(project.run("run", "--json").stdout)
    assert summary["rejected"] == sum(project.bad.values())
    assert [row["table"] for row in project.rows("ls")] == ["users"]


@check
def reading_verbs_speak_json(scratch):
    project = new_project(scratch)
    project.run("run", "-q")
    tables = {row["table"]: row for row in project.rows("ls")}
    assert tables["users"]["rows"] == len(project.good), tables
    assert tables["users_quarantine"]["rows"] == sum(project.bad.values()), tables
    assert {row["column"] for row in project.rows("show", "users")} >= {"eid", "created_at_day", "dh_offset"}
    assert {row["source"] for row in project.rows("status")} == {"inbox"}
    assert sum(row["rows"] for row in project.rows("table", "partitions", "users")) == len(project.good)
    assert project.rows("table", "stats", "users")[0]["rows"] == len(project.good)
    assert sum(row["records"] for row in project.rows("quarantine", "ls")) == sum(project.bad.values())
    shown = project.rows("quarantine", "show", "users", "--limit", "1000")
    assert sorted(row["raw"] for row in shown) == sorted(project.bad.elements()), shown[:2]
    fails(project, 1, r"no table 'user'.*users", "show", "user")


@check
def queries_in_three_formats(scratch):
    project = new_project(scratch)
    project.run("run", "-q")
    sql = "SELECT count(*) AS n, min(created_at) AS first FROM users"
    assert project.rows("query", sql)[0]["n"] == len(project.good)
    csv = project.run("query", sql, "--csv").stdout.splitlines()
    assert csv[0] == "n,first" and csv[1].startswith(f"{len(project.good)},"), csv
    assert str(len(project.good)) in project.run("query", sql).stdout
    days = project.rows("query", "SELECT DISTINCT created_at_day AS d FROM users ORDER BY 1")
    assert [row["d"] for row in days] == ["2026-01-01", "2026-01-02", "2026-01-03"], days
    files = project.rows("query", "SELECT count(*) AS n FROM datahub.files")[0]["n"]
    assert files == len(project.rows("table", "files", "users")) + len(project.rows("table", "files", "users_quarantine"))
    fails(project, 1, r"users", "query", "SELECT * FROM user")
    fails(project, 1, r".", "query", "SELECT * FROM read_csv('/etc/passwd')")
    fails(project, 1, r".", "query", f"COPY users TO '{scratch}/stolen.csv'")
    assert not (scratch / "stolen.csv").exists()


@check
def before_the_first_run_there_is_nothing_and_it_says_so(scratch):
    project = new_project(scratch)
    for args in (["ls"], ["status"], ["quarantine", "ls"], ["quarantine", "show", "users"]):
        process = project.run(*args)
        assert process.stderr or process.stdout, args


@check
def a_mended_contract_lets_the_quarantine_be_replayed(scratch):
    project = new_project(scratch)
    project.run("run", "-q")
    next_version(project, '"maximum": 150', '"maximum": 1000')
    result = project.rows("quarantine", "replay", "users")[0]
    mended = sum(n for line, n in project.bad.items() if json.loads(line)["age"] == 1000)
    assert result["accepted"] == mended and result["records"] == sum(project.bad.values()), (result, mended)
    assert project.rows("query", "SELECT count(*) AS n FROM users WHERE age = 1000")[0]["n"] == mended
    left = project.rows("query", "SELECT count(*) AS n FROM users_quarantine")[0]["n"]
    assert left == sum(project.bad.values()) - mended
    origins = project.rows("query", "SELECT count(DISTINCT dh_shard || dh_offset) AS n FROM users")[0]["n"]
    assert origins == len(project.good) + mended
    again = project.rows("quarantine", "replay", "users")[0]
    assert again["accepted"] == 0 and again["rejected"] == left, again


@check
def dropping_needs_a_yes(scratch):
    project = new_project(scratch)
    project.run("run", "-q")
    assert "nothing was done" in project.run("quarantine", "drop", "users").stdout
    assert project.rows("query", "SELECT count(*) AS n FROM users_quarantine")[0]["n"] > 0
    project.run("quarantine", "drop", "users", "--yes")
    assert project.rows("query", "SELECT count(*) AS n FROM users_quarantine")[0]["n"] == 0


@check
def old_files_without_a_newer_column_read_as_null(scratch):
    project = new_project(scratch)
    project.run("run", "-q")
    next_version(project, '"eid": {"type": "string"}', '"eid": {"type": "string"}, "city": {"type": "string"}')
    (project.folder / "inbox/new.ndjson").write_text(
        '{"eid": "n1", "age": 1, "created_at": "2026-01-01T00:00:00Z", "city": "Oslo"}\n')
    project.run("run", "-q")
    rows = project.rows("query", "SELECT city, count(*) AS n FROM users GROUP BY 1 ORDER BY 1")
    assert rows == [{"city": "Oslo", "n": 1}, {"city": None, "n": len(project.good)}], rows


@check
def a_column_cannot_change_its_type(scratch):
    project = new_project(scratch)
    project.run("run", "-q")
    edit(project, "contracts/user.json", '"eid": {"type": "string"}', '"eid": {"type": "boolean"}')
    fails(project, 78, r"column 'eid' of table 'users' is string", "validate")
    fails(project, 78, r"column 'eid' of table 'users' is string", "run")


@check
def events_are_judged_by_any_schema(scratch):
    (scratch / "shared").mkdir()
    (scratch / "shared/age.json").write_text('{"type": "integer", "minimum": 0}')
    schema = scratch / "schema.json"
    schema.write_text(json.dumps({"$schema": "http://json-schema.org/draft-07/schema#",
                                  "properties": {"age": {"$ref": "https://example.org/age.json"}, "day": {"format": "date"}}}))
    events = scratch / "events.ndjson"
    events.write_text('{"age": 1}\n\n{"age": -1}\n{"day": "x"}\n{"age"\n')

    def validate(*args, input=None):
        done = subprocess.run([harness.DATAHUB, "contract", "validate", *map(str, args)], capture_output=True, text=True, input=input)
        return done.returncode, done.stdout, done.stderr

    code, _, errors = validate(schema, events)
    assert code == 78 and "another document" in errors and "schema.json:1:" in errors, errors
    remotes = ("--remotes", f"https://example.org/={scratch}/shared")
    code, out, errors = validate(schema, events, *remotes)
    assert code == 3 and "line 3 is not valid" in out and "line 4" in out and "line 5" in out and "4 events, 3 not valid" in errors, out
    code, out, _ = validate(schema, "-", *remotes, "--json", "--format", "annotate", input=events.read_text())
    verdicts = [json.loads(line) for line in out.splitlines()]
    assert code == 3 and [(v["line"], v["valid"]) for v in verdicts] == [(1, True), (3, False), (4, True), (5, False)], verdicts
    assert verdicts[1]["reasons"] == [{"instance": "/age", "keyword": "https://example.org/age.json#/minimum",
                                       "message": "-1 is less than the minimum 0"}], verdicts
    assert validate(schema, "-", *remotes, input='{"age": 1}\n') == (0, "", "1 events, 0 not valid\n")
    assert validate(schema, scratch / "none", *remotes)[0] == 1
    assert validate(schema, events, "--remotes", "nonsense")[0] == 2
    assert validate(scratch / "none.json", events)[0] != 0


@check
def a_contracts_annotations_are_shown(scratch):
    project = new_project(scratch)
    project.run("run", "-q")
    edit(project, "contracts/user.json", '"type": "object",', '"type": "object", "x-datahub-key": ["/eid"], "x-datahub-event-time": "/created_at",')
    edit(project, "contracts/user.json", '"tags": {', '"tags": {"description": "O\'Hara\'s", "x-datahub-pii": {"class": "health"}, ')
    columns = {row["column"]: (row["role"], row["pii"]) for row in project.rows("contract", "check", "user")}
    assert columns == {"eid": ("key", ""), "age": ("", ""), "created_at": ("event-time", ""), "tags": ("", "health")}, columns
    for dialect, comment in {"trino": "O''Hara''s (personal data: health)", "athena": r"O\'Hara\'s (personal data: health)",
                             "duckdb": "O''Hara''s (personal data: health)"}.items():
        assert comment in project.run("contract", "ddl", "user", "--dialect", dialect).stdout, dialect
    project.append("more.ndjson", 10, random.Random(2))  # the table that was made before takes more
    project.run("run", "-q")
    assert project.rows("query", "SELECT count(*) AS n FROM users")[0]["n"] == len(project.good)
    # What is not done yet is not passed over.
    edit(project, "contracts/user.json", '"class": "health"', '"class": "health", "mask": "redact"')
    for verb in ("validate", "run"):
        fails(project, 78, r"datahub\.yaml:\d+:\d+: error\[DH401\].*user@1: column tags is to be masked \(redact\)", verb)
    edit(project, "contracts/user.json", "x-datahub-pii", "x-datahub-ppi")
    fails(project, 78, r"contracts/user\.json:1:\d+: error\[DH302\].*x-datahub-ppi is not known.*known: x-datahub-column", "validate")
    edit(project, "contracts/user.json", "x-datahub-ppi", "x-other")
    edit(project, "contracts/user.json", '"x-datahub-key": ["/eid"]', '"x-datahub-key": ["/tags"]')
    fails(project, 78, r"contracts/user\.json:1:\d+: error\[DH302\].*#/x-datahub-key: .*'/tags' may be absent", "contract", "check")


def an_event_is_explained_keyword_by_keyword(scratch):
    project = new_project(scratch)
    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": "https://example.org/order", "title": "Order", "type": "object",
              "properties": {"n": {"$ref": "#/$defs/count"}, "note": {"minLength": 3}}, "required": ["n"],
              "$defs": {"count": {"type": "integer", "minimum": 0}}}
    (project.folder / "contracts/order").mkdir()
    (project.folder / "contracts/order/1.json").write_text(json.dumps(schema))
    schema["$defs"]["count"]["minimum"] = 5
    (project.folder / "contracts/order/2.json").write_text(json.dumps(schema))

    def explain(contract, event, *args):
        done = subprocess.run([harness.DATAHUB, "-C", project.folder, "contract", "explain", contract, "-", *args], input=event,
                              capture_output=True, text=True)
        return done.returncode, done.stdout, done.stderr

    code, out, _ = explain("order", '{"n": 4}')
    assert code == 3 and re.search(r"^  /n\n.*^ +! fails +/properties/n/\$ref/minimum +4 is less than the minimum 5; at "
                                   r"https://example.org/order#/\$defs/count/minimum$", out, re.M | re.S), out
    assert re.search(r'^ +ok +/title +="Order"$', out.replace("= ", "="), re.M) is None  # dropped, since the whole fails
    assert "order@2: not valid, 3 failures" in out and "table: not asked" in out and out.endswith("a pipeline rejects it\n"), out
    code, out, _ = explain("order@1", '{"n": 4, "note": 1}')
    assert code == 0 and re.search(r'^ +ok +/title +="Order"$', out.replace("= ", "="), re.M), out
    assert re.search(r"^ +not asked +/properties/note/minLength$", out, re.M) and out.endswith("a pipeline accepts it\n"), out

    code, out, _ = explain("order", '{"n": 4}', "--json")
    basic = json.loads(out)
    assert code == 3 and not basic["valid"] and not basic["accepted"] and "annotations" not in basic, basic
    assert basic["errors"][-1] == {"valid": False, "keywordLocation": "/properties/n/$ref/minimum", "instanceLocation": "/n",
                                   "absoluteKeywordLocation": "https://example.org/order#/$defs/count/minimum",
                                   "error": "4 is less than the minimum 5"}, basic
    code, out, _ = explain("order@1", '{"n": 4}', "--json")
    basic = json.loads(out)
    assert code == 0 and basic["valid"] and basic["accepted"] and "errors" not in basic, basic
    assert [(unit["keywordLocation"], unit["annotation"]) for unit in basic["annotations"]] == [("/title", "Order"), ("/properties", ["n"])], basic

    # What the schema allows, strict and the table may not.
    code, out, _ = explain("order", '{"n": 9, "more": 1}', "--json")
    basic = json.loads(out)
    assert code == 3 and basic["valid"] and not basic["accepted"] and [r["instanceLocation"] for r in basic["strict"]] == ["/more"], basic
    code, out, _ = explain("order", '{"n": 99999999999999999999}', "--json")
    basic = json.loads(out)
    assert code == 3 and basic["valid"] and not basic["strict"] and basic["landing"][0]["keyword"] == "dh:range", basic
    assert "(dh:range)" in explain("order", '{"n": 99999999999999999999}')[1]

    # A schema's file is no contract: neither strict nor a table.
    code, out, _ = explain(project.folder / "contracts/order/1.json", '{"n": 99999999999999999999, "more": 1}', "--json")
    assert code == 0 and set(json.loads(out)) == {"valid", "annotations"}, out
    code, out, errors = explain("order", '{"n": 1}\n{"n": 2}')
    assert code == 3 and not out and "one event is wanted" in errors, errors
    assert json.loads(explain("order", "{", "--json")[1])["valid"] is False
    code, _, errors = explain("ordr", "{}")
    assert code == 1 and "no contract 'ordr'" in errors, errors
    (project.folder / "broken.json").write_text('{"minimum": "x"}')
    fails(project, 78, r"broken\.json:1:\d+: error\[DH\d+\].*minimum", "contract", "explain", project.folder / "broken.json", "-")
    assert "explain" in completions(project.folder, "contract", "") and completions(project.folder, "contract", "explain", "") == {"user", "order"}


@check
def a_contract_is_inferred_from_events(scratch):
    project = new_project(scratch)
    events = scratch / "events.ndjson"
    events.write_text("".join(json.dumps({"eid": f"6f1d2c3b-0000-4000-8000-{i:012}", "Tag": ["a", "b"][i % 2], "tag": i,
                                          "at": "2026-01-05T12:00:00Z", "more": None if i % 3 else {"x": i / 2}}) + "\n" for i in range(60)))

    def infer(*args, input=None):
        done = subprocess.run([harness.DATAHUB, "contract", "infer", *map(str, args)], capture_output=True, input=input)
        return done.returncode, done.stdout.decode(), done.stderr.decode()

    code, schema, said = infer(events)
    assert code == 0 and said.startswith("60 events in 1 file, ") and said.endswith("; 0 lines not JSON\n"), said
    place = json.loads(schema)["properties"]
    assert place["eid"]["format"] == "uuid" and place["Tag"]["enum"] == ["a", "b"] and place["at"]["format"] == "date-time", place
    assert place["more"]["type"] == ["object", "null"] and "null in 40" in place["more"]["$comment"], place
    assert place["tag"]["x-datahub-column"] == {"name": "tag_2"}, place

    # Into a project as it is: it compiles, and accepts what it was made of.
    (project.folder / "contracts/inferred.json").write_text(schema)
    edit(project, "datahub.yaml", "contract: user", "contract: inferred")
    edit(project, "datahub.yaml", "day(created_at)", "day(at)")
    columns = {row["column"]: row["type"] for row in project.rows("contract", "check", "inferred")}
    assert columns == {"eid": "string", "Tag": "string", "tag_2": "int64", "at": "timestamp", "more": "struct<x: double>"}, columns
    assert subprocess.run([harness.DATAHUB, "contract", "validate", project.folder / "contracts/inferred.json", events]).returncode == 0

    # Packed, piped or in parts: the same.
    packed = scratch / "events.gz"
    packed.write_bytes(gzip.compress(events.read_bytes()))
    lines = events.read_text().splitlines(keepends=True)
    parts = [scratch / f"part{i}.ndjson" for i in range(2)]
    for i, part in enumerate(parts):
        part.write_text("".join(lines[i::2]))
    for args in [(packed,), ("-",), parts]:
        assert infer(*args, input=events.read_bytes())[:2] == (0, schema), args
    code, _, said = infer("-", input=packed.read_bytes())
    assert code == 1 and "standard input is compressed" in said and "gzip -dc" in said, said
    packed.write_bytes(packed.read_bytes()[:200])
    code, _, said = infer(packed)
    assert code == 1 and "was cut" in said, said

    code, schema, said = infer(events, "-", input=b'{"tag": 1}\n\n{"tag": 1, "tag": 1}\n{"tag": "\xff"}\n')
    assert code == 3 and "61 events in 2 files" in said and "2 lines not JSON" in said, said
    assert re.search(r"standard input:3: byte \d+: the key \"tag\" is repeated\n  standard input:4: .*UTF-8", said), said
    assert json.loads(schema)["required"] == ["tag"], schema
    for size, invalid in [((64 << 20) - 9, 0), ((64 << 20) - 8, 1), (150 << 20, 1)]:
        code, _, said = infer("-", input=b'{"a":1}\n{"a":"' + b"x" * size + b'"}\n{"a":2}\n')
        assert code == 3 * invalid and f"{3 - invalid} events" in said, (size, said)
        assert not invalid or "standard input:2: the line has more than 64.0 MiB" in said, said
    code, out, _ = infer(events, "--json")
    told = json.loads(out)
    at = told["evidence"]["root"]["object"]["members"]["more"]
    assert code == 0 and told["schema"]["properties"] == place and told["first_invalid_lines"] == [], out
    assert (at["present"], at["of"], at["null"], at["object"]["members"]["x"]["number"]["count"]) == (60, 60, 40, 20), at

    for args, why in [((scratch / "none",), "cannot open"), ((scratch,), "is a folder"), (("-",), "no event")]:
        code, out, said = infer(*args, input=b"\n")
        assert code == 1 and out == "" and why in said, said
    assert infer("-", input=b"not JSON\n")[:2] == (3, "")
    assert infer()[0] == 2


@check
def contracts_are_held_against_their_fixtures(scratch):
    project = new_project(scratch)
    fails(project, 1, r"there are no fixtures; put them into .*/tests", "contract", "test")
    folder = project.folder / "contracts/user/tests"
    folder.mkdir(parents=True)
    good = {"eid": "a", "age": 1, "created_at": "2026-01-01T00:00:00Z"}
    too_young = [{"instance": "/age", "keyword": "#/properties/age/minimum"}]

    def fixture(name, **what):
        (folder / name).write_text(json.dumps(what, indent=2))

    fixture("good.json", event=good, valid=True)
    fixture("young.json", event={**good, "age": -1}, valid=False, reasons=too_young)
    fixture("more.json", event={**good, "more": 1}, valid=False)
    assert [row["passed"] for row in project.rows("contract", "test")] == ["yes"] * 3
    fixture("wrong.json", event=good, valid=False)
    fixture("other.json", event={**good, "age": "x"}, valid=False, reasons=too_young)
    done = project.run("contract", "test", "user", "--json", check=False)
    rows = {row["fixture"]: row for row in map(json.loads, done.stdout.splitlines())}
    assert done.returncode == 3 and rows["good.json"]["passed"] == "yes", done.stdout
    assert rows["wrong.json"]["difference"] == "it is valid" and "#/properties/age/type" in rows["other.json"]["difference"], rows
    fixture("odd.json", event=good, valid=True, vaild=True)
    fails(project, 1, r"odd.json: 'vaild' is not known", "contract", "test")
    project.run("validate")


@check
def reset_reads_everything_anew(scratch):
    project = new_project(scratch)
    project.run("run", "-q")
    assert "nothing was done" in project.run("reset").stdout
    project.run("reset", "--yes")
    project.run("run", "-q")
    assert harness.all_zero(project.compare()), project.compare()


@check
def an_empty_ledger_over_a_used_lake_is_an_error(scratch):
    project = new_project(scratch)
    project.run("run", "-q")
    shutil.rmtree(project.folder / ".datahub")
    fails(project, 1, r"belongs to another ledger.*datahub reset", "run")


@check
def a_lake_that_vanished_is_an_error(scratch):
    project = new_project(scratch)
    project.run("run", "-q")
    shutil.rmtree(project.folder / "lake")
    fails(project, 1, r"was the lake removed", "run")


@check
def a_source_that_was_renamed_keeps_its_place(scratch):
    project = new_project(scratch)
    project.run("run", "-q")
    edit(project, "datahub.yaml", "inbox: {kind", "intray: {kind")
    edit(project, "datahub.yaml", "from: [inbox]", "from: [intray]")
    fails(project, 78, r"renamed_from: inbox", "run")
    edit(project, "datahub.yaml", "intray: {kind", "intray: {renamed_from: inbox, kind")
    assert json.loads(project.run("run", "--json").stdout)["records"] == 0
    assert harness.all_zero(project.compare()), project.compare()


@check
def a_table_that_was_renamed_keeps_its_rows(scratch):
    project = new_project(scratch)
    project.run("run", "-q")
    edit(project, "datahub.yaml", "users: {partition_by", "people: {partition_by")
    edit(project, "datahub.yaml", "to: [users]", "to: [people]")
    for verb in ("validate", "run"):
        fails(project, 78, r"table 'users' has landed rows.*renamed_from: users", verb)
    edit(project, "datahub.yaml", "people: {partition_by", "people: {renamed_from: users, partition_by")
    project.run("validate")
    assert json.loads(project.run("run", "--json").stdout)["records"] == 0
    project.append("more.ndjson", 50, random.Random(7))
    project.run("run", "-q")
    project.table = "people"
    assert harness.all_zero(project.compare()), project.compare()
    assert project.rows("query", "SELECT count(*) AS n FROM people")[0]["n"] == len(project.good)
    # The folder is taken.
    path = project.folder / "datahub.yaml"
    path.write_text(path.read_text().replace("tables:\n", "tables:\n  users: {}\n").replace("renamed_from: users, ", ""))
    fails(project, 78, r"table 'users' would lie in shop/users, where the files of table 'people' lie", "validate")


@check
def a_pipeline_that_was_renamed_reads_on(scratch):
    project = new_project(scratch)
    project.run("run", "-q")
    edit(project, "datahub.yaml", "pipelines:\n  users:", "pipelines:\n  people:\n    renamed_from: users")
    project.run("validate")
    assert json.loads(project.run("run", "--json").stdout)["records"] == 0
    project.append("more.ndjson", 50, random.Random(7))
    project.run("run", "-q")
    project.quarantine = "people_quarantine"
    assert harness.all_zero(project.compare()), project.compare()


@check
def a_contract_version_that_landed_does_not_change(scratch):
    project = new_project(scratch)
    contract = project.folder / "contracts/user.json"
    edit(project, "contracts/user.json", '"maximum": 150', '"maximum": 160')  # nothing landed yet
    edit(project, "contracts/user.json", '"maximum": 160', '"maximum": 150')
    project.run("run", "-q")
    # What is for people changes nothing, nor do white space and order.
    text = json.loads(contract.read_text())
    said = {**dict(reversed(text.items())), "title": "A user", "description": "who", "$comment": "x"}
    said["properties"] = {**text["properties"], "age": {**text["properties"]["age"], "description": "in years", "examples": [3]}}
    contract.write_text(json.dumps(said, indent=4))
    project.run("run", "-q")
    for change in ({"maximum": 160}, {"type": "number"}):
        other = json.loads(json.dumps(text))
        other["properties"]["age"].update(change)
        contract.write_text(json.dumps(other))
        for verb in ("validate", "run", "serve"):
            fails(project, 78, r"version 1 of contract 'user' has accepted rows of table 'users' and was changed.*user/2\.json", verb)
    # As a second version it is welcome; the first one still must not change.
    (project.folder / "contracts/user").mkdir()
    contract.unlink()
    (project.folder / "contracts/user/1.json").write_text(json.dumps(text))
    newer = json.loads(json.dumps(text))
    newer["properties"]["nick"] = {"type": "string"}
    (project.folder / "contracts/user/2.json").write_text(json.dumps(newer))
    project.append("more.ndjson", 20, random.Random(5))
    project.run("run", "-q")
    assert harness.all_zero(project.compare()), project.compare()
    text["properties"]["age"]["maximum"] = 160
    (project.folder / "contracts/user/1.json").write_text(json.dumps(text))
    (project.folder / "contracts/user/contract.yaml").write_text("evolution: none\n")
    fails(project, 78, r"version 1 of contract 'user' has accepted rows.*user/3\.json", "validate")


@check
def a_version_that_breaks_its_evolution_is_refused_by_all(scratch):
    project = new_project(scratch)
    text = json.loads((project.folder / "contracts/user.json").read_text())
    (project.folder / "contracts/user").mkdir()
    (project.folder / "contracts/user.json").rename(project.folder / "contracts/user/1.json")
    text["required"].append("tags")
    (project.folder / "contracts/user/2.json").write_text(json.dumps(text))
    assert project.run("contract", "check", check=False).returncode == 78
    for verb in ("validate", "run", "serve"):
        fails(project, 78, r"error\[DH304\].*version 2 after 1.*required", verb)
    (project.folder / "contracts/user/contract.yaml").write_text("evolution: none\n")
    project.run("validate")


@check
def a_table_belongs_to_one_contract(scratch):
    project = new_project(scratch)
    project.run("run", "-q")
    shutil.copy(project.folder / "contracts/user.json", project.folder / "contracts/person.json")
    edit(project, "datahub.yaml", "contract: user", "contract: person")
    for verb in ("validate", "run", "serve"):
        fails(project, 78, r"table 'users' has rows of contract 'user', the project writes it under contract 'person'", verb)


@check
def doctor_warns_of_many_small_files(scratch):
    project = new_project(scratch)
    project.run("run", "-q")
    assert "files a partition" not in doctor(project)
    # A thousand commits take their time: the ledger is told of their files.
    with contextlib.closing(sqlite3.connect(project.folder / ".datahub/ledger.db")) as ledger, ledger:
        row = ledger.execute("SELECT * FROM files WHERE table_name = 'users' AND partition LIKE '%2026-01-01%' LIMIT 1").fetchone()
        for i in range(1001):
            ledger.execute(f"INSERT INTO files VALUES ({', '.join('?' * len(row))})", (row[0], f"{row[1]}.{i}", *row[2:]))
    says(doctor(project), "files a partition", "warn", r"users/created_at_day=2026-01-01 has 1,00\d files.*flush.age")


@check
def no_contract_lands_raw_events(scratch):
    project = new_project(scratch)
    edit(project, "datahub.yaml", "contract: user", "contract: none")
    edit(project, "datahub.yaml", "partition_by: [day(created_at)]", "partition_by: [day(received_at)]")
    (project.folder / "inbox/bad.ndjson").write_text("not json\n")
    project.run("run", "-q")
    total = len(project.good) + sum(project.bad.values())
    assert project.rows("query", "SELECT count(*) AS n FROM users WHERE json_valid(event)")[0]["n"] == total
    assert project.rows("query", "SELECT count(*) AS n FROM users_quarantine")[0]["n"] == 1


@check
def two_threads_land_the_same(scratch):
    project = new_project(scratch)
    project.run("run", "-q", "--threads", "2")
    assert harness.all_zero(project.compare()), project.compare()


@check
def a_renamed_pipeline_would_read_anew_and_is_refused(scratch):
    project = new_project(scratch)
    project.run("run", "-q")
    edit(project, "datahub.yaml", "pipelines:\n  users:", "pipelines:\n  people:")
    fails(project, 78, r"'inbox' was read by pipeline 'users'.*reset --source inbox", "validate")
    fails(project, 78, r"was read by pipeline 'users'", "run")
    edit(project, "datahub.yaml", "pipelines:\n  people:", "pipelines:\n  users:")
    project.run("run", "-q")
    assert harness.all_zero(project.compare()), project.compare()


@check
def a_source_can_be_retired(scratch):
    project = new_project(scratch)
    project.run("run", "-q")
    (project.folder / "other").mkdir()
    edit(project, "datahub.yaml", "  inbox: {", "  other: {")
    edit(project, "datahub.yaml", "./inbox/", "./other/")
    edit(project, "datahub.yaml", "[inbox]", "[other]")
    fails(project, 78, r"renamed_from: inbox.*reset --source inbox", "validate")
    fails(project, 0, r"say --yes", "reset", "--source", "inbox")
    fails(project, 78, r"'inbox' has positions", "run")
    project.run("reset", "--source", "inbox", "--yes")
    fails(project, 1, r"'inbox' has no positions", "reset", "--source", "inbox", "--yes")
    project.run("validate")
    project.run("run", "-q")
    assert harness.all_zero(project.compare()), project.compare()


@check
def reset_leaves_a_lake_of_another_ledger(scratch):
    owner = harness.Project(scratch / "owner", records=300, files=2)
    owner.run("run", "-q")
    guest = harness.Project(scratch / "guest", records=30, files=1)
    edit(guest, "datahub.yaml", "./lake", str(owner.folder / "lake"))
    fails(guest, 1, r"belongs to another ledger", "run")
    fails(guest, 1, r"belongs to another ledger.*--foreign-lake", "reset", "--yes")
    assert harness.all_zero(owner.compare()), owner.compare()
    guest.run("reset", "--yes", "--foreign-lake")
    assert not (owner.folder / "lake/shop").exists()


@check
def reset_leaves_tables_of_a_lake_that_does_not_say_whose_it_is(scratch):
    project = new_project(scratch)
    project.run("run", "-q")
    theirs = project.folder / "elsewhere/shop/users/part-0.parquet"
    theirs.parent.mkdir(parents=True)
    theirs.write_text("theirs")
    edit(project, "datahub.yaml", "./lake", "./elsewhere")
    fails(project, 1, r"reset", "run")
    fails(project, 1, r"does not say whose it is.*--foreign-lake", "reset", "--yes")
    assert theirs.exists()
    edit(project, "datahub.yaml", "./elsewhere", "./lake")
    assert harness.all_zero(project.compare()), project.compare()


@check
def a_table_keeps_its_database(scratch):
    project = new_project(scratch)
    project.run("run", "-q")
    edit(project, "datahub.yaml", "database: shop", "database: store")
    fails(project, 78, r"shop/users.*store/users.*lake.database", "validate")
    fails(project, 78, r"shop/users", "run")
    mistakes = [json.loads(line) for line in project.run("validate", "--json", check=False).stdout.splitlines()]
    assert len(mistakes) == 1 and mistakes[0]["code"] == "DH208" and "shop/users" in mistakes[0]["message"], mistakes


@check
def trouble_with_the_ledger_is_no_invalid_project(scratch):
    project = new_project(scratch)
    project.run("run", "-q")
    (project.folder / ".datahub/ledger.db").write_text("no database" * 500)
    for verb in ("validate", "run"):
        fails(project, 1, r"ledger", verb)


@check
def what_only_reads_makes_nothing(scratch):
    project = new_project(scratch)
    for verb in (["ls"], ["status"], ["query", "SELECT 1"], ["validate"]):
        project.run(*verb)
    assert not (project.folder / "lake").exists() and not (project.folder / ".datahub").exists()


@check
def what_is_withheld_is_said_to_the_quiet_too(scratch):
    project = new_project(scratch)
    project.run("run", "-q")
    file = next((project.folder / "inbox").iterdir())
    lines = file.read_text().splitlines(keepends=True)
    file.write_text("".join(lines[:-3] + [" " * (len(lines[-3]) - 1) + "\n"] + lines[-2:]) + lines[0])
    process = project.run("run", "-q", "--json")
    assert json.loads(process.stdout)["withheld"] == 1 and "was rewritten" in process.stderr, process.stderr


def with_an_unreadable_file(project, name):
    """A pipeline more, before or behind the other by its name's place in the file."""
    text = (project.folder / "datahub.yaml").read_text()
    text = text.replace("sources:\n", 'sources:\n  loop: {kind: files, path: "./loop/*.ndjson"}\n')
    text = text.replace("tables:\n", f"tables:\n  {name}: {{partition_by: [day(created_at)]}}\n")
    row = f"  {name}: {{from: [loop], contract: user, to: [{name}]}}\n"
    text = text.replace("pipelines:\n", "pipelines:\n" + row) if name == "early" else text + row
    (project.folder / "datahub.yaml").write_text(text)
    (project.folder / "loop").symlink_to("loop")


@check
def a_failing_pipeline_does_not_keep_the_others_from_being_read(scratch):
    project = new_project(scratch)
    with_an_unreadable_file(project, "early")
    fails(project, 1, r"source loop: cannot look into the folder", "run")
    assert harness.all_zero(project.compare()), project.compare()


@check
def rejects_of_one_pipeline_do_not_colour_anothers_failure(scratch):
    project = new_project(scratch)
    with_an_unreadable_file(project, "late")
    fails(project, 1, r"source loop: cannot look into the folder", "run")
    assert project.rows("quarantine", "ls"), "something was rejected"


@check
def a_record_that_was_cut_stays_rejected(scratch):
    project = new_project(scratch)
    project.run("run", "-q")
    with open(project.folder / "inbox/long.ndjson", "w") as out:
        out.write('{"eid": "cut", "age": 1, "created_at": "2026-01-01T00:00:00Z"}' + " " * (66 << 20) + '{"age": 2}\n')
    project.run("run", "-q")
    next_version(project, '"maximum": 150', '"maximum": 1500')
    project.run("quarantine", "replay", "users")
    assert project.rows("query", "SELECT count(*) AS n FROM users WHERE eid = 'cut'") == [{"n": 0}]
    reasons = project.rows("query", "SELECT reasons[1].keyword AS why FROM users_quarantine WHERE octet_length(raw) > 1000000")
    assert reasons == [{"why": "dh:size"}], reasons


@check
def a_lake_must_not_overlap_with_what_a_person_wrote(scratch):
    for number, (place, what) in enumerate([("..", "project's folder"), (".", "project's folder"), ("./contracts", "contracts"),
                                            ("./contracts/x", "contracts"), ("./.datahub", "state"), ("./inbox", "source 'inbox'")]):
        project = harness.Project(scratch / f"p{number}", records=30, files=1)
        edit(project, "datahub.yaml", "./lake", place)
        fails(project, 78, rf"datahub\.yaml:2:\d+: error\[DH\d+\].*the lake and.*{what}", "validate")


@check
def reset_leaves_what_it_did_not_make(scratch):
    project = new_project(scratch)
    project.run("run", "-q")
    kept = project.folder / "lake/shop/notes/readme.txt"
    kept.parent.mkdir()
    kept.write_text("mine")
    project.run("reset", "--yes")
    assert kept.read_text() == "mine" and not (project.folder / "lake/shop/users").exists()


@check
def names_that_differ_only_in_case_are_refused(scratch):
    project = new_project(scratch)
    project.run("run", "-q")
    edit(project, "contracts/user.json", '"tags":', '"Tags":')
    fails(project, 78, r"'Tags'.*is called 'tags'", "validate")
    fails(project, 78, r"'Tags'.*is called 'tags'", "run")


@check
def a_contract_that_is_put_back_leaves_the_table_readable(scratch):
    project = new_project(scratch)
    project.run("run", "-q")
    tags = ', "tags": {"type": "array", "items": {"type": "string"}}'
    line = '{"eid": "%s", "age": 1, "created_at": "2026-01-01T00:00:00Z"}\n'
    for number, (old, new) in enumerate([(tags + "}", "}"), ('"date-time"}}', f'"date-time"}}{tags}}}')]):
        next_version(project, old, new)
        (project.folder / "contracts/user/contract.yaml").write_text("evolution: none\n")
        (project.folder / f"inbox/more-{number}.ndjson").write_text(line % f"more-{number}")
        project.run("run", "-q")
    assert project.rows("query", "SELECT count(*) AS n, count(tags) > 0 AS some FROM users")[0]["some"]
    assert project.rows("query", "SELECT tags FROM users WHERE eid LIKE 'more-%'") == [{"tags": None}] * 2


@check
def output_that_cannot_be_written_is_an_error(scratch):
    project = new_project(scratch)
    project.run("run", "-q")
    for verb in (["ls"], ["status", "--json"], ["version"], ["validate"], ["table", "files", "users"], ["query", "SELECT 1"]):
        with open("/dev/full", "w") as full:
            process = subprocess.run([harness.DATAHUB, "-C", str(project.folder), *verb], stdout=full, stderr=subprocess.PIPE, text=True)
        assert process.returncode == 1 and "cannot write" in process.stderr, (verb, process.returncode, process.stderr)


@check
def usage_errors_end_with_2(scratch):
    project = new_project(scratch)
    fails(project, 2, r"--thread", "run", "--thread", "2")
    fails(project, 2, r".", "quarantine")
    assert subprocess.run([harness.DATAHUB], capture_output=True).returncode == 2


@check
def a_closed_pipe_is_no_error(scratch):
    project = new_project(scratch)
    project.run("run", "-q")
    command = f"{harness.DATAHUB} -C {project.folder} query 'SELECT * FROM users, range(1000)' --json | head -n 1"
    process = subprocess.run(["bash", "-o", "pipefail", "-c", command], capture_output=True, text=True)
    assert process.returncode == 0 and not process.stderr, process.stderr


def main():
    failed = 0
    for function in CHECKS:
        try:
            with harness.Scratch() as scratch:
                function(scratch)
            print("ok    ", function.__name__)
        except (AssertionError, subprocess.SubprocessError, KeyError, IndexError, ValueError) as problem:
            failed += 1
            print("FAILED", function.__name__, str(problem)[:3000])
    print(f"{len(CHECKS) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
