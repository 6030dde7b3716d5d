"""A holder stopped (SIGSTOP) at each step, superseded by a second worker with --take-over and then continued, can neither
commit nor reveal: the table is right, the holder ends with an error that says it was fenced, and nothing of it is left."""

import argparse
import os
import pathlib
import signal
import subprocess
import sys
import time

import harness
from crash_points import crash_points


# Before an incarnation is taken there is no holder; the others need a project in another state. A holder stopped inside of a
# ledger's transaction (".in_") keeps its lock: a successor is told so after the ledger's patience, and fences nobody.
NOT_HELD = ("folder.made", "recover.", "remove.", "removed.", "discard.", "ledger.file_created", "ledger.created", "ledger.opened",
            "ledger.before_incarnation", "ledger.before_forget", "ledger.after_forget", "ledger.before_rename_source",
            "ledger.after_rename_source", "ledger.before_abandon", "ledger.after_abandon")


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


def one(point, nth, scratch, number):
    project = harness.Project(scratch / f"project-{number}", records=900, flush_rows=200)
    holder = subprocess.Popen([harness.DATAHUB, "-C", str(project.folder), "run", "-q"], stderr=subprocess.PIPE, text=True,
                              env={**os.environ, "DATAHUB_STOP_AT": f"{point}:{nth}"})
    if not wait_until_stopped_or_ended(holder):
        return None
    refused = project.run("run", "-q", check=False)
    project.run("run", "-q", "--take-over")
    holder.send_signal(signal.SIGCONT)
    _, errors = holder.communicate(timeout=60)
    result = project.compare()
    problems = [f"{name} {count}" for name, count in result.items() if count]
    # Before its first step under an incarnation the holder has nothing that could be fenced.
    if refused.returncode != 1 or not ("process" in refused.stderr or "is starting" in refused.stderr):
        problems.append(f"a second worker was not refused: exit {refused.returncode} {refused.stderr!r}")
    if holder.returncode == 0 and "acknowledge" not in point and "after_commit" not in point:
        problems.append("the holder ended with success")
    if holder.returncode not in (0, 1):
        problems.append(f"the holder ended with {holder.returncode}: {errors}")
    return problems


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--only")
    options = parser.parse_args()
    failures = 0
    passed = 0
    with harness.Scratch() as scratch:
        number = 0
        for point in crash_points():
            if options.only and not point.startswith(options.only) or point.startswith(NOT_HELD) or ".in_" in point:
                continue
            print(point)
            for nth in (1, 3):
                number += 1
                problems = one(point, nth, scratch, number)
                if problems is None:
                    continue
                passed += not problems
                failures += bool(problems)
                if problems:
                    print("FAILED", f"{point}:{nth}", "; ".join(problems))
    print(f"{passed} passed, {failures} failed")
    return 1 if failures or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
