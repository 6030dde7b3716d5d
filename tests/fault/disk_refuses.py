"""The N-th call of a kind to the disk fails with ENOSPC, EIO, EMFILE or EROFS, once or from then on: in an ordinary run and in
each kind of maintenance (recovery, deletions, replay, drop, renames, reset, orphans, and below a server the intake log's
segments and keys). The program says why, never dies of a signal, and what it calls a success is one. The next start, on a
disk that works, puts all right.

  disk_refuses.py [--tries N] [--only NAME]

Each of N tries of a scenario and an error draws another call."""

import argparse
import concurrent.futures
import errno
import os
import random
import subprocess
import sys
import time

import harness
from scenarios import (BUILD, RUN, Abandoning, DeletingOrphans, DeletingRemoved, GivingUp, Life, Recovering, RenamingAPipeline,
                       RenamingASource, RenamingATable, Replaying, Resetting, ResettingAForeignLake, RetiringASource, Running)
from server import Server, with_http

SHIM = BUILD / "tools/refusing/librefusing.so"
CHANGES = ("create", "write", "name")
CAN_FAIL = {
    errno.ENOSPC: CHANGES,
    errno.EROFS: CHANGES,
    errno.EMFILE: ("open", "create"),
    errno.EIO: ("look", "read", "open", "create", "write", "name", "sync"),
}


class Serving(Running):
    """Posts that fill segments of the intake log, are landed and leave it, their keys behind them."""

    verb = ("serve",)
    posts, megabytes = 7, 12

    @staticmethod
    def prepare(life):
        with_http(life.project)
        life.run()
        life.answered, life.rng = set(), random.Random(5)
        life.posted = {f"key-{number}": [] for number in range(Serving.posts)}
        for key, eids in life.posted.items():
            for number in range(Serving.megabytes):
                eids.append(f"{key}-{number}")
                life.project.good[eids[-1]] = {"eid": eids[-1], "age": number, "created_at": "2026-01-01T00:00:00Z"}

    @staticmethod
    def body(life, key):
        records = [life.project.good[eid] for eid in life.posted[key]]
        return "\n".join(f'{{"eid":"{one["eid"]}",{" " * (1 << 20)}"age":{one["age"]},"created_at":"{one["created_at"]}"}}'
                         for one in records)

    @staticmethod
    def post(life, server, keys):
        for key in keys:
            if server.post(Serving.body(life, key), query="?wait=commit", Idempotency_Key=key)[0] == 200:
                life.answered.add(key)

    @staticmethod
    def act(life, env):
        """What the process said and ended with."""
        try:
            server = Server(life.project, env=env)
        except AssertionError as failure:
            return subprocess.CompletedProcess("serve", 1, "", str(failure))
        try:
            Serving.post(life, server, life.posted)
            time.sleep(0.1)
        except OSError:
            pass  # it ended
        code = server.stop()
        return subprocess.CompletedProcess("serve", code, "", server.said())

    @staticmethod
    def finish(life):
        server = Server(life.project)
        Serving.post(life, server, life.posted)
        code = server.stop()
        if code != 0 or life.answered != set(life.posted):
            raise AssertionError(f"the last server ended with {code}, answered {life.answered}: {server.said()}")


class RepeatingAForeignReset(ResettingAForeignLake):
    """What was refused before it was intended is asked for again."""

    @staticmethod
    def finish(life):
        life.run(verb=ResettingAForeignLake.verb)
        life.run()


class Dropping(Running):
    verb = ("quarantine", "drop", "users", "--yes")

    @staticmethod
    def prepare(life):
        life.run()

    @staticmethod
    def finish(life):
        life.run()
        left = life.project.rows("query", "SELECT count(*) AS n FROM users_quarantine")[0]["n"]
        if left not in (0, life.project.bad.total()):
            raise AssertionError(f"{left} of {life.project.bad.total()} are left")
        life.run(verb=Dropping.verb)
        life.project.bad.clear()


class ForgettingRows(Running):
    """All rows of a source and how far it was read, or nothing."""

    verb = ("reset", "--source", "inbox", "--with-rows", "--yes")

    @staticmethod
    def prepare(life):
        life.run()

    @staticmethod
    def finish(life):
        life.run(verb=(*RUN, "--reader-grace", "0s"))


