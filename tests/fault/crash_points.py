"""Kills the program at every named step of the commit protocol, lets it recover, and counts what was lost or doubled.

  crash_points.py [--kills N] [--forgetful] [--only POINT] [--ignore-sync SITE]

With --forgetful the program runs under tools/forgetful and the tree is put back, after each kill, to what had been synced.
A step that is never passed fails the test."""

import argparse
import random
import sys

import harness
from scenarios import COMMIT_STEPS, Life, Replaying, Resetting, ResettingAForeignLake, RetiringASource, Running, crash_points, scenario_of


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--kills", type=int, default=25)
    parser.add_argument("--forgetful", action="store_true")
    parser.add_argument("--ignore-sync")
    parser.add_argument("--only", default="")
    options = parser.parse_args()
    rng = random.Random(harness.seed())
    points = [p for p in crash_points() if not options.only or p.startswith(options.only)]
    totals = {}
    failures = []
    passed = 0
    with harness.Scratch(in_memory=True) as scratch:
        template = harness.Project(scratch / "template", records=360, files=3, flush_rows=60)

        def kill(scenario, point, nth):
            life = Life(template, scratch, options.forgetful, options.ignore_sync)
            scenario.prepare(life)
            return life, life.run(f"{point}:{nth}", scenario.verb)

        for point in points:
            kills = 0
            before = len(failures)
            for attempt in range(options.kills):
                scenario = scenario_of(point)
                if point.startswith(COMMIT_STEPS) and rng.random() < 0.2:
                    scenario = Replaying
                if scenario is Resetting and attempt % 2 == 1:
                    scenario = ResettingAForeignLake
                # The first passing is always met; an ordinary run also has later ones of most steps.
                nth = 1 if attempt == 0 or scenario is not Running else rng.choice([1, 1, 2, 2, 3])
                life, killed = kill(scenario, point, nth)
                if not killed and nth > 1:
                    nth = 1
                    life, killed = kill(scenario, point, nth)
                kills += killed
                if killed and rng.random() < 0.3:  # and once more, while it recovers
                    point_again = rng.choice(["recover.before_reveal", "recover.after_reveal", "recover.before_cleaning"])
                    life.run(f"{point_again}:1", verb=scenario.again, check=scenario is not RetiringASource)
                scenario.finish(life)
                result = life.project.compare()
                for name, count in result.items():
                    totals[name] = totals.get(name, 0) + count
                if not harness.all_zero(result):
                    failures.append(f"{scenario.__name__} {point}:{nth}: {dict(result)}")
            if kills < options.kills:
                failures.append(f"{point}: killed {kills} of {options.kills} times; is it passed at all?")
            passed += len(failures) == before
            print(f"{point:32} {kills} kills")
    print(" ".join(f"{name} {count}" for name, count in totals.items()))
    for failure in failures[:50]:
        print("FAILED", failure)
    print(f"{passed} of {len(points)} steps passed")
    return 1 if failures or not points else 0


if __name__ == "__main__":
    sys.exit(main())
