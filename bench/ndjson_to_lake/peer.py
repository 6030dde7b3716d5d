"""One run of a peer in a process of its own: prints seconds and peak memory of the statement.

  peer.py duckdb|polars INPUT OUTPUT THREADS users|github"""

import os
import sys
import time

ENGINE, INPUT, OUTPUT, THREADS, SHAPE = sys.argv[1:6]
os.environ["POLARS_MAX_THREADS"] = THREADS

USERS = ("{eid: 'VARCHAR', documentNumber: 'VARCHAR', name: 'VARCHAR', age: 'BIGINT', "
         "address: 'STRUCT(street VARCHAR, number BIGINT, mailAddress BOOLEAN)', created_at: 'TIMESTAMPTZ'}")


def duckdb_run():
    import duckdb
    connection = duckdb.connect()
    connection.execute(f"SET threads = {THREADS}")
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute("SET preserve_insertion_order = false")
    columns = f", columns={USERS}" if SHAPE == "users" else ""
    start = time.perf_counter()
    connection.execute(f"""
        COPY (SELECT *, strftime(created_at, '%Y-%m-%d') AS created_at_day
              FROM read_json('{INPUT}', format='newline_delimited', ignore_errors=true{columns}))
        TO '{OUTPUT}' (FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1, PARTITION_BY (created_at_day))""")
    return time.perf_counter() - start


def polars_run():
    import polars as pl
    schema = {"eid": pl.String, "documentNumber": pl.String, "name": pl.String, "age": pl.Int64,
              "address": pl.Struct({"street": pl.String, "number": pl.Int64, "mailAddress": pl.Boolean}),
              "created_at": pl.String}
    start = time.perf_counter()
    frame = pl.scan_ndjson(INPUT, schema=schema, ignore_errors=True)
    frame = frame.with_columns(pl.col("created_at").str.slice(0, 10).alias("created_at_day"),
                               pl.col("created_at").str.to_datetime("%Y-%m-%dT%H:%M:%S%.fZ", time_zone="UTC"))
    frame.sink_parquet(pl.PartitionBy(OUTPUT, key="created_at_day", include_key=False), compression="zstd",
                       compression_level=1, mkdir=True)
    return time.perf_counter() - start


seconds = {"duckdb": duckdb_run, "polars": polars_run}[ENGINE]()
print(f"{seconds:.3f}")
