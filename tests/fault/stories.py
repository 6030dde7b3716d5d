"""Single stories of crashes, superseded workers and lost files that no list of steps comes to."""

import errno
import os
import random
import resource
import shutil
import signal
import subprocess
import sys

import harness
from harness import until
from scenarios import BUILD, Life, RUN
from server import Server, with_http
from superseded import wait_until_stopped_or_ended


def expect(condition, *what):
    if not condition:
        raise AssertionError(" ".join(str(part) for part in what))


def expect_all_zero(life):
    result = life.project.compare()
    expect(harness.all_zero(result), result)


def stopped_at(life, point, verb):
    """A process of the verb, stopped there."""
    process = subprocess.Popen([harness.DATAHUB, "-C", str(life.folder), *verb], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                               text=True, env={**os.environ, "DATAHUB_STOP_AT": f"{point}:1"})
    expect(wait_until_stopped_or_ended(process), verb, "did not stop at", point)
    return process


def go_on(process):
    process.send_signal(signal.SIGCONT)
    _, errors = process.communicate(timeout=60)
    return process.returncode, errors


def lost_source_is_named_until_it_is_back(life):
    """An intent whose unseen file is gone and whose source files are gone too."""
    life.run("commit.after_intent:1")
    life.lose_an_unseen_file()
    inbox = life.folder / "inbox"
    kept = {file.name: file.read_bytes() for file in inbox.iterdir()}
    for name in kept:
        (inbox / name).unlink()
    for _ in range(2):
        process = life.project.run(*RUN, check=False)
        expect(process.returncode == 1, process.returncode, process.stderr)
        expect("no longer have" in process.stderr and "events-0.ndjson" in process.stderr, process.stderr)
    # A part of a file is not all of what was read.
    (inbox / "events-0.ndjson").write_bytes(kept["events-0.ndjson"].splitlines(keepends=True)[0])
    expect(life.project.run(*RUN, check=False).returncode == 1, "a part passed for the whole")
    for name, content in kept.items():
        (inbox / name).write_bytes(content)
    life.run()
    expect_all_zero(life)


def lost_source_can_be_given_up(life):
    life.run("commit.after_intent:1")
    life.lose_an_unseen_file()
    shutil.rmtree(life.folder / "inbox")
    (life.folder / "inbox").mkdir()
    expect(life.project.run(*RUN, check=False).returncode == 1)
    life.project.run(*RUN, "--accept-loss")
    life.project.run(*RUN)


def what_was_read_again_is_not_missed_later(life):
    """The commit that reads it again says so itself: nothing has to be looked up when the source is gone."""
    path = life.folder / "datahub.yaml"
    path.write_text(path.read_text().replace("rows: 60", "rows: 6000"))  # one batch
    life.project.append("a-small.ndjson", 5, random.Random(200))
    life.run("commit.after_intent:1")
    life.lose_an_unseen_file()
    life.project.append("a-small.ndjson", 1, random.Random(201))  # so short a file is another shard now
    life.run("batch.acknowledged:1")
    shutil.rmtree(life.folder / "inbox")
    (life.folder / "inbox").mkdir()
    life.run()
    expect_all_zero(life)


def rubbish_that_cannot_be_removed_stops_nobody(life):
    """A file that no table has any more, and cannot be deleted: for a folder in its place."""
    life.run()
    life.run(verb=("quarantine", "drop", "users", "--yes"))
    life.project.bad.clear()
    dropped = list((life.folder / "lake/shop/users_quarantine").rglob("*.parquet"))
    expect(dropped, "nothing was dropped")
    for file in dropped:
        file.unlink()
        (file / "not empty").mkdir(parents=True)
    life.project.append("more.ndjson", 60, random.Random(9))
    life.project.bad.clear()
    process = life.project.run("run", "--reader-grace", "0s")
    expect("could not be removed" in process.stderr, process.stderr)
    rows = life.project.rows("query", "SELECT count(*) AS n FROM users WHERE dh_shard LIKE '%more%'")
    expect(rows[0]["n"] > 0, rows)
    for file in dropped:
        shutil.rmtree(file)
    process = life.project.run("run", "--reader-grace", "0s")
    expect("could not be removed" not in process.stderr, process.stderr)


