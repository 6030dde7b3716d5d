"""What the black-box tests share: a project in a scratch folder, the program run in it, and the oracle that compares what
was read with what landed."""

import collections
import copy
import json
import os
import pathlib
import random
import shutil
import signal
import subprocess
import tempfile
import time

DATAHUB = os.environ["DATAHUB"]

PROJECT = """\
project: shop
lake: {{location: ./lake, database: shop}}
ledger: {{kind: sqlite}}
contracts: ./contracts
sources:
  inbox: {{kind: files, path: "./inbox/*.ndjson"}}
tables:
  users: {{partition_by: [day(created_at)], flush: {{rows: {flush_rows}}}}}
pipelines:
  users:
    from: [inbox]
    contract: user
    to: [users]
"""

CONTRACT = {
    "$schema": "http://json-schema.org/draft-07/schema#",
    "type": "object",
    "required": ["eid", "age", "created_at"],
    "properties": {
        "eid": {"type": "string"},
        "age": {"type": "integer", "minimum": 0, "maximum": 150},
        "created_at": {"type": "string", "format": "date-time"},
        "tags": {"type": "array", "items": {"type": "string"}},
    },
}


class Project:
    """A project folder and what its table and quarantine must hold in the end."""

    table, quarantine = "users", "users_quarantine"  # as they are named now; the folder below the lake stays

    def __init__(self, folder, records=2400, files=3, flush_rows=400, seed=1):
        self.folder = pathlib.Path(folder)
        self.good = {}  # eid -> record
        self.bad = collections.Counter()  # raw line -> times
        (self.folder / "contracts").mkdir(parents=True)
        (self.folder / "inbox").mkdir()
        (self.folder / "datahub.yaml").write_text(PROJECT.format(flush_rows=flush_rows))
        (self.folder / "contracts/user.json").write_text(json.dumps(CONTRACT))
        rng = random.Random(seed)
        for number in range(files):
            self.append(f"events-{number}.ndjson", records // files, rng)

    def copy(self, folder):
        other = copy.copy(self)
        other.folder = pathlib.Path(folder)
        other.good, other.bad = dict(self.good), self.bad.copy()
        shutil.copytree(self.folder, other.folder)
        return other

    def append(self, name, count, rng):
        lines = []
        for _ in range(count):
            eid = f"{rng.getrandbits(64):016x}"
            record = {
                "eid": eid,
                "age": rng.randrange(150),
                "created_at": f"2026-01-{rng.randrange(1, 4):02}T{rng.randrange(24):02}:00:00Z",
            }
            if rng.random() < 0.3:
                record["tags"] = [rng.choice(["a", "b", "ü"]) for _ in range(rng.randrange(3))]
            if rng.random() < 0.03:
                record["age"] = rng.choice([-1, "x", 1000])
                line = json.dumps(record)
                self.bad[line] += 1
            else:
                line = json.dumps(record, ensure_ascii=False)
                self.good[eid] = record
            lines.append(line + "\n")
        with open(self.folder / "inbox" / name, "a", encoding="utf-8") as out:
            out.writelines(lines)

    def run(self, *args, env=None, check=True, timeout=120):
        process = subprocess.run([DATAHUB, "-C", str(self.folder), *args], capture_output=True, text=True,
                                 timeout=timeout, env={**os.environ, **(env or {})})
        if check and process.returncode != 0:
            raise AssertionError(f"datahub {' '.join(args)}: exit {process.returncode}\n{process.stderr}")
        return process

    def rows(self, *args):
        return [json.loads(line) for line in self.run(*args, "--json").stdout.splitlines()]

    def compare(self):
        """Lost, duplicated, ghost, altered: counts, all 0 when every record is in table or quarantine exactly once. The
        table's folder, read by pyarrow, must hold what the ledger's files hold; nothing may be left unseen."""
        import pyarrow.dataset as dataset
        import pyarrow.parquet as parquet

        result = collections.Counter(lost=0, duplicated=0, ghost=0, altered=0, folder=0, unseen=0)
        lake = self.folder / "lake"
        files = [lake / row["key"] for row in self.rows("table", "files", self.table)]
        columns = ["eid", "age", "created_at", "tags", "dh_shard", "dh_offset"]
        landed = []
        for file in files:
            landed += parquet.ParquetFile(file).read(columns=columns).to_pylist()
        seen = collections.Counter(row["eid"] for row in landed)
        places = collections.Counter((row["dh_shard"], row["dh_offset"]) for row in landed)
        result["duplicated"] += sum(n - 1 for n in seen.values()) + sum(n > 1 for n in places.values())
        result["lost"] += sum(eid not in seen for eid in self.good)
        result["ghost"] += sum(eid not in self.good for eid in seen)
        for row in landed:
            record = self.good.get(row["eid"])
            if record is None:
                continue
            same = (row["age"] == record["age"] and row["tags"] == record.get("tags")
                    and row["created_at"].strftime("%Y-%m-%dT%H:%M:%SZ") == record["created_at"])
            result["altered"] += not same
        raw = collections.Counter()
        for row in self.rows("table", "files", self.quarantine):
            for value in parquet.ParquetFile(lake / row["key"]).read(columns=["raw"]).column("raw").to_pylist():
                raw[value.decode()] += 1
        result["lost"] += sum((self.bad - raw).values())
        result["ghost"] += sum((raw - self.bad).values())
        folder = lake / "shop" / "users"
        if folder.exists():
            everything = dataset.dataset(folder, format="parquet", partitioning="hive").to_table(columns=columns).to_pylist()
            place = lambda row: (row["dh_shard"], row["dh_offset"])  # noqa: E731
            result["folder"] += int(sorted(everything, key=place) != sorted(landed, key=place))
        else:
            result["folder"] += int(bool(landed))
        if (lake / ".unseen").exists():
            result["unseen"] += sum(1 for f in (lake / ".unseen").rglob("*") if f.is_file() and not f.name.startswith("note-"))
        return result


def all_zero(result):
    return not any(result.values())


def seed():
    """Of the environment, or new; printed. The same one tries the same again."""
    number = int(os.environ.get("DH_FUZZ_SEED") or time.time())
    print(f"DH_FUZZ_SEED={number}")
    return number


def until(condition, what, seconds=20):
    """What the condition gives once it is true."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        found = condition()
        if found:
            return found
        time.sleep(0.01)
    raise AssertionError(f"in {seconds} s not {what}")


MEMORY = pathlib.Path("/dev/shm")
MEMORY_BYTES_MIN = 4 << 30


class Scratch:
    """A folder that goes away unless something failed. In memory where that has room and the disk is not what is tested:
    a process that is killed loses nothing of either, and what a power loss takes is tools/forgetful's to say."""

    def __init__(self, in_memory=False):
        room = shutil.disk_usage(MEMORY).free if in_memory and MEMORY.is_dir() else 0
        self.parent = MEMORY if room >= MEMORY_BYTES_MIN else None

    def __enter__(self):
        self.path = pathlib.Path(tempfile.mkdtemp(prefix="datahub-test-", dir=self.parent))
        return self.path

    def __exit__(self, kind, value, trace):
        if kind is None or os.environ.get("DH_KEEP") != "1":
            shutil.rmtree(self.path, ignore_errors=True)


def was_killed(process):
    return process.returncode == -signal.SIGKILL
