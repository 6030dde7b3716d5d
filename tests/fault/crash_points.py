"""Kills the program at every named step of the commit protocol, lets it recover, and counts what was lost or doubled.

  crash_points.py [--kills N] [--forgetful] [--only POINT] [--seed S]

With --forgetful the program runs under tools/forgetful and the tree is put back, after each kill, to what had been synced.
The list of steps comes from the program itself (`datahub version --crash-points`), so that a new step is tested from its
first day; a step that is never passed fails the test."""

import argparse
import os
import pathlib
import random
import shutil
import subprocess
import sys
import time

import harness

BUILD = pathlib.Path(os.environ["DH_BUILD"])
SHIM = BUILD / "tools/forgetful/libforgetful.so"
UNDO = BUILD / "tools/forgetful/forgetful-undo"


class Runner:
    def __init__(self, forgetful, scratch):
        self.forgetful = forgetful
        self.journal = scratch / "journal"

    def run(self, project, crash_at=None):
        env = {}
        if crash_at:
            env["DATAHUB_CRASH_AT"] = crash_at
        if self.forgetful:
            self.journal.unlink(missing_ok=True)
            env |= {"LD_PRELOAD": str(SHIM), "FORGETFUL_ROOT": str(project.folder),
                    "FORGETFUL_JOURNAL": str(self.journal)}
        process = project.run("run", "-q", env=env, check=False)
        killed = harness.was_killed(process)
        if not killed and process.returncode != 0:
            raise AssertionError(f"run with {crash_at}: exit {process.returncode}\n{process.stderr}")
        if killed and self.forgetful:
            subprocess.run([UNDO, str(project.folder), str(self.journal)], check=True)
        return killed


def crash_points():
    process = subprocess.run([harness.DATAHUB, "version", "--crash-points"], capture_output=True, text=True, check=True)
    return process.stdout.split()


def one(point, nth, recovery_point, seed, forgetful, template, scratch):
    """One life: killed at the nth passing of `point`, perhaps killed again while it recovers, then run to the end."""
    folder = scratch / "project"
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(template.folder, folder)
    project = harness.Project.__new__(harness.Project)
    project.folder, project.good, project.bad = folder, template.good, template.bad
    runner = Runner(forgetful, scratch)
    first = second = False
    if point.startswith("recover."):
        # A step of recovery is only met after a death between intent and commit.
        runner.run(project, f"commit.after_intent:{nth}")
        first = runner.run(project, f"{point}:1")
    else:
        first = runner.run(project, f"{point}:{nth}")
        if recovery_point:
            second = runner.run(project, f"{recovery_point}:1")
    runner.run(project)
    return first, second, project.compare()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--kills", type=int, default=25)
    parser.add_argument("--forgetful", action="store_true")
    parser.add_argument("--only")
    parser.add_argument("--seed", type=int, default=int(time.time()))
    options = parser.parse_args()
    print(f"seed {options.seed}")
    rng = random.Random(options.seed)
    points = [p for p in crash_points() if not options.only or p == options.only]
    recovery = [p for p in points if p.startswith("recover.")]
    totals = {}
    failures = []
    with harness.Scratch() as scratch:
        template = harness.Project(scratch / "template", records=1200, flush_rows=200)
        for point in points:
            kills = 0
            for attempt in range(options.kills):
                # The first passing is always met; later ones where there are that many.
                nth = 1 if attempt == 0 else rng.choice([1, 1, 2, 2, 3, 4, 5, 7, 9])
                again = rng.choice(recovery) if recovery and rng.random() < 0.3 else None
                first, _, result = one(point, nth, again, options.seed, options.forgetful, template, scratch)
                if not first and nth > 1:  # fewer passings than that: be sure of a kill
                    first, _, result = one(point, 1, again, options.seed, options.forgetful, template, scratch)
                kills += first
                for name, count in result.items():
                    totals[name] = totals.get(name, 0) + count
                if not harness.all_zero(result):
                    failures.append(f"{point}:{nth} then {again}: {dict(result)}")
            if kills < options.kills:
                failures.append(f"{point}: killed {kills} of {options.kills} times; is it passed at all?")
            print(f"{point:32} {kills} kills")
    print(" ".join(f"{name} {count}" for name, count in totals.items()))
    for failure in failures:
        print("FAILED", failure)
    print(f"{len(points)} steps, {len(failures)} failed")
    return 1 if failures or not points else 0


if __name__ == "__main__":
    sys.exit(main())
