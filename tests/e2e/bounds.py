"""Whatever grows with its input, grows within the budget: small inputs of every kind that once took gigabytes, each under a limit
of memory, and each lands whole. Name kinds to try only those; DH_BOUNDS_FREE=1 only measures."""

import http.client
import json
import os
import pathlib
import resource
import socket
import subprocess
import sys
import threading
import time

import harness
from server import Server

FREE = os.environ.get("DH_BOUNDS_FREE") == "1"
SANITIZED = bool(os.environ.get("DH_SANITIZE"))
# What the process may hold at its peak, and what the system gives it at all.
PEAK_MIB = 4000 if SANITIZED else 450
LIMIT_MIB = 900

PROJECT = """\
project: bounds
lake: {{location: ./lake, database: bounds}}
ledger: {{kind: sqlite}}
contracts: ./contracts
sources:
  inbox: {{kind: files, path: "./inbox/*"}}
  web: {{kind: http}}
tables:
  events: {{{table}}}
pipelines:
  events: {{from: [inbox, web], contract: event, to: [events]}}
"""


def limit(open_files=None):
    if not FREE and not SANITIZED:
        resource.setrlimit(resource.RLIMIT_DATA, (LIMIT_MIB << 20, LIMIT_MIB << 20))
    if open_files:
        resource.setrlimit(resource.RLIMIT_NOFILE, (open_files, open_files))


class Bounded(harness.Project):
    open_files = None  # at once, at most

    def __init__(self, folder, properties, partition_by=None, more=None):
        self.folder = pathlib.Path(folder)
        (self.folder / "contracts").mkdir(parents=True)
        (self.folder / "inbox").mkdir()
        table = f"partition_by: [{partition_by}]" if partition_by else ""
        (self.folder / "datahub.yaml").write_text(PROJECT.format(table=table))
        contract = {"$schema": "https://json-schema.org/draft/2020-12/schema", "type": "object", "properties": properties}
        (self.folder / "contracts/event.json").write_text(json.dumps({**contract, **(more or {})}))

    def put(self, data, name="a.ndjson"):
        (self.folder / "inbox" / name).write_bytes(data)

    def land(self, *verb):
        """The summary of a run, or what another verb says, and its peak in MiB."""
        verb = verb or ("run", "--threads", "2")
        out = self.folder / "out.txt"
        with open(out, "w+") as to:
            process = subprocess.Popen([harness.DATAHUB, "-C", str(self.folder), *verb, "--json"], stdout=to,
                                       stderr=subprocess.STDOUT, preexec_fn=lambda: limit(self.open_files))
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
        said = out.read_text()
        if process.returncode != 0:
            raise AssertionError(f"{verb}: exit {process.returncode}, peak {usage.ru_maxrss >> 10} MiB: {said[-1500:]}")
        return json.loads([line for line in said.splitlines() if line.startswith("{")][-1]), usage.ru_maxrss >> 10

    def land_all(self, accepted, rejected=0):
        summary, mib = self.land()
        counts = {"accepted": summary["accepted"], "rejected": summary["rejected"]}
        assert counts == {"accepted": accepted, "rejected": rejected}, (counts, accepted, rejected)
        assert self.land()[0]["records"] == 0, "a second run found something"
        held = {row["table"]: row["rows"] for row in self.rows("ls")}
        assert held.get("events", 0) == accepted, held
        assert held.get("events_quarantine", 0) == rejected, held
        return summary, mib


def partition_values(folder):
    """Every event with another value of the partition key. (That a commit has no more files than it may: pipeline_test.)"""
    project = Bounded(folder, {"p": {"type": "string"}}, partition_by="p")
    count = 3000
    project.put(b"".join(b'{"p":"v%d"}\n' % i for i in range(count)))
    summary, mib = project.land_all(count)
    assert summary["files"] == count, summary
    return mib


def replayed_partition_values(folder):
    """Rejected, then accepted: more values of the partition key than one commit may have files. Both files of the quarantine are
    replayed, one behind the other."""
    with harness.Scratch(in_memory=True) as scratch:  # ten thousand files, and no disk is meant
        project = Bounded(scratch / "project", {"p": {"type": "string", "maxLength": 1}}, partition_by="p")
        for part in range(2):
            project.put(b"".join(b'{"p":"v%d"}\n' % (5050 * part + i) for i in range(5050)), f"{part}.ndjson")
            assert project.land()[0]["rejected"] == 5050
        contract = project.folder / "contracts/event.json"
        contract.write_text(contract.read_text().replace(', "maxLength": 1', ""))
        said, mib = project.land("quarantine", "replay", "events")
        assert (said["accepted"], said["rejected"]) == (10_100, 0), said
        held = {row["table"]: row["rows"] for row in project.rows("ls")}
        assert (held["events"], held.get("events_quarantine", 0)) == (10_100, 0), held
        assert project.rows("query", "SELECT count(DISTINCT p) AS n FROM events")[0]["n"] == 10_100
        return mib


