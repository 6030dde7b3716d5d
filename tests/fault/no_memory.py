"""No memory, at any allocation, and no thread: the program ends with one line that says what ran out and exit code 1, never with a
signal and never with another verdict; and what follows lands everything exactly once.

no_memory.py LIBRARY TRIES: tests/fault/failing_memory.cc; how many allocations are refused, one a run, drawn by the seed."""

import gzip
import http.client
import json
import os
import random
import resource
import signal
import subprocess
import sys

import harness
import pyarrow
from server import Server, with_http

LIBRARY = sys.argv[1]
TRIES = int(sys.argv[2])
WITHOUT_MEMORY = "error: no memory is left"
WITHOUT_THREAD = "error: no thread could be started"


def preload(**more):
    return {"LD_PRELOAD": LIBRARY, **{name: str(value) for name, value in more.items()}}


def points(count, rng, tries=TRIES):
    """Of the first allocations each, then ever sparser, not twice the same from run to run."""
    chosen = set()
    at = 1.0
    while at < count:
        chosen.add(int(at) + rng.randrange(max(1, int(at / 4))))
        at *= 1 + 6 / tries
    return sorted(n for n in chosen if n <= count)[:2 * tries]


def said_well(process, what, problems, line=WITHOUT_MEMORY):
    """Ended by itself: with 0 where the failure was taken (a library tries again, a cache is not had), else with the one line."""
    errors = [said for said in process.stderr.splitlines() if said.startswith("error: ")]
    if process.returncode != 0 and (process.returncode != 1 or len(errors) != 1 or not errors[0].startswith(line)):
        problems.append(f"{what}: exit {process.returncode}: {process.stderr[-600:]}")


def hard_to_read(project):
    """A file of each compression, and a pattern that needs the engine for hard ones: libraries that have memory of their own."""
    first, second = sorted((project.folder / "inbox").iterdir())[:2]
    (first.parent / (first.name + ".gz")).write_bytes(gzip.compress(first.read_bytes()))
    (second.parent / (second.name + ".zst")).write_bytes(pyarrow.compress(second.read_bytes(), codec="zstd", asbytes=True))
    first.unlink()
    second.unlink()
    settings = project.folder / "datahub.yaml"
    settings.write_text(settings.read_text().replace("/*.ndjson", "/*"))
    contract = project.folder / "contracts/user.json"
    schema = json.loads(contract.read_text())
    schema["properties"]["eid"]["pattern"] = "^(?=[0-9a-f])(.).*$"
    contract.write_text(json.dumps(schema))
    return project


def counted(project, scratch, *args):
    at = scratch / "count"
    project.run(*args, env=preload(DH_COUNT_ALLOCATIONS=at))
    return [int(number) for number in at.read_text().split()]


def runs(scratch, rng, problems):
    """A run that fails at an allocation, then one that does not: nothing lost, nothing twice."""
    made = hard_to_read(harness.Project(scratch / "made", records=60, files=2, flush_rows=30, seed=rng.randrange(1 << 30)))
    count, threads = counted(made.copy(scratch / "counting"), scratch, "run")
    tried = points(count, rng)
    ended = 0
    for number, at in enumerate(tried):
        project = made.copy(scratch / f"run-{number}")
        process = project.run("run", "--threads", "2", env=preload(DH_FAIL_ALLOCATION=at), check=False)
        said_well(process, f"run, allocation {at}", problems)
        ended += process.returncode == 1
        project.run("run")
        result = project.compare()
        if not harness.all_zero(result):
            problems.append(f"run, allocation {at}: {dict(result)}")
        subprocess.run(["rm", "-rf", str(project.folder)], check=False)
    print(f"run: {len(tried)} of {count} allocations refused, {ended} ended it")
    if ended < len(tried) / 2:
        problems.append("refusing allocations ended few runs: is the library loaded?")
    for at in range(1, threads + 1):
        project = made.copy(scratch / f"run-thread-{at}")
        process = project.run("run", "--threads", "2", env=preload(DH_FAIL_THREAD=at), check=False)
        said_well(process, f"run, thread {at}", problems, WITHOUT_THREAD)
        if process.returncode != 1:
            problems.append(f"run, thread {at}: exit {process.returncode}")
        project.run("run")
        if not harness.all_zero(project.compare()):
            problems.append(f"run, thread {at}: {dict(project.compare())}")
    print(f"run: each of {threads} threads refused")


