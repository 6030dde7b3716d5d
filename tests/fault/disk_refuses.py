"""The N-th call of the disk fails, once, with ENOSPC, EIO, EMFILE or EROFS, in an ordinary run and in each kind of maintenance:
recovery, deletions, replay, reset, deleting orphans. The program ends with a message, never by a signal; the next start puts
all right.

  disk_refuses.py [--tries N]

Each of N tries of a scenario and an error draws another call."""

import argparse
import concurrent.futures
import errno
import os
import random
import subprocess
import sys

import harness
from scenarios import (BUILD, Abandoning, DeletingOrphans, DeletingRemoved, Life, Recovering, Replaying, Resetting,
                       ResettingAForeignLake, Running)

SHIM = BUILD / "tools/refusing/librefusing.so"
ERRORS = (errno.ENOSPC, errno.EIO, errno.EMFILE, errno.EROFS)


def refused_at(life, verb, error, at):
    """The process, and how many calls could have failed so."""
    count = life.folder.parent / "count"
    count.unlink(missing_ok=True)
    process = subprocess.run(
        [harness.DATAHUB, "-C", str(life.folder), *verb], capture_output=True, text=True, timeout=120,
        env={**os.environ, "LD_PRELOAD": str(SHIM), "REFUSING_ROOT": str(life.folder), "REFUSING_ERROR": str(error),
             "REFUSING_AT": str(at), "REFUSING_COUNT": str(count)})
    return process, int(count.read_text()) if count.exists() else 0


def one(template, scenario, error, at, scratch):
    """What went wrong."""
    folder = scratch / f"{scenario.__name__}-{error}-{at}"
    folder.mkdir()
    life = Life(template, folder)
    scenario.prepare(life)
    process, _ = refused_at(life, scenario.verb, error, at)
    problems = []
    if process.returncode not in (0, 1, 78):  # 78: what it could not read is the project
        problems.append(f"it ended with {process.returncode}: {process.stderr}")
    if process.returncode == 1 and "error:" not in process.stderr.lower():
        problems.append(f"it did not say why: {process.stderr!r}")
    try:
        scenario.finish(life)
        problems += [f"{name} {count}" for name, count in life.project.compare().items() if count]
    except AssertionError as failure:
        problems.append(f"afterwards: {failure}; it had said: {process.stderr}")
    return problems


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--tries", type=int, default=3)
    parser.add_argument("--only", default="")
    options = parser.parse_args()
    rng = random.Random(harness.seed())
    failures = []
    passed = 0
    with harness.Scratch() as scratch, concurrent.futures.ThreadPoolExecutor(4) as pool:
        template = harness.Project(scratch / "template", records=180, files=3, flush_rows=60)
        tries = []
        for scenario in (Running, Recovering, Abandoning, DeletingRemoved, Replaying, Resetting, ResettingAForeignLake, DeletingOrphans):
            if options.only not in scenario.__name__:
                continue
            for error in ERRORS:
                folder = scratch / f"{scenario.__name__}-{error}-counting"
                folder.mkdir()
                life = Life(template, folder)
                scenario.prepare(life)
                process, count = refused_at(life, scenario.verb, error, 0)
                if process.returncode != 0 or count == 0:
                    failures.append(f"{scenario.__name__} {errno.errorcode[error]}: exit {process.returncode}, {count} calls: {process.stderr}")
                    continue
                for at in sorted(rng.sample(range(1, count + 1), min(options.tries, count))):
                    name = f"{scenario.__name__} {errno.errorcode[error]} at {at} of {count}"
                    tries.append((name, pool.submit(one, template, scenario, error, at, scratch)))
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
