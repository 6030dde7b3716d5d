"""Bad input of every kind: each gets a clear verdict, nothing crashes, memory stays bounded, nothing leaves its table."""

import gzip
import json
import os
import pathlib
import re
import resource
import subprocess
import sys

import harness

PROJECT = """\
project: hostile
lake: {location: ./lake, database: hostile}
ledger: {kind: sqlite}
contracts: ./contracts
sources:
  inbox: {kind: files, path: ["./inbox/*.ndjson", "./inbox/*.gz"]}
tables:
  events: {partition_by: [place]}
pipelines:
  events: {from: [inbox], contract: event, to: [events]}
"""

CONTRACT = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "required": ["id"],
    "properties": {
        "id": {"type": "string"},
        "place": {"type": "string"},
        "count": {"type": "integer"},
        "size": {"type": "number"},
        "when": {"type": "string", "format": "date-time"},
    },
}

MEMORY_MAX_MIB = 400 if not os.environ.get("DH_SANITIZE") else 4000  # a sanitizer's own memory counts

GOOD = b'{"id":"good","place":"here","count":1}'


def cases():
    """name, line, what must be: accepted, or a pattern that a reason's message or keyword matches."""
    yield "good", GOOD, None
    yield "empty object", b"{}", "required"
    yield "not json", b"hello", "."
    yield "truncated", b'{"id":"a","place":"he', "."
    yield "trailing text", b'{"id":"a"} x', "."
    yield "two values", b'{"id":"a"}{"id":"b"}', "."
    yield "array", b"[1,2]", "."
    yield "depth a million", b"[" * 1_000_000, "."
    yield "depth a million inside", b'{"id":"a","x":' + b'{"a":' * 1_000_000, "."
    yield "a million keys", b'{"id":"a",' + b",".join(b'"k%d":0' % i for i in range(1_000_000)) + b"}", "."
    yield "duplicate key", b'{"id":"a","id":"b"}', "."
    yield "duplicate key by escape", b'{"id":"a","\\u0069d":"b"}', "."
    yield "lone surrogate", b'{"id":"\\ud800"}', "."
    yield "surrogate pair", b'{"id":"\\ud83d\\ude00","place":"p"}', None
    yield "invalid utf-8", b'{"id":"\xff\xfe"}', "."
    yield "overlong utf-8", b'{"id":"\xc0\xaf"}', "."
    yield "nul byte", b'{"id":"a\x00b"}', "."
    yield "escaped nul", b'{"id":"a\\u0000b","place":"p"}', None
    yield "control character", b'{"id":"a\x01b"}', "."
    yield "2^53-1", b'{"id":"a","count":9007199254740991,"place":"p"}', None
    yield "2^53+1", b'{"id":"a","count":9007199254740993,"place":"p"}', None
    yield "2^53+1 as a double", b'{"id":"a","size":9007199254740993,"place":"p"}', "."
    yield "int64 max", b'{"id":"a","count":9223372036854775807,"place":"p"}', None
    yield "beyond int64", b'{"id":"a","count":9223372036854775808}', "."
    yield "beyond int64 below", b'{"id":"a","count":-9223372036854775809}', "."
    yield "1.0 is an integer", b'{"id":"a","count":1.0,"place":"p"}', None
    yield "1e400", b'{"id":"a","size":1e400}', "."
    yield "1e-400", b'{"id":"a","size":1e-400,"place":"p"}', "."
    yield "2^53+1 with a point", b'{"id":"a","size":9007199254740993.0,"place":"p"}', "."
    yield "year zero", b'{"id":"a","when":"0001-01-01T00:00:00+01:00"}', "."
    yield "year ten thousand", b'{"id":"a","when":"9999-12-31T23:59:59-01:00"}', "."
    yield "leading zero", b'{"id":"a","count":01}', "."
    yield "nan", b'{"id":"a","size":NaN}', "."
    yield "unknown field", b'{"id":"a","other":1}', "."
    yield "february 30", b'{"id":"a","when":"2026-02-30T00:00:00Z"}', "format"
    yield "no offset", b'{"id":"a","when":"2026-02-03T00:00:00"}', "format"
    for value in ["..", ".", "../../../../etc/x", "/etc/passwd", "a/b", "..\\x", "%2e%2e", "\u202ex", "a\nb", "C:x", "x=y"]:
        yield f"place {value!r}", json.dumps({"id": "a", "place": value}).encode(), None
    yield "place empty", b'{"id":"a","place":""}', "partition"
    yield "place like null", b'{"id":"a","place":"__HIVE_DEFAULT_PARTITION__"}', "partition"
    yield "place too long", b'{"id":"a","place":"' + b"x" * 201 + b'"}', "partition"
    yield "place too long encoded", b'{"id":"a","place":"' + b"%" * 70 + b'"}', "partition"
    yield "last good", GOOD, None


