"""What DuckDB's Python module answers: answer.py GLOB SQL prints one JSON object per row."""

import json
import sys

import duckdb

GLOB, SQL = sys.argv[1:3]

connection = duckdb.connect()
connection.execute("SET TimeZone = 'UTC'")
connection.execute(f"CREATE VIEW users AS SELECT * FROM read_parquet('{GLOB}', hive_partitioning = true)")
result = connection.execute(SQL)
names = [column[0] for column in result.description]
for row in result.fetchall():
    print(json.dumps(dict(zip(names, row))))