def a_full_disk_is_said_by_many_threads_too(life):
    """A lane that failed is fed no more."""
    for number in range(20):
        life.project.append(f"much-{number}.ndjson", 4000, random.Random(100 + number))

    def limit():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, resource.RLIM_INFINITY))
    path = life.folder / "datahub.yaml"
    path.write_text(path.read_text().replace("partition_by: [day(created_at)], flush: {rows: 60}", ""))
    for _ in range(3):
        process = subprocess.run([harness.DATAHUB, "-C", str(life.folder), *RUN, "--threads", "4"], preexec_fn=limit,
                                 capture_output=True, text=True, timeout=120)
        expect(process.returncode == 1 and "free space" in process.stderr, process.returncode, process.stderr)
    life.run()
    expect_all_zero(life)


def lake_id_is_synced(life):
    """The sync of the file that says whose lake it is, taken out: the next run must miss it."""
    life.forgetful = True
    fresh = life.folder.with_name("fresh")
    shutil.copytree(life.folder, fresh)
    for ignored in (None, "lake/.datahub-lake.new-*"):
        shutil.rmtree(life.folder)
        shutil.copytree(fresh, life.folder)
        life.ignore_sync = ignored
        expect(life.run("batch.acknowledged:1"))
        process = life.project.run(*RUN, check=False)
        if ignored is None:
            expect(process.returncode == 0, process.stderr)
        else:
            expect(process.returncode == 1 and ".datahub-lake cannot be read" in process.stderr, process.returncode, process.stderr)


def superseded_recoverer_deletes_nothing(life):
    """It holds a list of intents that its successor completed, and of whose files one was removed since by right."""
    life.run("commit.after_intent:1")
    first = stopped_at(life, "recover.before_reveal", RUN)
    life.project.run(*RUN, "--take-over")
    life.project.run("quarantine", "replay", "users")
    life.project.run(*RUN, "--reader-grace", "0s")
    code, errors = go_on(first)
    expect(code == 1 and "took this project over" in errors, code, errors)
    expect_all_zero(life)


def superseded_cleaner_leaves_its_successor_alone(life):
    """It is stopped before it removes what fenced workers left; its successor has an intent when it goes on."""
    first = stopped_at(life, "recover.before_cleaning", RUN)
    second = stopped_at(life, "commit.after_intent", (*RUN, "--take-over"))
    code, errors = go_on(first)
    expect(code == 1 and "took" in errors, code, errors)
    code, errors = go_on(second)
    expect(code == 0, code, errors)
    expect_all_zero(life)


def failed_reveal_keeps_what_the_intent_needs(life):
    """The table's folder cannot be made; when it can, the batch is completed although its source is gone."""
    blocker = life.folder / "lake/shop"
    blocker.parent.mkdir(exist_ok=True)
    blocker.write_text("not a folder")
    process = life.project.run(*RUN, check=False)
    expect(process.returncode == 1, process.returncode)
    blocker.unlink()
    inbox = life.folder / "inbox"
    for file in inbox.iterdir():
        read = [row for row in life.project.rows("status") if file.name in row["shard"]]
        if read:
            file.unlink()
    life.run()
    expect_all_zero(life)