SCENARIOS = (Running, Recovering, Abandoning, GivingUp, DeletingRemoved, Replaying, Dropping, RenamingASource, RenamingATable,
             RenamingAPipeline, RetiringASource, ForgettingRows, Resetting, RepeatingAForeignReset, DeletingOrphans, Serving)


def act(life, scenario, settings):
    env = {"LD_PRELOAD": str(SHIM), "REFUSING_ROOT": str(life.folder), **settings}
    if scenario is Serving:
        return Serving.act(life, env)
    verb = [word for word in scenario.verb if word != "-q"]
    return subprocess.run([harness.DATAHUB, "-C", str(life.folder), *verb], capture_output=True, text=True, timeout=120,
                          env={**os.environ, **env})


def begin(template, scenario, folder):
    folder.mkdir()
    life = Life(template, folder)
    scenario.prepare(life)
    return life


def count_calls(template, scenario, folder):
    """How many of each kind the scenario makes when nothing fails."""
    life = begin(template, scenario, folder)
    process = act(life, scenario, {"REFUSING_COUNT": str(folder / "count")})
    if process.returncode != 0:
        raise AssertionError(f"{scenario.__name__}: it ended with {process.returncode}: {process.stderr}")
    lines = [line.split() for line in (folder / "count").read_text().splitlines()]
    return {kind: int(count) for kind, count in lines}


def compared(life):
    return [f"{name} {count}" for name, count in life.project.compare().items() if count]


def one(template, scenario, settings, folder):
    """What went wrong."""
    life = begin(template, scenario, folder)
    problems = []
    process = act(life, scenario, settings)
    if process.returncode not in (0, 1, 78):  # 78: what it could not read is the project
        problems.append(f"it ended with {process.returncode}")
    if process.returncode != 0 and "error" not in process.stderr.lower():
        problems.append("it did not say why")
    try:
        if process.returncode == 0 and scenario.verb[0] == "run" and scenario is not GivingUp:
            # A file that a reader of folders sees too many is warned of, and tried again by the next start.
            warned = "could not be removed" in process.stderr
            problems += [f"it called that a success: {problem}" for problem in compared(life) if not (warned and "folder" in problem)]
        scenario.finish(life)
        problems += compared(life)
    except AssertionError as failure:
        problems.append(f"afterwards: {failure}")
    return [*problems, f"it had said: {process.stderr}"] if problems else []


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--tries", type=int, default=3)
    parser.add_argument("--only", default="")
    options = parser.parse_args()
    rng = random.Random(harness.seed())
    failures = []
    passed = 0
    with harness.Scratch(in_memory=True) as scratch, concurrent.futures.ThreadPoolExecutor(4) as pool:
        template = harness.Project(scratch / "template", records=180, files=3, flush_rows=60)
        chosen = [scenario for scenario in SCENARIOS if options.only in scenario.__name__]
        counting = [pool.submit(count_calls, template, scenario, scratch / f"{scenario.__name__}-counting") for scenario in chosen]
        tries = []
        for scenario, counts in zip(chosen, counting):
            for error, kinds in CAN_FAIL.items():
                for number in range(options.tries):
                    kind = rng.choice([kind for kind in kinds if counts.result()[kind] > 0])
                    at = rng.randint(1, counts.result()[kind])
                    settings = {"REFUSING_ERROR": str(int(error)), "REFUSING_CALLS": kind, "REFUSING_AT": str(at)}
                    if rng.random() < 0.3:
                        settings["REFUSING_ON"] = "1"
                    name = f"{scenario.__name__} {errno.errorcode[error]} {settings}"
                    folder = scratch / f"{scenario.__name__}-{error}-{number}"
                    tries.append((name, pool.submit(one, template, scenario, settings, folder)))
        for name, future in tries:
            problems = future.result()
            passed += not problems
            failures += [f"{name}: {'; '.join(problems)}"] if problems else []
    for failure in failures:
        print("FAILED", failure)
    print(f"{passed} passed, {len(failures)} failed")
    return 1 if failures or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