def elements_of_a_file(folder):
    project = Bounded(folder, {"p": {"type": "string"}})
    count = 2_500_000
    project.put(b"[" + b"1," * (count - 1) + b"1]")
    return project.land_all(0, count)[1]


def rejected_lines(folder):
    project = Bounded(folder, {"p": {"type": "string"}})
    count = 1_500_000
    project.put(b"1\n" * count)
    return project.land_all(0, count)[1]


def one_large_record(folder):
    project = Bounded(folder, {"l": {"type": "array", "items": {"type": "integer"}}})
    project.put(b'{"l":[' + b"1," * 7_000_000 + b"1]}\n{}\n")
    return project.land_all(2)[1]


def one_large_bad_record(folder):
    project = Bounded(folder, {"l": {"type": "array", "items": {"type": "integer"}}})
    project.put(b'{"l":[' + b"1," * 7_000_000 + b'"x"]}\n{}\n')
    return project.land_all(1, 1)[1]


def columns_and_partitions(folder):
    """Thousands of columns in hundreds of partitions: footers of open files, and room for rows."""
    names = [f"c{i:04}" for i in range(2000)]
    project = Bounded(folder, {"p": {"type": "integer"}, **{name: {"type": "string"} for name in names}}, partition_by="p")
    count = 4000
    project.put(b"".join(b'{"p":%d,"%s":"x"}\n' % (i % 100, names[i % 2000].encode()) for i in range(count)))
    return project.land_all(count)[1]


def columns_of_short_records(folder):
    """A few bytes a record, thousands of columns a row."""
    project = Bounded(folder, {f"c{i:04}": {"type": "string"} for i in range(2000)})
    count = 20_000
    project.put(b"{}\n" * count)
    return project.land_all(count)[1]


def levels_of_a_record(folder):
    """An element of three bytes is a level of each of a thousand columns."""
    item = {"type": "object", "properties": {f"c{i:04}": {"type": "integer"} for i in range(1000)}}
    project = Bounded(folder, {"l": {"type": "array", "items": item}})
    project.put(b'{"l":[' + b"{}," * 100_000 + b"{}]}\n" + b'{"l":[{},{}]}\n' * 1000)
    return project.land_all(1000, 1)[1]


def columns_of_lists(folder):
    """A few bytes a record, a thousand lists a row, each with levels of its own; then all of them long."""
    names = [f"c{i:04}" for i in range(1000)]
    project = Bounded(folder, {name: {"type": "array", "items": {"type": "array", "items": {"type": "string"}}} for name in names})
    project.put(b"{}\n" * 20_000 + b'{"c0000":[[]]}\n' * 2_000)
    project.put(b"{" + b",".join(b'"%s":[["x"],[]%s]' % (name.encode(), b',["yy"]' * 200) for name in names) + b"}\n", "b.ndjson")
    return project.land_all(22_001)[1]


def open_files(folder):
    """More partitions and more files to read than the process may ever have open at once; posted ones too."""
    project = Bounded(folder, {"p": {"type": "integer"}}, partition_by="p")
    project.open_files = 48
    for i in range(60):
        project.put(b"".join(b'{"p":%d}\n' % (10 * i + j) for j in range(10)), f"{i}.ndjson")
    mib = project.land_all(600)[1]

    def use(server):
        body = "\n".join(json.dumps({"p": i}) for i in range(200))
        assert server.post(body, "?wait=commit", Content_Type="application/x-ndjson")[1] == {"accepted": 200, "committed": True}

    return max(mib, served(project, use))


def keys_of_a_map(folder):
    project = Bounded(folder, {"m": {"type": "object", "additionalProperties": {"type": "integer"}}})
    project.put(b'{"m":{' + b",".join(b'"%d":1' % i for i in range(500_000)) + b"}}\n")
    return project.land_all(1)[1]


