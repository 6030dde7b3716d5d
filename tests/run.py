"""Runs the tests of a build with ctest, and says where the time went.

  run.py FOLDER [--resume | --fresh] [ctest options]

A seed is printed, and taken from DH_FUZZ_SEED: the same seed tries the same again. At the end: each test's share of the time, what
was written to disk, and what was left to ./dev test-all.

With --resume a test that passed on this commit in this folder is not run again; with --fresh it is. Nothing is remembered of a
tree with uncommitted changes."""

import argparse
import json
import os
import pathlib
import re
import resource
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree

ROOT = pathlib.Path(__file__).resolve().parents[1]
SHARES_MAX = 15  # tests that are named one by one


def commit():
    """None where the tree has changes of its own, or is no checkout."""
    git = lambda *words: subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True)  # noqa: E731
    status, head = git("status", "--porcelain"), git("rev-parse", "HEAD")
    return head.stdout.strip() if status.returncode == 0 == head.returncode and not status.stdout else None


class Passed:
    """The tests that passed in a folder, on one commit."""

    def __init__(self, folder):
        self.file = folder / "passed.json"
        self.commit = commit()
        self.names = set()

    def read(self):
        if self.commit and self.file.exists():
            known = json.loads(self.file.read_text())
            self.names = set(known["tests"]) if known["commit"] == self.commit else set()

    def add(self, names):
        if self.commit and self.commit == commit():
            self.names |= names
            self.file.write_text(json.dumps({"commit": self.commit, "tests": sorted(self.names)}))


def names_of(folder, options):
    """ctest's choice, and whether it has labels."""
    shown = subprocess.run(["ctest", "--show-only=json-v1", *options], cwd=folder, capture_output=True, text=True, check=True)
    tests = json.loads(shown.stdout)["tests"]
    return [test["name"] for test in tests if test["name"] != "NOT_AVAILABLE"]


def results_of(report):
    """name -> (seconds, passed)"""
    if not report.exists():
        return {}
    return {case.get("name"): (float(case.get("time")), case.get("status") == "run")
            for case in xml.etree.ElementTree.parse(report).getroot().iter("testcase")}


def print_shares(results, seconds, written):
    total = sum(spent for spent, _ in results.values()) or 1
    longest = sorted(results.items(), key=lambda row: -row[1][0])
    for name, (spent, _) in longest[:SHARES_MAX]:
        print(f"{spent / total:6.1%} {spent:7.1f} s  {name}")
    rest = longest[SHARES_MAX:]
    if rest:
        spent = sum(row[1][0] for row in rest)
        print(f"{spent / total:6.1%} {spent:7.1f} s  the other {len(rest)}")
    print(f"{len(results)} tests in {seconds:.0f} s, {written / 1e9:.1f} GB written")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--resume", action="store_true")
    parser.add_argument("--fresh", action="store_true")
    options, chosen = parser.parse_known_args()
    seed = os.environ.setdefault("DH_FUZZ_SEED", str(int(time.time())))
    print(f"seed {seed}; DH_FUZZ_SEED={seed} tries the same again", flush=True)
    passed = Passed(options.folder)
    if options.resume and not options.fresh:
        passed.read()
    wanted = names_of(options.folder, chosen)
    again = [name for name in wanted if name not in passed.names]
    if len(again) < len(wanted):
        print(f"{len(wanted) - len(again)} of {len(wanted)} tests passed on this commit before; --fresh repeats them", flush=True)
    if wanted and not again:
        return 0
    if passed.names:
        chosen += ["-E", "^(" + "|".join(map(re.escape, sorted(passed.names))) + ")$"]
    with tempfile.TemporaryDirectory() as scratch:
        report = pathlib.Path(scratch) / "results.xml"
        begin = time.monotonic()
        code = subprocess.run(["ctest", "--output-on-failure", "--no-tests=error", "-j", str(os.cpu_count()),
                               "--output-junit", str(report), *chosen], cwd=options.folder).returncode
        seconds = time.monotonic() - begin
        results = results_of(report)
    passed.add({name for name, (_, good) in results.items() if good})
    print_shares(results, seconds, resource.getrusage(resource.RUSAGE_CHILDREN).ru_oublock * 512)
    left = sorted(set(names_of(options.folder, ["-L", "fault|slow|standins"])) - set(wanted))
    if left:
        print("left to ./dev test-all: " + ", ".join(left))
    print(f"{sum(good for _, good in results.values())} passed, {sum(not good for _, good in results.values())} failed")
    return code


if __name__ == "__main__":
    sys.exit(main())
