"""Kills the program at every named step of the commit protocol, lets it recover, and counts what was lost or doubled.

  crash_points.py [--kills N] [--forgetful] [--only POINT] [--seed S] [--ignore-sync SITE]

With --forgetful the program runs under tools/forgetful and the tree is put back, after each kill, to what had been synced.
The steps come from the program itself (`datahub version --crash-points`), so a new step is tested from its first day, and one
that is never passed fails the test. How a step is reached is its scenario, below."""

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


def crash_points():
    process = subprocess.run([harness.DATAHUB, "version", "--crash-points"], capture_output=True, text=True, check=True)
    return process.stdout.split()


class Life:
    """One project, from its first run to the comparison at its end."""

    def __init__(self, template, scratch, forgetful, ignore_sync=None):
        folder = scratch / "project"
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(template.folder, folder)
        self.project = harness.Project.__new__(harness.Project)
        self.project.folder, self.project.good, self.project.bad = folder, template.good, template.bad
        self.journal = scratch / "journal"
        self.forgetful = forgetful
        self.ignore_sync = ignore_sync

    def run(self, crash_at=None, verb=("run", "-q")):
        """True when it was killed there."""
        env = {"DATAHUB_CRASH_AT": crash_at} if crash_at else {}
        if self.forgetful:
            self.journal.unlink(missing_ok=True)
            env |= {"LD_PRELOAD": str(SHIM), "FORGETFUL_ROOT": str(self.project.folder), "FORGETFUL_JOURNAL": str(self.journal)}
            if self.ignore_sync:
                env["FORGETFUL_IGNORE_SYNC"] = self.ignore_sync
        process = self.project.run(*verb, env=env, check=False)
        killed = harness.was_killed(process)
        if not killed and process.returncode != 0:
            raise AssertionError(f"{verb} with {crash_at}: exit {process.returncode}\n{process.stderr}")
        if killed and self.forgetful:
            subprocess.run([UNDO, str(self.project.folder), str(self.journal)], check=True, stdout=subprocess.DEVNULL)
        return killed

    def lose_an_unseen_file(self):
        for file in sorted((self.project.folder / "lake/.unseen").rglob("*.parquet")):
            file.unlink()
            return

    def rename_source(self):
        path = self.project.folder / "datahub.yaml"
        text = path.read_text().replace("inbox: {kind: files", "intray: {renamed_from: inbox, kind: files")
        path.write_text(text.replace("from: [inbox]", "from: [intray]"))


# Scenarios: bring the project to where the step is passed, kill it there, and give whether it was killed.

def while_running(life, point, nth):
    return life.run(f"{point}:{nth}")


def while_recovering(life, point, nth):
    life.run(f"commit.after_intent:{nth}")
    return life.run(f"{point}:1")


def while_abandoning(life, point, nth):
    life.run(f"reveal.renamed:{nth}")
    life.lose_an_unseen_file()
    return life.run(f"{point}:1")


def while_renaming_a_source(life, point, nth):
    life.run()
    life.rename_source()
    return life.run(f"{point}:1")


def while_replaying(life, point, nth):
    life.run()
    return life.run(f"{point}:1", ("quarantine", "replay", "users"))


def while_deleting_removed(life, point, nth):
    life.run()
    life.run(verb=("quarantine", "replay", "users"))
    return life.run(f"{point}:1", ("run", "-q", "--reader-grace", "0s"))


SCENARIOS = [
    (("recover.before_abandon", "ledger.before_abandon", "ledger.in_abandon", "ledger.after_abandon", "discard."), while_abandoning),
    (("recover.",), while_recovering),
    (("remove.", "removed.", "ledger.before_forget", "ledger.in_forget", "ledger.after_forget"), while_deleting_removed),
    (("ledger.before_rename_source", "ledger.in_rename_source", "ledger.after_rename_source"), while_renaming_a_source),
    (("commit.", "reveal.", "batch.sealed", "ledger.before_intent", "ledger.in_intent", "ledger.after_intent", "ledger.before_commit",
      "ledger.in_commit", "ledger.after_commit"), while_replaying),
]


def scenario_of(point, rng):
    for prefixes, scenario in SCENARIOS:
        if point.startswith(prefixes):
            # A replay is a commit too: every fifth kill of the commit's own steps is in one.
            if scenario is not while_replaying or rng.random() < 0.2:
                return scenario
    return while_running


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--kills", type=int, default=25)
    parser.add_argument("--forgetful", action="store_true")
    parser.add_argument("--ignore-sync")
    parser.add_argument("--only", default="")
    parser.add_argument("--seed", type=int, default=int(time.time()))
    options = parser.parse_args()
    print(f"seed {options.seed}")
    rng = random.Random(options.seed)
    points = [p for p in crash_points() if not options.only or p.startswith(options.only)]
    totals = {}
    failures = []
    with harness.Scratch() as scratch:
        template = harness.Project(scratch / "template", records=360, files=3, flush_rows=60)
        for point in points:
            kills = 0
            for attempt in range(options.kills):
                scenario = scenario_of(point, rng)
                # The first passing is always met; later ones where there are that many.
                nth = 1 if attempt == 0 else rng.choice([1, 1, 2, 2, 3])
                life = Life(template, scratch, options.forgetful, options.ignore_sync)
                killed = scenario(life, point, nth)
                if not killed and nth > 1:
                    nth = 1
                    life = Life(template, scratch, options.forgetful, options.ignore_sync)
                    killed = scenario(life, point, nth)
                kills += killed
                if killed and rng.random() < 0.3:  # and once more, while it recovers
                    life.run(f"{rng.choice(['recover.before_reveal', 'recover.after_reveal', 'recover.before_cleaning'])}:1")
                life.run()
                result = life.project.compare()
                for name, count in result.items():
                    totals[name] = totals.get(name, 0) + count
                if not harness.all_zero(result):
                    failures.append(f"{scenario.__name__} {point}:{nth}: {dict(result)}")
            if kills < options.kills:
                failures.append(f"{point}: killed {kills} of {options.kills} times; is it passed at all?")
            print(f"{point:32} {kills} kills")
    print(" ".join(f"{name} {count}" for name, count in totals.items()))
    for failure in failures[:50]:
        print("FAILED", failure)
    print(f"{len(points) - len(failures) if len(points) > len(failures) else 0} passed, {len(failures)} failed")
    return 1 if failures or not points else 0


if __name__ == "__main__":
    sys.exit(main())
