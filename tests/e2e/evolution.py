"""A contract's versions: one that only gains a member lands beside the old rows, which read as null there; one that breaks what
was promised is told with its place, reason and an event; one that asks for another column type is refused for the table."""

import json
import sys

import harness

OLD = {
    "type": "object",
    "required": ["eid", "created_at"],
    "properties": {
        "eid": {"type": "string"},
        "created_at": {"type": "string", "format": "date-time"},
        "age": {"type": "integer", "minimum": 0, "maximum": 150},
    },
}


def check(condition, *said):
    if not condition:
        raise AssertionError(" ".join(str(s) for s in said))


def with_members(**members):
    return {**OLD, "properties": {**OLD["properties"], **members}}


def land(project, name, events):
    (project.folder / "inbox" / name).write_text("".join(json.dumps(event) + "\n" for event in events))
    return project.run("run")


def breaks(project, code=78):
    done = project.run("contract", "check", "user", "--json", check=False)
    check(done.returncode == code, done.returncode, done.stdout, done.stderr)
    return [row for row in map(json.loads, done.stdout.splitlines()) if "check" in row]


def widths(scratch):
    """Files of one table hold integers of one width: Spark fails on a table whose files mix them."""
    narrow = {"type": "integer", "minimum": 0, "maximum": 150, "x-datahub-column": {"type": "int32"}}
    wide = {"type": "integer", "minimum": 0, "maximum": 150}
    for name, first, second, landed in (("widened", narrow, wide, True), ("narrowed", wide, narrow, True), ("early", narrow, wide, False)):
        project = harness.Project(scratch / name, records=0, files=1)
        contract = project.folder / "contracts/user.json"
        contract.write_text(json.dumps(with_members(age=first)))
        land(project, "one.ndjson", [{"eid": "a", "created_at": "2026-01-01T00:00:00Z", "age": 1}] if landed else [])
        contract.unlink()
        (project.folder / "contracts/user").mkdir()
        for number, age in ((1, first), (2, second)):
            (project.folder / f"contracts/user/{number}.json").write_text(json.dumps(with_members(age=age)))
        (project.folder / "inbox/two.ndjson").write_text(json.dumps({"eid": "b", "created_at": "2026-01-01T00:00:00Z", "age": 2}) + "\n")
        done = project.run("run", check=False)
        if landed:
            check(done.returncode == 78 or done.returncode == 1, done.returncode, done.stderr)
            for said in ("column 'age'", "int32", "int64", "Spark", "x-datahub-column"):
                check(said in done.stderr, said, "not in", done.stderr)
            check(project.rows("query", "SELECT eid FROM users") == [{"eid": "a"}])
        else:
            check(done.returncode == 0, done.stderr)
            check(project.rows("query", "SELECT eid, age FROM users") == [{"eid": "b", "age": 2}])


