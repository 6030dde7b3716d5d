"""NDJSON to a partitioned Parquet table: one and two threads, ten times the input, bad events, a nested wide set, days in
random order."""

import json
import os
import pathlib
import shutil
import statistics
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent

CHECKSUM = {
    "users": "count(*), sum(hash(eid)), sum(hash(documentNumber)), sum(hash(name)), sum(age), sum(hash(address.street)), "
             "sum(address.number), sum(address.mailAddress::int), sum(epoch_us(created_at))",
    "github": "count(*), sum(hash(id)), sum(epoch_us(created_at))",
}


def child(command, **more):
    """Runs and returns (stdout, wall seconds, cpu seconds, peak MiB)."""
    import resource
    import time
    start = time.perf_counter()
    process = subprocess.Popen([str(c) for c in command], stdout=subprocess.PIPE, text=True, **more)
    out = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - start
    if status != 0:
        raise SystemExit(f"{' '.join(map(str, command))}: status {status}")
    return out, wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


class Bench:
    def __init__(self, build, folder, rounds):
        self.build, self.folder, self.rounds = build, folder, rounds
        self.base = None  # seconds per byte of the first case

    def generate(self, name, *args):
        path = self.folder / f"{name}.ndjson"
        if not path.exists():
            with open(path, "wb") as out:
                subprocess.run([self.build / "bench/generate/generate_events", *map(str, args)], stdout=out, check=True)
        return path

    def project(self, name, source, shape):
        folder = self.folder / name
        shutil.rmtree(folder, ignore_errors=True)
        (folder / "contracts").mkdir(parents=True)
        contract = subprocess.run([self.build / "bench/generate/generate_events", shape, "--contract"], capture_output=True,
                                  text=True, check=True).stdout
        (folder / "contracts/event.json").write_text(contract)
        (folder / "datahub.yaml").write_text(
            "project: bench\nlake: {location: ./lake, database: bench}\nledger: {kind: sqlite}\ncontracts: ./contracts\n"
            f"sources:\n  inbox: {{kind: files, path: {source}}}\n"
            "tables:\n  users: {partition_by: [day(created_at)]}\n"
            "pipelines:\n  users: {from: [inbox], contract: event, to: [users]}\n")
        return folder

    def ours(self, name, source, shape, threads):
        folder = self.project(name, source, shape)
        out, wall, cpu, peak = child([self.build / "datahub", "-C", folder, "run", "--json", "--threads", threads])
        return wall, cpu, peak, json.loads(out.splitlines()[-1])

    def peer(self, engine, source, threads, shape):
        output = self.folder / f"out-{engine}"
        shutil.rmtree(output, ignore_errors=True)
        out, _, _, peak = child([sys.executable, HERE / "peer.py", engine, source, output, threads, shape])
        return float(out.split()[-1]), peak

    def checksum(self, folder, shape):
        import duckdb
        connection = duckdb.connect()
        connection.execute("SET TimeZone = 'UTC'")
        return connection.execute(f"SELECT {CHECKSUM[shape]} FROM read_parquet('{folder}/**/*.parquet')").fetchone()

    def case(self, title, source, shape="users", threads=1, peers=("duckdb",), compare=True, floor=None):
        size = source.stat().st_size
        ours, cpus, peaks, theirs = [], [], [], {p: [] for p in peers}
        peer_peak = {}
        for _ in range(self.rounds):
            wall, cpu, peak, summary = self.ours("run", source, shape, threads)
            ours.append(wall), cpus.append(cpu), peaks.append(peak)
            for engine in peers:
                seconds, peer_peak[engine] = self.peer(engine, source, threads, shape)
                theirs[engine].append(seconds)
        median = statistics.median(ours)
        lake = sum(f.stat().st_size for f in (self.folder / "run/lake/bench/users").rglob("*.parquet"))
        print(f"\n{title}: {size / 1e6:.0f} MB, {summary['accepted']:,} accepted, {summary['rejected']:,} rejected, "
              f"{threads} thread{'s' if threads > 1 else ''}")
        print(f"  datahub  {median:6.2f} s  {size / 1e6 / median:6.0f} MB/s  {size / 1e6 / statistics.median(cpus):5.0f} MB/s/core"
              f"  peak {max(peaks):4.0f} MiB  {lake / 1e6:.0f} MB out")
        stages = summary.get("stages", {})
        if stages:
            wall_name = max(stages, key=lambda s: stages[s])
            print("  stages   " + "  ".join(f"{n} {s:.2f}s" for n, s in stages.items()) + f"; the wall is {wall_name}")
        for engine in peers:
            seconds = statistics.median(theirs[engine])
            same = ""
            if compare:
                mine, other = self.checksum(self.folder / "run/lake/bench/users", shape), self.checksum(self.folder / f"out-{engine}", shape)
                same = "outputs equal" if mine == other else f"OUTPUTS DIFFER: {mine} {other}"
            print(f"  {engine:8} {seconds:6.2f} s  {size / 1e6 / seconds:6.0f} MB/s  peak {peer_peak[engine]:4.0f} MiB  {same}")
            wanted = f" (wanted {floor})" if floor and engine == "duckdb" else ""
            print(f"  ratio to {engine}: {seconds / median:.2f}{wanted}")
        return median / size, max(peaks)


def run(build, folder, records, rounds, only):
    bench = Bench(build, folder, rounds)
    wants = lambda name: not only or only in name  # noqa: E731
    users = bench.generate("users", "users", "--count", records, "--seed", 1)
    base = peak = None
    if wants("one"):
        base, peak = bench.case("one thread", users, peers=("duckdb", "polars"), floor=2.5)
    if wants("two"):
        bench.case("two threads", users, threads=2, floor=2.0)
    if wants("bad"):
        bad = bench.generate("bad", "users", "--count", records, "--seed", 2, "--bad", 0.05)
        cost, _ = bench.case("5 % bad events", bad, peers=())
        if base:
            print(f"  per byte {cost / base:.2f} times the first (wanted at most 1.5)")
        bad.unlink()
    if wants("github"):
        github = bench.generate("github", "github", "--count", records // 14, "--seed", 3)
        cost, _ = bench.case("nested and wide", github, shape="github")
        if base:
            print(f"  per byte {cost / base:.2f} times the first (wanted at most 1.5)")
        github.unlink()
    if wants("shuffled"):
        shuffled = bench.generate("shuffled", "users", "--count", records, "--seed", 1, "--shuffled")
        bench.case("28 days in random order", shuffled, floor=1.5)
        shuffled.unlink()
    if wants("ten"):
        ten = folder / "ten.ndjson"
        with open(ten, "wb") as out:
            for seed in range(10):
                subprocess.run([build / "bench/generate/generate_events", "users", "--count", str(records), "--seed",
                                str(100 + seed)], stdout=out, check=True)
        bench.rounds = 1
        _, ten_peak = bench.case("ten times the input", ten, peers=())
        if peak:
            print(f"  peak memory {ten_peak / peak:.2f} times the first (wanted at most 1.10)")
        ten.unlink()
    if wants("query"):
        shutil.rmtree(folder / "query", ignore_errors=True)
        bench.ours("query", users, "users", 1)