def run_limited(project, *args):
    """The program, and its peak memory in MiB."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    process = project.run(*args, check=False)
    after = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    return process, max(before, after) // 1024


def new_project(folder):
    project = harness.Project.__new__(harness.Project)
    project.folder = pathlib.Path(folder)
    (project.folder / "contracts").mkdir(parents=True)
    (project.folder / "inbox").mkdir()
    (project.folder / "datahub.yaml").write_text(PROJECT)
    (project.folder / "contracts/event.json").write_text(json.dumps(CONTRACT))
    return project


def check_lines(scratch, problems):
    project = new_project(scratch / "lines")
    wanted = list(cases())
    offsets = {}
    with open(project.folder / "inbox/a.ndjson", "wb") as out:
        for name, line, want in wanted:
            offsets[out.tell()] = (name, want)
            out.write(line.replace(b"\n", b"") + b"\n")
        # One string of 100 MB, in a field that is too long for any table: it must not take many times its size.
        offsets[out.tell()] = ("a string of 100 MB", ".")
        out.write(b'{"id":"' + b"x" * 100_000_000 + b'","other":1}\n')
        offsets[out.tell()] = ("good after it", None)
        out.write(GOOD + b"\n")
    process, mib = run_limited(project, "run", "--json")
    if process.returncode != 0:
        problems.append(f"run: exit {process.returncode} {process.stderr[-2000:]}")
        return len(offsets)
    print(f"peak {mib} MiB")
    if mib > MEMORY_MAX_MIB:
        problems.append(f"peak memory {mib} MiB, allowed {MEMORY_MAX_MIB}")
    accepted = {int(r["dh_offset"]) for r in project.rows("query", "SELECT dh_offset FROM events")}
    rejected = {int(r["dh_offset"]): r["reasons"] for r in
                project.rows("query", "SELECT dh_offset, to_json(reasons)::VARCHAR AS reasons FROM events_quarantine")}
    for offset, (name, want) in offsets.items():
        if want is None and offset not in accepted:
            problems.append(f"{name}: not accepted: {rejected.get(offset)}")
        if want is not None and (offset not in rejected or not re.search(want, rejected[offset])):
            problems.append(f"{name}: not rejected for {want}: {rejected.get(offset, 'accepted' if offset in accepted else 'lost')}")
        if offset in accepted and offset in rejected:
            problems.append(f"{name}: in table and quarantine")
    extra = (accepted | set(rejected)) - set(offsets)
    if extra:
        problems.append(f"records nobody wrote at {sorted(extra)[:5]}")
    outside = [p for p in scratch.rglob("*.parquet") if (project.folder / "lake" / "hostile") not in p.parents]
    if outside:
        problems.append(f"files outside of the tables: {outside[:3]}")
    return len(offsets)


def check_bombs(scratch, problems):
    project = new_project(scratch / "bombs")
    with gzip.open(project.folder / "inbox/zeros.gz", "wb", compresslevel=9) as out:
        block = b" " * (1 << 20)
        for _ in range(1500):
            out.write(block)
        out.write(b"\n" + GOOD + b"\n")
    process, mib = run_limited(project, "run", "--json")
    print(f"gzip bomb: exit {process.returncode}, peak {mib} MiB")
    if process.returncode != 0:
        problems.append(f"gzip bomb: exit {process.returncode} {process.stderr[-500:]}")
    if mib > MEMORY_MAX_MIB:
        problems.append(f"gzip bomb: peak memory {mib} MiB")
    if project.rows("query", "SELECT count(*) AS n FROM events")[0]["n"] != 1:
        problems.append("gzip bomb: the record behind it is not in the table")
    return 1


def main():
    problems = []
    with harness.Scratch() as scratch:
        count = check_lines(scratch, problems) + check_bombs(scratch, problems)
    for problem in problems:
        print("FAILED", problem[:600])
    print(f"{count - len(problems)} passed, {len(problems)} failed")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