def main():
    with harness.Scratch() as scratch:
        project = harness.Project(scratch / "project", records=0, files=1)
        contracts = project.folder / "contracts"
        (contracts / "user.json").unlink()
        (contracts / "user").mkdir()

        def version(number, schema):
            (contracts / f"user/{number}.json").write_text(json.dumps(schema))

        def evolution(mode):
            (contracts / "user/contract.yaml").write_text(f"evolution: {mode}\n")

        version(1, OLD)
        check(breaks(project, code=0) == [])
        land(project, "one.ndjson", [{"eid": "a", "created_at": "2026-01-01T00:00:00Z", "age": 140}])

        # An optional member more: old events are events of version 2, old rows have null there.
        version(2, with_members(city={"type": "string"}))
        check(breaks(project, code=0) == [])
        land(project, "two.ndjson", [{"eid": "b", "created_at": "2026-01-02T00:00:00Z", "age": 30, "city": "Bern"}])
        rows = project.rows("query", "SELECT eid, age, city, dh_contract_version AS v FROM users ORDER BY eid")
        check(rows == [{"eid": "a", "age": 140, "city": None, "v": 1}, {"eid": "b", "age": 30, "city": "Bern", "v": 2}], rows)
        # But readers that have version 1 do not know it: strict refuses what is not named.
        evolution("forward")
        (forward,) = breaks(project)
        check(forward["check"] == "forward" and forward["proven"] and "city" in forward["event"], forward)
        check(forward["instance"] == "/city" and forward["file"].endswith("contracts/user/1.json"), forward)
        evolution("none")
        check(breaks(project, code=0) == [])

        # Each version keeps what the one before said; together they do not.
        evolution("backward")
        version(3, with_members(city={"type": "string"}, age={"type": "integer", "minimum": 0, "maximum": 120}))
        (narrowed,) = breaks(project)
        check((narrowed["from"], narrowed["to"], narrowed["check"]) == (2, 3, "backward"), narrowed)
        check(narrowed["place"] == "#/properties/age/maximum" and narrowed["file"].endswith("contracts/user/3.json"), narrowed)
        check(narrowed["proven"] and narrowed["event"]["age"] > 120, narrowed)
        text = project.run("contract", "check", check=False)
        check(text.returncode == 78, text.returncode)
        for said in ("contracts/user/3.json #/properties/age/maximum: the maximum is 120, the other version says 150",
                     "version 2 -> 3, backward: readers of old data with version 3 refuse events of version 2", "for example {", "hint: "):
            check(said in text.stdout, said, "not in", text.stdout)
        evolution("backward_transitive")
        check({(row["from"], row["to"]) for row in breaks(project)} == {(1, 3), (2, 3)})

        # Rows of all versions have one identity and one time: these may be added, not changed.
        evolution("backward")
        time = {"x-datahub-event-time": "/created_at"}
        version(3, {**with_members(city={"type": "string"}), **time, "x-datahub-key": ["/eid", "/created_at"]})
        check(breaks(project, code=0) == [])
        version(4, {**with_members(city={"type": "string"}), **time, "x-datahub-key": ["/created_at", "/eid"]})
        check(breaks(project, code=0) == [])
        version(4, {**with_members(city={"type": "string"}), "x-datahub-key": ["/eid"]})
        key, gone = breaks(project)
        check((key["check"], key["from"], key["to"], key["place"]) == ("key", 3, 4, "#/x-datahub-key"), key)
        check(key["message"] == "the key was /created_at, /eid, now it is /eid", key)
        check(gone["message"] == "the event time was /created_at, now it is nothing", gone)
        evolution("none")
        check(breaks(project, code=0) == [])
        for number in (3, 4):
            (contracts / f"user/{number}.json").unlink()
        version(3, with_members(city={"type": "string"}, age={"type": "integer", "minimum": 0, "maximum": 120}))

        # integer -> number loses no event, but the column cannot follow.
        evolution("backward")
        version(3, with_members(city={"type": "string"}, age={"type": "number", "minimum": 0, "maximum": 150}))
        (table,) = breaks(project)
        check(table["check"] == "table" and (table["from"], table["to"]) == (2, 3), table)
        for said in ("column 'age'", "'users'", "int64", "double"):
            check(said in table["message"], said, table)
        # Nothing lands under it, and what is there stays readable.
        (project.folder / "inbox/three.ndjson").write_text(json.dumps({"eid": "c", "created_at": "2026-01-03T00:00:00Z", "age": 1.5}) + "\n")
        refused = project.run("run", check=False)
        check(refused.returncode != 0 and "'age'" in refused.stderr, refused.returncode, refused.stderr)
        check(project.rows("query", "SELECT count(*) AS n, sum(age) AS s FROM users") == [{"n": 2, "s": 170}])
        (contracts / "user/3.json").unlink()
        check(breaks(project, code=0) == [])
        widths(scratch)
    print("ok")
    return 0


if __name__ == "__main__":
    sys.exit(main())
