"""One query in a process of its own: peer.py GLOB THREADS SQL prints {"open": seconds, "query": seconds, "rows": […]}."""

import json
import sys
import time

import duckdb

GLOB, THREADS, SQL = sys.argv[1:4]

start = time.perf_counter()
connection = duckdb.connect()
connection.execute("SET TimeZone = 'UTC'")
if int(THREADS):
    connection.execute(f"SET threads = {int(THREADS)}")
opened = time.perf_counter()
connection.execute(f"CREATE VIEW users AS SELECT * FROM read_parquet('{GLOB}', hive_partitioning = true)")
result = connection.execute(SQL)
rows = result.fetchall()
done = time.perf_counter()
names = [column[0] for column in result.description]
print(json.dumps({"open": opened - start, "query": done - opened, "rows": [dict(zip(names, row)) for row in rows]}))