def failed_reveal_is_left_alone_by_the_next_pipeline(life):
    """Its files wait unseen while another pipeline of the same run commits."""
    path = life.folder / "datahub.yaml"
    text = path.read_text().replace("sources:\n", 'sources:\n  others: {kind: files, path: "./others/*.ndjson"}\n')
    text = text.replace("tables:\n", "tables:\n  more: {}\n")
    path.write_text(text + "  more: {from: [others], contract: user, to: [more]}\n")
    (life.folder / "others").mkdir()
    shutil.copy(life.folder / "inbox/events-0.ndjson", life.folder / "others")
    blocker = life.folder / "lake/shop/users"
    blocker.parent.mkdir(parents=True, exist_ok=True)
    blocker.write_text("not a folder")
    process = life.project.run(*RUN, check=False)
    expect(process.returncode == 1, process.returncode, process.stderr)
    expect(life.project.rows("query", "SELECT count(*) > 0 AS some FROM more")[0]["some"], "the second pipeline did not land")
    blocker.unlink()
    shutil.rmtree(life.folder / "inbox")
    (life.folder / "inbox").mkdir()
    life.project.run(*RUN, check=False)
    table = [row["dh_shard"] for row in life.project.rows("query", "SELECT DISTINCT dh_shard FROM users")]
    expect(any("events-0" in shard for shard in table), table)


def fenced_reset_removes_nothing(life):
    life.run()
    reset = stopped_at(life, "ledger.after_incarnation", ("reset", "--yes"))
    life.project.run(*RUN, "--take-over")
    code, errors = go_on(reset)
    expect(code == 1 and "took this project over" in errors, code, errors)
    expect_all_zero(life)


def put_back(life, kept):
    shutil.rmtree(life.folder / ".datahub")
    shutil.copytree(life.folder / kept, life.folder / ".datahub")


def an_older_ledger_is_noticed(life):
    """A copy of an earlier time is put back, after clean ends and after kills: what the lake has more is named, then removed."""
    for number, later in enumerate((None, "batch.acknowledged:1", "commit.after_commit:1")):
        shutil.rmtree(life.folder / "kept", ignore_errors=True)
        life.run("batch.acknowledged:1")
        shutil.copytree(life.folder / ".datahub", life.folder / "kept")
        life.project.append(f"later-{number}.ndjson", 60, random.Random(300 + number))
        life.run(later)
        put_back(life, "kept")
        for verb in (RUN, ("serve", "--listen", "127.0.0.1:0"), ("doctor",)):
            process = life.project.run(*verb, check=False)
            said = process.stderr + process.stdout
            expect(process.returncode == 1 and "is older than the lake" in said and "table orphans" in said, later, verb, process.returncode, said)
        orphans = life.project.rows("table", "orphans")
        expect(orphans and all((life.folder / "lake" / row["key"]).exists() for row in orphans), orphans)
        deep = life.project.run("doctor", "--deep", check=False).stdout
        expect(orphans[0]["key"] in deep, deep)
        life.run(verb=("table", "orphans", "--delete"))
        life.run()
        expect_all_zero(life)
        expect(life.project.rows("table", "orphans") == [])
        expect(life.project.run("doctor", "--deep", "-q").returncode == 0)
        life.run(verb=("reset", "--yes"))


def a_ledger_without_its_wal_is_noticed(life):
    expect(life.run("batch.acknowledged:1"))
    for suffix in ("-wal", "-shm"):
        (life.folder / f".datahub/ledger.db{suffix}").unlink()
    process = life.project.run(*RUN, check=False)
    expect(process.returncode == 1 and "its -wal left out" in process.stderr, process.stderr)
    life.run(verb=("table", "orphans", "--delete"))
    life.run()
    expect_all_zero(life)


