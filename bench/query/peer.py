"""One query in a process of its own: peer.py GLOB THREADS SQL prints {"seconds": …, "rows": […]}."""

import json
import sys
import time

import duckdb

GLOB, THREADS, SQL = sys.argv[1:4]

connection = duckdb.connect()
connection.execute("SET TimeZone = 'UTC'")
if int(THREADS):
    connection.execute(f"SET threads = {int(THREADS)}")
start = time.perf_counter()
connection.execute(f"CREATE VIEW users AS SELECT * FROM read_parquet('{GLOB}', hive_partitioning = true)")
result = connection.execute(SQL)
rows = result.fetchall()
seconds = time.perf_counter() - start
names = [column[0] for column in result.description]
print(json.dumps({"seconds": seconds, "rows": [dict(zip(names, row)) for row in rows]}))