def queries(scratch, rng, problems):
    project = harness.Project(scratch / "asked", records=60, files=1)
    project.run("run")
    question = ("query", "SELECT count(*) AS n FROM users", "--csv")
    count, _ = counted(project, scratch, *question)
    tried = points(count, rng, TRIES // 2)
    right = project.run(*question).stdout
    for at in tried:
        process = project.run(*question, env=preload(DH_FAIL_ALLOCATION=at), check=False)
        said_well(process, f"query, allocation {at}", problems)
        if process.returncode == 0 and process.stdout != right:
            problems.append(f"query, allocation {at}: answered {process.stdout!r}")
    print(f"query: {len(tried)} of {count} allocations refused")


def posts(scratch, rng, problems):
    """A server that fails while it is posted to: what it acknowledged is there after the next start."""
    project = with_http(harness.Project(scratch / "posted", records=0, files=0))
    acknowledged, served, ended_early = set(), 0, 0
    count = scratch / "count"
    tries = TRIES // 3
    for number in range(tries):
        # The first counts; of the rest two thirds fail behind the start, amid posts.
        total = int(count.read_text().split()[0]) if number else 0
        at = rng.randrange(total // 3 if number % 3 == 0 else total) + 1 if number else 0
        try:
            server = Server(project, env=preload(DH_FAIL_ALLOCATION=at) if number else preload(DH_COUNT_ALLOCATIONS=count))
        except AssertionError as ended:
            if "ended with 1:" not in str(ended) or WITHOUT_MEMORY not in str(ended):
                problems.append(f"serve, allocation {at}: {ended}")
            ended_early += 1
            continue
        served += 1
        try:
            for i in range(60):
                eid = f"{number}-{i}"
                body = f'{{"eid":"{eid}","age":1,"created_at":"2026-01-01T00:00:00Z"}}'
                status, _ = server.post(body, "?wait=commit" if i % 20 == 19 else "")
                if status in (200, 202):
                    acknowledged.add(eid)
        except (OSError, ValueError, http.client.HTTPException):
            pass
        if server.process.poll() is None:
            server.process.send_signal(signal.SIGTERM)
        code = server.process.wait(60)
        ended_early += code == 1
        if code not in (0, 1) or code == 1 and WITHOUT_MEMORY not in server.said():
            problems.append(f"serve, allocation {at}: exit {code}: {server.said()[-600:]}")
    last = Server(project)
    assert last.stop() == 0
    landed = [row["eid"] for row in project.rows("query", "SELECT eid FROM users")] if acknowledged else []
    if len(landed) != len(set(landed)):
        problems.append(f"posts: {len(landed) - len(set(landed))} twice")
    if acknowledged - set(landed):
        problems.append(f"posts: {len(acknowledged - set(landed))} of {len(acknowledged)} acknowledged ones are lost")
    print(f"serve: {served} servers, {len(acknowledged)} posts acknowledged, {len(landed)} landed, "
          f"{ended_early} of {tries} ended by a refused allocation of {count.read_text().split()[0]}")
    for at in range(1, int(count.read_text().split()[1]) + 1):
        without_thread(project, at, problems)
    if ended_early < tries / 3:
        problems.append("refusing allocations ended few servers")


def without_thread(project, at, problems):
    """A server that cannot have its N-th thread, and none behind it."""
    try:
        server = Server(project, env=preload(DH_FAIL_THREAD=at))
    except AssertionError as ended:
        if "ended with 1:" not in str(ended) or WITHOUT_THREAD not in str(ended):
            problems.append(f"serve, thread {at}: {ended}")
        return
    server.process.send_signal(signal.SIGTERM)
    if server.process.wait(60) not in (0, 1) or server.process.returncode == 1 and WITHOUT_THREAD not in server.said():
        problems.append(f"serve, thread {at}: exit {server.process.returncode}: {server.said()[-600:]}")


def few_threads(scratch, problems):
    """No thread is to be had: a user's limit, or no memory for its stack."""
    project = harness.Project(scratch / "threads", records=60, files=1)

    def little_memory():
        resource.setrlimit(resource.RLIMIT_AS, (260 << 20, 260 << 20))

    process = subprocess.run([harness.DATAHUB, "-C", str(project.folder), "run", "--threads", "200"], capture_output=True, text=True,
                             preexec_fn=little_memory, check=False)
    said_well(process, "200 threads in 260 MiB", problems, "error: no ")
    print(f"200 threads in 260 MiB: exit {process.returncode}: {process.stderr.strip()[-300:]}")
    project.run("run")
    if not harness.all_zero(project.compare()):
        problems.append(f"after 200 threads: {dict(project.compare())}")


def closed_files(scratch, problems):
    """Without descriptors 0 to 2 nothing that is said goes into a file of the project."""
    project = harness.Project(scratch / "closed", records=60, files=1)
    for closed in ((0,), (1, 2), (0, 1, 2)):
        process = subprocess.Popen([harness.DATAHUB, "-C", str(project.folder), "run"],
                                   preexec_fn=lambda closed=closed: [os.close(file) for file in closed])
        if process.wait(60) != 0:
            problems.append(f"without files {closed}: exit {process.returncode}")
    if not harness.all_zero(project.compare()):
        problems.append(f"without standard files: {dict(project.compare())}")
    project.run("doctor")


def main():
    rng = random.Random(harness.seed())
    problems = []
    with harness.Scratch() as scratch:
        closed_files(scratch, problems)
        few_threads(scratch, problems)
        runs(scratch, rng, problems)
        queries(scratch, rng, problems)
        posts(scratch, rng, problems)
    for problem in problems:
        print("FAILED", problem)
    print(f"{len(problems)} failed")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
