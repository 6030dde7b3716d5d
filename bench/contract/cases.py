"""Events against a schema: ours beside Blaze, ajv with JSON.parse, jsonschema-rs with orjson, and simdjson's tree. Runs take turns;
each figure is the median over the rounds. What the sides find valid has to be the same, or nothing is measured."""

import json
import statistics

from . import report, sets
from .peers import Ajv, Blaze, Files, JsonschemaRs, Ours, blaze_figures

ROUNDS_MIN = 3
LARGE_OBJECTS = 1530
ASSERTIONS = ("minLength", "maxLength", "pattern", "minimum", "maximum", "required")
# A value that each format takes and one that it does not; draft 7 knows no "uuid", so not all sides assert it there.
FORMATS = {"uuid": ("2f1d3b8c-5a7e-4c1b-9d0f-6a2b8c4e1f30", "2f1d3b8c-5a7e-4c1b-9d0f-6a2b8c4e1f3"),
           "date-time": ("2026-03-25T13:11:43.261Z", "2026-03-25 at noon"), "email": ("amber@basil.example", "amber"),
           "ipv4": ("10.1.2.3", "10.1.2.300"), "uri": ("https://amber.example/basil", "no uri")}


def without_assertions(schema):
    """The same columns, with nothing about their values: of a flat schema."""
    out = {key: value for key, value in schema.items() if key not in ASSERTIONS}
    if "enum" in out:
        del out["enum"]
        out["type"] = "string"
    if out.get("format") != "date-time":  # that one makes a column of times
        out.pop("format", None)
    if "properties" in out:
        out["properties"] = {name: without_assertions(inner) for name, inner in out["properties"].items()}
    return out


def large_schema():
    """About 400 KB, like a large API's: nested objects that refer to each other."""
    resources = {}
    for i in range(LARGE_OBJECTS):
        resources[f"resource{i}"] = sets.obj({
            "id": {"type": "string", "pattern": "^[a-z0-9-]+$"}, "size": {"type": "integer", "minimum": 0},
            "parent": {"$ref": f"#/$defs/resource{i // 2}"}, "spec": sets.obj({"mode": {"enum": ["on", "off"]}})}, ["id"])
    return {"$schema": sets.DRAFT_2020, "$defs": resources, **sets.obj({f"r{i}": {"$ref": f"#/$defs/resource{i}"} for i in range(0, LARGE_OBJECTS, 20)})}


def write_small(folder, name, schema, events, spoiled):
    """A set made here."""
    lines = lambda values: "".join(json.dumps(value) + "\n" for value in values)  # noqa: E731
    files = Files(folder, name)
    files.schema.write_text(json.dumps(schema, separators=(",", ":")))
    files.events.write_text(lines(events))
    files.spoiled.write_text(lines(spoiled))
    return files


def format_sets(folder):
    """Events that are wrong in a format alone: a side that does not assert it finds them valid."""
    for name, draft, formats in (("formats_7", sets.DRAFT_7, [name for name in FORMATS if name != "uuid"]), ("formats_2020", sets.DRAFT_2020, list(FORMATS))):
        yield name, write_small(folder, name, {"$schema": draft, **sets.obj({key: {"type": "string", "format": key} for key in formats})},
                                [{key: FORMATS[key][0]} for key in formats], [{key: FORMATS[key][1]} for key in formats])


def differences(name, found):
    """Of one set: side -> what it printed."""
    out = []
    for key, what in (("valid_of_good", "valid events"), ("valid", "spoiled events")):
        counts = {side: figures[key] for side, figures in found.items()}
        if len(set(counts.values())) > 1:
            out.append(f"DIFFERENT VERDICTS: {name}: of the {what} these are valid: {counts}")
    return out


def medians(runs):
    return {key: statistics.median(run[key] for run in runs) for key in runs[0]}


def run(build, folder, dependencies, rounds):
    folder = folder / "contract"
    names = sets.write(folder)
    files = {name: Files(folder, name) for name in names}
    ours, ajv, rs, blaze = Ours(build), Ajv(dependencies), JsonschemaRs(), Blaze(dependencies)

    def from_bytes(it):
        return {"ours": ours.run(it), "ajv": ajv.run(it), "jsonschema-rs": rs.run(it)}

    print("verdicts first: each side on each set, and on events that are wrong in a format alone", flush=True)
    wrong = []
    runs = {}
    for name, it in (*files.items(), *format_sets(folder)):
        runs[name] = [from_bytes(it)]
        wrong += differences(name, {**runs[name][0], "blaze": blaze.verdicts(it)})
        if name.startswith("formats_") and runs[name][0]["ours"]["valid"] > 0:
            wrong.append(f"FORMATS ARE NOT ASSERTED: {name}: of the wrong ones these are valid: {runs[name][0]['ours']['valid']}")
    if wrong:
        print("\n".join(wrong))
        return 1

    blaze_runs = {name: blaze.run(files[name]) for name in names}  # the first round's: its others are above
    for _ in range(max(ROUNDS_MIN, rounds) - 1):
        for name in names:
            runs[name].append(from_bytes(files[name]))
            blaze_runs[name] += blaze.run(files[name])
    rows = []
    for name in names:
        figures = {side: medians([run[side] for run in runs[name]]) for side in runs[name][0]}
        rows.append(report.Row(name, figures["ours"], figures["ajv"]["ns"], figures["jsonschema-rs"]["ns"], blaze_figures(blaze_runs[name])))
    report.print_sets(rows)

    bare = folder / "bare_columns.schema.json"
    bare.write_text(json.dumps(without_assertions(json.loads(files[sets.FLAT].schema.read_text()))))
    report.print_columns(sets.FLAT, medians([ours.run(files[sets.FLAT], bare) for _ in range(ROUNDS_MIN)]))
    large = write_small(folder, "large", large_schema(), [{}, {}, {}], [[], [], []])
    report.print_large(large.schema.stat().st_size, medians([ours.run(large) for _ in range(ROUNDS_MIN)]))
    return 0
