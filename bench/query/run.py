"""datahub query beside DuckDB on the same files: ratios, their geometric mean, answers compared. README.md says what is
counted. Needs the Python module duckdb of the version that datahub has inside.

  run.py --datahub PROGRAM --project FOLDER [--rounds N] [--lake FOLDER/OF/users]"""

import argparse
import json
import math
import pathlib
import re
import statistics
import subprocess
import sys

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


def ours(options, sql):
    run = subprocess.run([options.datahub, "-C", options.project, "query", sql, "--json", "--timing"], capture_output=True,
                         text=True)
    timing = TIMING.search(run.stderr)
    if run.returncode != 0 or not timing:
        sys.exit(f"datahub query: exit {run.returncode}\n{sql}\n{run.stderr}")
    return (float(timing[1]), float(timing[2]) + float(timing[3])), [json.loads(line) for line in run.stdout.splitlines()]


def theirs(options, glob, sql):
    run = subprocess.run([sys.executable, HERE / "peer.py", glob, str(options.threads), sql], capture_output=True, text=True)
    if run.returncode != 0:
        sys.exit(f"peer: exit {run.returncode}\n{sql}\n{run.stderr}")
    answer = json.loads(run.stdout)
    return (answer["open"], answer["query"]), answer["rows"]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--datahub", required=True)
    parser.add_argument("--project", required=True)
    parser.add_argument("--lake", help="the folder of the table users; default: found below <project>/lake")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--threads", type=int, default=0, help="of the peer; 0: as many as processors, as ours")
    options = parser.parse_args()
    table = options.lake or next(pathlib.Path(options.project, "lake").glob("*/users"), None)
    if table is None:
        sys.exit(f"{options.project}: no lake/*/users; give --lake")
    glob = f"{table}/**/*.parquet"
    known = values(glob)
    ratios, bare_ratios, different = [], [], 0
    for file in sorted(HERE.glob("q*.sql")):
        sql = re.sub(r"(?<!:):([a-z_]+)", lambda name: known[name[1]], "\n".join(
            line for line in file.read_text().splitlines() if not line.startswith("--")))
        mine, peer = [], []
        for turn in range(options.rounds + 1):  # the first warms the page cache and is not counted
            runs = [lambda: ours(options, sql), lambda: theirs(options, glob, sql)]
            results = [None, None]
            for side in ((0, 1) if turn % 2 else (1, 0)):
                results[side] = runs[side]()
            same = results[0][1] == results[1][1]
            if turn:
                mine.append(results[0][0])
                peer.append(results[1][0])
        different += not same
        us, them = (statistics.median(map(sum, side)) for side in (mine, peer))
        ratios.append(us / them)
        bare_ratios.append(statistics.median(t[1] for t in mine) / statistics.median(t[1] for t in peer))
        print(f"{file.stem:20} datahub {us * 1e3:8.2f} ms   duckdb {them * 1e3:8.2f} ms   ratio {ratios[-1]:.2f}"
              f"   without opening {bare_ratios[-1]:.2f}   {'equal' if same else 'ANSWERS DIFFER'}", flush=True)
    mean, bare = (math.exp(statistics.fmean(map(math.log, r))) for r in (ratios, bare_ratios))
    print(f"geometric mean {mean:.3f} (wanted at most {RATIO_MAX}), without opening {bare:.3f}")
    return 1 if different or mean > RATIO_MAX else 0


if __name__ == "__main__":
    sys.exit(main())
