"""datahub query beside DuckDB on the same files: ratios, their geometric mean, answers compared. README.md says what is
counted.

  run.py --datahub PROGRAM --peer PROGRAM --project FOLDER [--rounds N]"""

import argparse
import json
import math
import pathlib
import re
import statistics
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
RATIO_MAX = 1.1
TIMING = re.compile(r"open ([\d.]+) s, views ([\d.]+) s, run ([\d.]+) s")


def quoted(text):
    return "'" + str(text).replace("'", "''") + "'"


def values(glob):
    """What stands for :eid and the like: a record from the middle of the data, and days around it."""
    import duckdb
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute(f"CREATE VIEW users AS SELECT * FROM read_parquet({quoted(glob)}, hive_partitioning = true)")
    days = [str(row[0]) for row in
            connection.execute("SELECT created_at_day FROM users GROUP BY 1 ORDER BY 1").fetchall()]
    if len(days) < 8:
        sys.exit(f"{glob}: {len(days)} days; at least 8 are needed")
    day = days[len(days) // 2]
    eid, document = connection.execute(
        f'SELECT eid, "documentNumber" FROM users WHERE created_at_day = {quoted(day)} ORDER BY eid LIMIT 1 OFFSET 100'
    ).fetchone()
    found = {"eid": eid, "document": document, "day": day, "first_day": days[1], "last_day": days[6],
             "from": f"{days[3]} 06:00:00Z", "until": f"{days[5]} 18:00:00Z"}
    return {name: quoted(value) for name, value in found.items()}


def timed(command):
    """(seconds from opening DuckDB to the last row, seconds of the process), rows."""
    start = time.perf_counter()
    run = subprocess.run([str(part) for part in command], capture_output=True, text=True)
    process = time.perf_counter() - start
    timing = TIMING.search(run.stderr)
    if run.returncode != 0 or not timing:
        sys.exit(f"{command[0]}: exit {run.returncode}\n{run.stderr}")
    return (sum(map(float, timing.groups())), process), run.stdout


def rows(text):
    return [json.loads(line) for line in text.splitlines()]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--datahub", required=True)
    parser.add_argument("--peer", required=True)
    parser.add_argument("--project", required=True)
    parser.add_argument("--rounds", type=int, default=11)
    options = parser.parse_args()
    table = next(pathlib.Path(options.project, "lake").glob("*/users"), None)
    if table is None:
        sys.exit(f"{options.project}: no lake/*/users")
    glob = f"{table}/**/*.parquet"
    known = values(glob)
    ratios, process_ratios, different = [], [], 0
    for file in sorted(HERE.glob("q*.sql")):
        sql = re.sub(r"(?<!:):([a-z_]+)", lambda name: known[name[1]], "\n".join(
            line for line in file.read_text().splitlines() if not line.startswith("--")))
        ours = [options.datahub, "-C", options.project, "query", sql, "--json", "--timing"]
        theirs = [options.peer, glob, sql]
        answer = subprocess.run([sys.executable, HERE / "answer.py", glob, sql], capture_output=True, text=True, check=True)
        same = rows(timed(ours)[1]) == rows(answer.stdout)  # warms the page cache too
        timed(theirs)
        different += not same
        mine, peer = [], []
        for turn in range(options.rounds):
            for side in (0, 1) if turn % 2 else (1, 0):
                (mine, peer)[side].append(timed((ours, theirs)[side])[0])
        us, them = ([statistics.median(column) for column in zip(*side)] for side in (mine, peer))
        ratios.append(us[0] / them[0])
        process_ratios.append(us[1] / them[1])
        print(f"{file.stem:20} datahub {us[0] * 1e3:8.2f} ms   duckdb {them[0] * 1e3:8.2f} ms   ratio {ratios[-1]:.2f}"
              f"   whole process {process_ratios[-1]:.2f}   {'equal' if same else 'ANSWERS DIFFER'}", flush=True)
    mean, process = (math.exp(statistics.fmean(map(math.log, r))) for r in (ratios, process_ratios))
    print(f"geometric mean {mean:.3f} (wanted at most {RATIO_MAX}), whole process {process:.3f}")
    return 1 if different or mean > RATIO_MAX else 0


if __name__ == "__main__":
    sys.exit(main())