def names_in_errors(folder):
    """A field that the contract does not know has a name of megabytes: the reason is short."""
    project = Bounded(folder, {"p": {"type": "string"}})
    project.put(b"".join(b'{"' + b"%d" % i + b"n" * 3_000_000 + b'":1}\n' for i in range(10)))
    mib = project.land_all(0, 10)[1]
    longest = project.rows("query", "SELECT max(length(reasons[1].instance)) AS n FROM events_quarantine")[0]["n"]
    assert longest <= 4096, longest
    return mib


def small_files(folder):
    project = Bounded(folder, {"p": {"type": "string"}})
    count = 1500
    for i in range(count):
        project.put(b'{"p":"x"}\n', f"{i}.ndjson")
    return project.land_all(count)[1]


def served(project, use):
    server = Server(project, preexec_fn=lambda: limit(project.open_files))
    try:
        use(server)
        status = pathlib.Path(f"/proc/{server.process.pid}/status").read_text()
        mib = int(next(line for line in status.splitlines() if line.startswith("VmHWM")).split()[1]) >> 10
        assert server.request("GET", "/healthz")[0] == 200
        assert server.stop() == 0
        return mib
    finally:
        if server.process.poll() is None:
            server.kill()


def posts(folder):
    """Sixteen at once, each an array of eight million elements: told to come in parts. Then such of half a million in all."""
    project = Bounded(folder, {"p": {"type": "string"}})
    many = b"[" + b"1," * ((16 << 20) // 2 - 2) + b"1]"
    few = b"[" + b'{"p":"0123456789"},' * 60_000 + b'{"p":""}]'

    def use(server):
        statuses = []

        def post(body, wanted):
            status = 503
            while status == 503:
                try:
                    status = server.post(body, Content_Type="application/json")[0]
                except (OSError, http.client.HTTPException) as problem:
                    status = repr(problem)
                time.sleep(0.05)
            statuses.append((status, wanted))

        for body, wanted, times in ((many, 413, 16), (few, 200, 8)):
            threads = [threading.Thread(target=post, args=(body, wanted)) for _ in range(times)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        assert len(statuses) == 24 and all(status == wanted for status, wanted in statuses), statuses

    mib = served(project, use)
    assert project.rows("query", "SELECT count(*) AS n FROM events")[0]["n"] == 8 * 60_001
    return mib


def posted_partition_values(folder):
    """Events that once stopped the program for good: each post another thousand values."""
    project = Bounded(folder, {"p": {"type": "integer"}}, partition_by="p")
    count = 2500

    def use(server):
        body = "\n".join(json.dumps({"p": i}) for i in range(count))
        assert server.post(body, "?wait=commit", Content_Type="application/x-ndjson")[1] == {"accepted": count, "committed": True}

    mib = served(project, use)
    assert project.rows("query", "SELECT count(DISTINCT p) AS n FROM events")[0]["n"] == count
    return mib


def headers(folder):
    project = Bounded(folder, {"p": {"type": "string"}})

    def use(server):
        held = []
        for _ in range(300):
            one = socket.create_connection(("127.0.0.1", server.port))
            one.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nA: " + b"x" * 15_000)
            held.append(one)
        assert server.request("GET", "/healthz")[0] == 200
        for one in held:
            one.close()

    return served(project, use)


KINDS = [partition_values, replayed_partition_values, elements_of_a_file, rejected_lines, one_large_record, one_large_bad_record, columns_and_partitions,
         columns_of_short_records, levels_of_a_record, columns_of_lists, open_files, keys_of_a_map, names_in_errors, small_files, posts,
         posted_partition_values, headers]


def main():
    wanted = sys.argv[1:]
    failed = 0
    with harness.Scratch() as scratch:
        for kind in KINDS:
            if wanted and kind.__name__ not in wanted:
                continue
            began = time.monotonic()
            try:
                mib = kind(scratch / kind.__name__)
                assert FREE or mib <= PEAK_MIB, f"peak {mib} MiB, allowed {PEAK_MIB}"
                print(f"{kind.__name__}: peak {mib} MiB, {time.monotonic() - began:.1f} s")
            except (AssertionError, OSError, json.JSONDecodeError) as problem:
                failed += 1
                print(f"FAILED {kind.__name__} after {time.monotonic() - began:.1f} s: {problem}")
            subprocess.run(["rm", "-rf", str(scratch / kind.__name__)], check=False)
    print(f"{failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