def doctor_looks_at_every_byte(life):
    life.run()
    files = [life.folder / "lake" / row["key"] for row in life.project.rows("table", "files", "users")]
    whole = files[0].read_bytes()
    for broken in (whole[:100] + bytes([whole[100] ^ 1]) + whole[101:], whole[:-1], files[1].read_bytes(), None):
        files[0].unlink()
        if broken is not None:
            files[0].write_bytes(broken)
        process = life.project.run("doctor", "--deep", check=False)
        expect(process.returncode == 1 and files[0].name in process.stdout, process.stdout)
        expect(life.project.run("doctor", "-q", check=False).returncode == 0)
        files[0].write_bytes(whole)
    expect(life.project.run("doctor", "--deep").returncode == 0)
    # What a run does not see: a byte far before the end of a file that also grew.
    life.project.append("long.ndjson", 3000, random.Random(7))
    life.run()
    (read,) = (life.folder / "inbox").rglob("long.ndjson")
    said = lambda: life.project.run("doctor", "--deep", check=False).stdout
    expect("not all of these bytes are what they were" not in said())
    was = bytearray(read.read_bytes())
    was[len(was) // 2] ^= 1
    read.write_bytes(was + b"\n")
    expect(read.name in said() and "not all of these bytes are what they were" in said(), said())


def starters_of_a_new_project_are_polite(life):
    """Many begin at once with nothing there: one owns it, the others are told so, and readers find nothing or a project."""
    for _ in range(5):
        shutil.rmtree(life.folder / ".datahub", ignore_errors=True)
        shutil.rmtree(life.folder / "lake", ignore_errors=True)
        verbs = [RUN] * 6 + [("ls",), ("status",), ("query", "SELECT 1")]
        processes = [(verb, subprocess.Popen([harness.DATAHUB, "-C", str(life.folder), *verb], stdout=subprocess.DEVNULL,
                                             stderr=subprocess.PIPE, text=True)) for verb in verbs]
        owners = 0
        for verb, process in processes:
            _, errors = process.communicate(timeout=60)
            owners += verb == RUN and process.returncode == 0
            polite = "is starting right now" in errors or "writes this project" in errors
            expect(process.returncode == 0 or (verb == RUN and polite), verb, process.returncode, errors)
        expect(owners >= 1, "nobody owned it")
        life.run()
        expect_all_zero(life)


def a_reset_that_was_cut_off_is_finished(life):
    life.run()
    expect(life.run("reset.moved:2", verb=("reset", "--yes")))
    for verb in (("ls",), ("status",), ("query", "SELECT count(*) FROM users")):
        process = life.project.run(*verb, check=False)
        expect(process.returncode == 1 and "a reset was cut off" in process.stderr, verb, process.stderr)
    process = life.project.run("doctor", check=False)
    expect(process.returncode == 1 and "a reset was cut off" in process.stdout, process.stdout)
    process = life.project.run("run")
    expect("reset that was cut off is finished" in process.stderr, process.stderr)
    expect_all_zero(life)
    expect(not (life.folder / "lake/.removed").exists() and not (life.folder / ".datahub.removed").exists())


def a_drop_that_was_cut_off_is_whole(life):
    """All of the quarantine is there or nothing, whatever a drop was killed at; a second one ends it."""
    total = sum(life.project.bad.values())
    count = lambda: life.project.rows("query", "SELECT count(*) AS n FROM users_quarantine")[0]["n"]  # noqa: E731
    for point, left in (("ledger.before_intent", total), ("commit.after_intent", 0), ("ledger.before_commit", 0), ("commit.after_commit", 0)):
        life.run()
        expect(count() == total, point, count(), total)
        expect(life.run(f"{point}:1", verb=("quarantine", "drop", "users", "--yes")), point, "is not passed")
        life.run()
        expect(count() == left, point, count(), left)
        life.run(verb=("quarantine", "drop", "users", "--yes"), check=False)
        expect(count() == 0, point, count())
        life.run(verb=("reset", "--yes"))


def a_ledger_removed_under_a_server_is_noticed(life):
    with_http(life.project)
    for victim in ("ledger.db", "ledger.db-wal", "ledger.db*"):
        life.run()
        shutil.copytree(life.folder / ".datahub", life.folder / "kept")
        server = Server(life.project)
        record = '{"eid":"' + victim + '","age":1,"created_at":"2026-01-01T00:00:00Z"}'
        status, answer = server.post(record.replace(victim, "first " + victim), query="?wait=commit")
        expect(status == 200 and answer["committed"], status, answer)
        for file in (life.folder / ".datahub").glob(victim):
            file.unlink()
        try:
            status, answer = server.post(record, query="?wait=commit")
            expect(not answer.get("committed"), status, answer)
        except OSError:
            pass  # it ends at once
        expect(server.process.wait(30) == 1, "it went on")
        expect("while this process wrote the ledger" in server.said(), server.said())
        shutil.rmtree(life.folder / ".datahub")
        shutil.rmtree(life.folder / "lake")
        shutil.rmtree(life.folder / "kept")


def refusing(life, error, calls):
    """The intake log's disk refuses these calls as long as the file `broken` is there."""
    return {"LD_PRELOAD": str(BUILD / "tools/refusing/librefusing.so"), "REFUSING_ROOT": str(life.folder / ".datahub/intake"),
            "REFUSING_ERROR": str(int(error)), "REFUSING_CALLS": calls, "REFUSING_WHILE": str(life.folder.parent / "broken")}


def post(server, name, pad=0, **headers):
    body = '{"eid":"' + name + '",' + " " * pad + '"age":1,"created_at":"2026-01-01T00:00:00Z"}'
    return server.post(body, query="?wait=commit", **headers)


def expect_posted(life, names):
    rows = life.project.rows("query", "SELECT eid FROM users WHERE dh_source = 'web' ORDER BY eid")
    expect([row["eid"] for row in rows] == sorted(names), rows, names)


def a_disk_that_refuses_posts_is_said_and_tried_again(life):
    """Below the intake log: posts are refused, readiness says why, and it goes on when there is room. Where a sync fails the process
    ends. What was answered with 200 is there once."""
    with_http(life.project)
    broken = life.folder.parent / "broken"
    server = Server(life.project, env=refusing(life, errno.ENOSPC, "create,write,name"))
    expect(post(server, "before")[0] == 200)
    broken.touch()
    for number in range(3):
        status, answer = post(server, f"refused-{number}")
        expect(status == 507, status, answer)
    status, answer, _ = server.request("GET", "/readyz")
    expect(status == 503 and b"intake log" in answer, status, answer)
    expect("free space" in server.status()["intake"]["failure"], server.status())
    broken.unlink()
    until(lambda: server.request("GET", "/readyz")[0] == 200, "ready again")
    expect(server.status()["intake"]["failure"] is None)
    expect(post(server, "after")[0] == 200)
    expect(server.stop() == 0)

    server = Server(life.project, env=refusing(life, errno.EIO, "sync"))
    expect(post(server, "before-eio")[0] == 200)
    broken.touch()
    try:
        expect(post(server, "eio")[0] != 200)
    except OSError:
        pass  # it ended meanwhile
    expect(server.process.wait(30) == 1 and "this process stops" in server.said(), server.said())
    broken.unlink()
    server = Server(life.project)
    expect(post(server, "after-eio")[0] == 200)
    expect(server.stop() == 0)
    names = [row["eid"] for row in life.project.rows("query", "SELECT eid FROM users WHERE dh_source = 'web'") if row["eid"] != "eio"]
    expect(sorted(names) == sorted(["before", "after", "before-eio", "after-eio"]), names)


def a_segment_whose_keys_cannot_be_kept_stays(life):
    """Seven posts fill a segment; it can leave only behind a file with their keys, and no file can be made. Posts go on; readiness
    says why. Then it leaves, the oldest first, and its keys still count, also for the next process."""
    with_http(life.project)
    broken = life.folder.parent / "broken"
    segments = lambda: sorted(file.name for file in (life.folder / ".datahub/intake").rglob("*.log"))  # noqa: E731
    names = [f"post-{number}" for number in range(7)]
    pad = 12 << 20
    server = Server(life.project, env=refusing(life, errno.ENOSPC, "create"))
    until(lambda: list((life.folder / ".datahub/intake").rglob("spare.tmp")), "a spare")
    broken.touch()
    for name in names:
        status, answer = post(server, name, pad, Idempotency_Key=name)
        expect(status == 200 and answer["committed"], status, answer)
    until(lambda: server.request("GET", "/readyz")[0] == 503, "unready")
    expect("free space" in server.status()["intake"]["failure"], server.status())
    expect(len(segments()) == 2, segments())
    broken.unlink()
    until(lambda: server.request("GET", "/readyz")[0] == 200 and len(segments()) == 1, "ready again, and the segment gone")
    for again in range(2):
        for name in names:
            status, answer = post(server, name, pad, Idempotency_Key=name)
            expect(status == 200, status, answer)
        expect(post(server, f"new-{again}")[0] == 200)
        expect(server.stop() == 0)
        server = Server(life.project)
    server.stop()
    expect_posted(life, [*names, "new-0", "new-1"])


FORGET = ("reset", "--source", "inbox", "--yes")
FORGET_WITH_ROWS = (*FORGET, "--with-rows")
RUN_WITHOUT_GRACE = (*RUN, "--reader-grace", "0s")  # what readers may still have open goes too


def counts(life):
    sql = "SELECT (SELECT count(*) FROM users) AS good, (SELECT count(*) FROM users_quarantine) AS bad"
    row = life.project.rows("query", sql)[0]
    return row["good"], row["bad"]


def a_source_that_is_forgotten_says_what_comes_twice(life):
    good, bad = len(life.project.good), life.project.bad.total()
    life.run()
    plan = life.project.run(*FORGET[:-1]).stdout
    for said in (f"users keeps {good} of its rows", f"users_quarantine keeps {bad} of its rows", "there twice", "--with-rows", "nothing was done"):
        expect(said in plan, said, plan)
    expect("users loses all" in life.project.run(*FORGET_WITH_ROWS[:-2], "--with-rows").stdout)
    expect(f"users keeps {good} of its rows" in life.project.run(*FORGET).stdout)
    life.run()
    expect(counts(life) == (2 * good, 2 * bad), counts(life))
    life.run(verb=("quarantine", "replay", "users"))  # its commit has no positions, and rows of the source all the same
    life.run(verb=FORGET_WITH_ROWS)
    expect(counts(life) == (0, 0), counts(life))
    life.run(verb=RUN_WITHOUT_GRACE)
    expect_all_zero(life)
    life.run(verb=FORGET)
    life.run(verb=FORGET_WITH_ROWS)  # rows without positions
    expect(life.project.run(*FORGET_WITH_ROWS, check=False).returncode == 1, "there was something left")
    life.run(verb=RUN_WITHOUT_GRACE)
    expect_all_zero(life)


def rows_that_leave_with_their_source_leave_once(life):
    """Killed at each step: all of it is done, or nothing."""
    all_of_it = len(life.project.good), life.project.bad.total()
    for point in ("ledger.before_intent", "ledger.in_intent", "ledger.after_intent", "commit.after_intent", "commit.after_reveal",
                  "ledger.before_commit", "ledger.in_commit", "ledger.after_commit", "commit.after_commit"):
        life.run()
        expect(counts(life) == all_of_it, point, counts(life))
        expect(life.run(f"{point}:1", verb=FORGET_WITH_ROWS), point, "is not passed")
        life.run(verb=RUN_WITHOUT_GRACE)
        expect(counts(life) == all_of_it, point, counts(life))
        expect_all_zero(life)


def a_source_is_forgotten_with_its_rows_below_a_server(life):
    """What another source of the same table landed stays."""
    with_http(life.project)
    life.run()
    server = Server(life.project)
    record = {"eid": "posted", "age": 1, "created_at": "2026-01-01T00:00:00Z"}
    expect(post(server, "posted")[0] == 200)
    life.project.good["posted"] = record
    said = life.project.run(*FORGET_WITH_ROWS).stdout
    expect(f"users loses all {len(life.project.good) - 1} of its rows" in said, said)
    until(lambda: counts(life) == (len(life.project.good), life.project.bad.total()), "all landed again")
    said = life.project.run("reset", "--source", "web", "--with-rows", "--yes").stdout  # it lies in the log's segment still
    expect("users loses all 1 of its rows" in said, said)
    until(lambda: counts(life) == (len(life.project.good), life.project.bad.total()), "the post landed again")
    expect(server.stop() == 0)
    life.run(verb=RUN_WITHOUT_GRACE)
    expect_all_zero(life)
    life.rename_source()
    life.run()
    said = life.project.run("reset", "--source", "intray", "--with-rows", "--yes").stdout
    expect(f"users loses all {len(life.project.good) - 1} of its rows" in said, said)
    life.run(verb=RUN_WITHOUT_GRACE)
    expect_all_zero(life)


def a_file_of_two_sources_stays_whole(life):
    path = life.folder / "datahub.yaml"
    text = path.read_text().replace("sources:\n", 'sources:\n  others: {kind: files, path: "./others/*.ndjson"}\n')
    path.write_text(text.replace("from: [inbox]", "from: [inbox, others]").replace("rows: 60", "rows: 6000"))
    (life.folder / "others").mkdir()
    (life.folder / "inbox/events-0.ndjson").rename(life.folder / "others/events-0.ndjson")
    life.run()
    before = counts(life)
    process = life.project.run(*FORGET_WITH_ROWS, check=False)
    expect(process.returncode == 1 and "landed other sources too" in process.stderr and ".parquet" in process.stderr, process.stderr)
    expect(counts(life) == before, counts(life), before)
    life.run()
    expect_all_zero(life)


def take_over_is_not_superseded_by_an_ordinary_run(life):
    holder = stopped_at(life, "batch.sealed", RUN)
    taker = stopped_at(life, "ledger.after_incarnation", (*RUN, "--take-over"))
    process = life.project.run(*RUN, check=False)
    expect(process.returncode == 1 and "starting" in process.stderr, process.returncode, process.stderr)
    expect(go_on(taker)[0] == 0)
    expect(go_on(holder)[0] == 1)
    expect_all_zero(life)


STORIES = [lost_source_is_named_until_it_is_back, lost_source_can_be_given_up, what_was_read_again_is_not_missed_later,
           rubbish_that_cannot_be_removed_stops_nobody, a_full_disk_is_said_by_many_threads_too, lake_id_is_synced,
           superseded_recoverer_deletes_nothing, superseded_cleaner_leaves_its_successor_alone,
           an_older_ledger_is_noticed, a_ledger_without_its_wal_is_noticed, doctor_looks_at_every_byte,
           starters_of_a_new_project_are_polite, a_reset_that_was_cut_off_is_finished, a_drop_that_was_cut_off_is_whole,
           a_ledger_removed_under_a_server_is_noticed, a_disk_that_refuses_posts_is_said_and_tried_again,
           a_segment_whose_keys_cannot_be_kept_stays,
           a_source_that_is_forgotten_says_what_comes_twice, rows_that_leave_with_their_source_leave_once,
           a_source_is_forgotten_with_its_rows_below_a_server, a_file_of_two_sources_stays_whole, failed_reveal_keeps_what_the_intent_needs, failed_reveal_is_left_alone_by_the_next_pipeline, fenced_reset_removes_nothing,
           take_over_is_not_superseded_by_an_ordinary_run]

PRELOADED = (lake_id_is_synced, a_disk_that_refuses_posts_is_said_and_tried_again, a_segment_whose_keys_cannot_be_kept_stays)


def main():
    failures = 0
    with harness.Scratch() as scratch:
        template = harness.Project(scratch / "template", records=360, files=3, flush_rows=60)
        for story in STORIES:
            if len(sys.argv) > 1 and sys.argv[1] not in story.__name__:
                continue
            if story in PRELOADED and os.environ.get("DH_SANITIZE"):
                continue  # two preloaded libraries would each have to come first
            folder = scratch / story.__name__
            folder.mkdir()
            try:
                story(Life(template, folder))
                print("ok", story.__name__)
            except AssertionError as error:
                failures += 1
                print("FAILED", f"{story.__name__}: {error}")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
