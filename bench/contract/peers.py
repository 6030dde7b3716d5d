"""One run of each side over one schema and its events: what it prints, as a dict with times in nanoseconds an event.

Each asserts formats, works on one thread and has seen the events before it is timed."""

import collections
import json
import os
import re
import statistics
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
# It has only the wall clock. An event's loop is kept far shorter than what the processor gives another program at once, and run
# often: the median of the runs is then of loops that nothing interrupted.
BLAZE_EVENT_SECONDS = 0.25e-3
BLAZE_RUNS = 7  # a round
BLAZE_LINE = re.compile(r"\[(\d+)\]: (PASS|FAIL) ([\d.]+) \+- [\d.]+ us \(([\d.]+)\)$", re.MULTILINE)


class Files:
    """Of one set: its schema, valid events, and the same events spoiled."""

    def __init__(self, folder, name):
        self.schema = folder / f"{name}.schema.json"
        self.events = folder / f"{name}.ndjson"
        self.spoiled = folder / f"{name}.spoiled.ndjson"


def printed(*command, may_exit=(0,), **env):
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, env={**os.environ, **env})
    if done.returncode not in may_exit:
        raise SystemExit(f"{' '.join(map(str, command))} exited with {done.returncode}: {done.stderr or done.stdout}")
    return done.stdout


class Ours:
    def __init__(self, build):
        self.program = build / "bench/contract/contract_bench"

    def run(self, files, *columns):
        return json.loads(printed(self.program, files.schema, files.events, files.spoiled, *columns))


class Ajv:
    def __init__(self, dependencies):
        self.node = dependencies / "venv/bin/node"
        self.packages = str(dependencies / "peers/node_modules")

    def run(self, files):
        return json.loads(printed(self.node, f"{HERE}/peer_ajv.js", files.schema, files.events, files.spoiled,
                                  NODE_PATH=self.packages))


class JsonschemaRs:
    def run(self, files):
        return json.loads(printed(sys.executable, f"{HERE}/peer_rs.py", files.schema, files.events, files.spoiled))


class Blaze:
    """Times each event by itself with the wall clock, in a loop, over data that is parsed already, and prints the mean with what it
    took off for its clock. What is left of the clock shows under a schema that asserts nothing."""

    def __init__(self, dependencies):
        self.program = dependencies / "peers/node_modules/@sourcemeta/jsonschema/build/github-releases/jsonschema-linux-x86_64"
        self.loops = {}

    def _lines(self, schema, events, loop, *options):
        named = events.with_suffix(".jsonl")  # what it takes for a file of lines
        if not named.exists():
            named.write_bytes(events.read_bytes())
        # 2: an event is not valid
        text = printed(self.program, "validate", schema, named, "-F", "--fast", "--benchmark", "--loop", loop, *options, may_exit=(0, 2))
        lines = {int(line): (word == "PASS", float(us) * 1e3, float(clock) * 1e3) for line, word, us, clock in BLAZE_LINE.findall(text)}
        count = sum(1 for line in events.read_bytes().splitlines() if line)
        if len(lines) != count:
            raise SystemExit(f"{self.program} printed {len(lines)} verdicts on the {count} events of {named}")
        return lines

    def _valid(self, schema, events):
        return sum(passed for passed, _, _ in self._lines(schema, events, 1, "--continue").values())

    def verdicts(self, files):
        return {"valid_of_good": self._valid(files.schema, files.events), "valid": self._valid(files.schema, files.spoiled)}

    def run(self, files):
        """Runs of a round: nanoseconds of each event, of each under a schema of nothing, and what it took off itself."""
        nothing = files.schema.with_name(f"nothing.{files.schema.name}")
        if files.schema not in self.loops:
            nothing.write_text(json.dumps({"$schema": json.loads(files.schema.read_text())["$schema"]}))
            lines = self._lines(files.schema, files.events, 50)
            seconds = statistics.median(ns for _, ns, _ in lines.values()) / 1e9
            self.loops[files.schema] = max(20, min(2000, int(BLAZE_EVENT_SECONDS / max(seconds, 1e-9))))
        out = []
        for _ in range(BLAZE_RUNS):
            each, empty = (self._lines(schema, files.events, self.loops[files.schema]) for schema in (files.schema, nothing))
            out.append({"each": {line: ns for line, (_, ns, _) in each.items()}, "nothing": {line: ns for line, (_, ns, _) in empty.items()},
                        "clock": [clock for _, _, clock in each.values()]})
        return out


def blaze_figures(runs):
    """Of several runs: an event's median over them; then the mean over events."""
    def mean(which):
        times = collections.defaultdict(list)
        for run in runs:
            for line, ns in run[which].items():
                times[line].append(ns)
        return statistics.fmean(map(statistics.median, times.values()))

    nothing = mean("nothing")
    clock = statistics.median(ns for run in runs for ns in run["clock"])
    return {"ns": max(0.0, mean("each") - nothing), "nothing_ns": nothing, "clock_ns": clock}
