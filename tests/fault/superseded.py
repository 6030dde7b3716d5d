"""A holder stopped (SIGSTOP) at each step, superseded by a second worker with --take-over and then continued, can neither
commit nor reveal: the table is right, the holder ends with an error that says who took over, and nothing of it is left.

A holder stopped inside of a ledger's transaction (".in_") keeps the ledger's lock, so nobody can fence it: there the second
worker must be told so, and the continued holder must finish its work."""

import argparse
import concurrent.futures
import os
import pathlib
import re
import signal
import subprocess
import sys
import time

import harness
from scenarios import DeletingOrphans, Life, Replaying, RetiringASource, Running, crash_points, scenario_of

# Passed before the process has an incarnation: continued, it takes one like any process started later, and may succeed.
NOT_YET_HOLDER = ("folder.made", "ledger.file_created", "ledger.made", "ledger.created", "ledger.opened", "ledger.before_incarnation",
                  "reset.state_moved")  # and where it holds nothing any more
# Passed where the work is done already: nothing is left that could be refused.
DONE = ("ledger.after_found", "batch.before_acknowledge", "batch.acknowledged", "commit.after_commit", "ledger.after_commit", "folder.synced")


def state_of(pid):
    try:
        return pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except FileNotFoundError:
        return "gone"


def wait_until_stopped_or_ended(process):
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if process.poll() is not None:
            return False
        if state_of(process.pid) == "T":
            return True
        os.sched_yield()
    raise AssertionError("the holder neither stopped nor ended")


def one(template, scenario, point, nth, scratch):
    """What went wrong; None when the step is not passed that often."""
    folder = scratch / f"{scenario.__name__}-{point}-{nth}"
    folder.mkdir()
    life = Life(template, folder)
    scenario.prepare(life)
    project = life.project
    holder = subprocess.Popen([harness.DATAHUB, "-C", str(life.folder), *scenario.verb], stdout=subprocess.DEVNULL,
                              stderr=subprocess.PIPE, text=True, env={**os.environ, "DATAHUB_STOP_AT": f"{point}:{nth}"})
    if not wait_until_stopped_or_ended(holder):
        holder.communicate()
        return None
    problems = []
    refused = project.run(*scenario.again, check=False)
    not_yet = point.startswith(NOT_YET_HOLDER)
    if (refused.returncode != 0 or not not_yet) and not any(text in refused.stderr for text in ("writes this project", "is starting", "holds its write lock")):
        problems.append(f"a second worker was not refused: exit {refused.returncode} {refused.stderr!r}")
    successor = project.run(*scenario.again, "--take-over", check=False)
    holder.send_signal(signal.SIGCONT)
    _, errors = holder.communicate(timeout=60)
    if ".in_" in point or successor.returncode != 0:
        if not (".in_" in point or not_yet) or "holds its write lock" not in successor.stderr:
            problems.append(f"the take-over ended with {successor.returncode}: {successor.stderr}")
        if holder.returncode != 0:
            problems.append(f"the holder ended with {holder.returncode}: {errors}")
        project.run(*scenario.again)
    elif holder.returncode == 0:
        if not not_yet and not point.startswith(DONE):
            problems.append("the holder ended with success")
    elif holder.returncode != 1 or not re.search("took (this project )?over", errors):
        problems.append(f"the holder ended with {holder.returncode}: {errors}")
    scenario.finish(life)
    problems += [f"{name} {count}" for name, count in project.compare().items() if count]
    return problems


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--only", default="")
    options = parser.parse_args()
    failures = []
    passed = 0
    with harness.Scratch() as scratch, concurrent.futures.ThreadPoolExecutor(8) as pool:
        # Many files: chunks wait in a queue before their records are counted, and the third batch must not be empty.
        template = harness.Project(scratch / "template", records=960, files=40, flush_rows=80)
        tries = []
        for point in crash_points():
            if not point.startswith(options.only):
                continue
            scenario = scenario_of(point)
            if scenario in (RetiringASource, DeletingOrphans):
                continue  # `run` refuses that project
            for nth in (1, 3) if scenario is Running else (1,):
                tries.append((f"{point}:{nth}", pool.submit(one, template, scenario, point, nth, scratch)))
            if point.startswith(("commit.", "reveal.")):
                tries.append((f"{point} in a replay", pool.submit(one, template, Replaying, point, 1, scratch)))
        for name, future in tries:
            problems = future.result()
            print(name, "is not passed" if problems is None else "; ".join(problems) or "ok")
            if problems is None and not name.endswith(":3"):
                problems = ["is it passed at all?"]
            passed += problems == []
            failures += [f"{name}: {'; '.join(problems)}"] if problems else []
    for failure in failures:
        print("FAILED", failure)
    print(f"{passed} passed, {len(failures)} failed")
    return 1 if failures or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
