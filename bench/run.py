"""Datahub beside its peers: same bytes, interleaved runs in one go, outputs compared, ratios printed.

  ./dev bench --only http       events over HTTP, alone
  ./dev bench --only contract   events against a schema, alone
  ./dev bench [--records N] [--rounds N] [--only NAME]

Times are wall times of whole processes for us (start, read, check, write, sync, commit) and of the statement alone for the
peers (their start-up is not counted, and they do not sync)."""

import argparse
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

from contract import cases as contract_cases  # noqa: E402
from http_ingest import cases as http_cases  # noqa: E402
from ndjson_to_lake import cases  # noqa: E402


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", required=True)
    parser.add_argument("--dependencies", default=HERE.parent / ".deps", help="what ./dev fetched")
    parser.add_argument("--records", type=int, default=2_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", default="")
    parser.add_argument("--folder", help="where to work; default: a scratch folder")
    options = parser.parse_args()
    folder = pathlib.Path(options.folder or tempfile.mkdtemp(prefix="datahub-bench-"))
    try:
        if "http" in options.only:
            http_cases.run(pathlib.Path(options.build), folder)
            return 0
        if "contract" in options.only:
            return contract_cases.run(pathlib.Path(options.build), folder, pathlib.Path(options.dependencies), options.rounds)
        cases.run(pathlib.Path(options.build), folder, options.records, options.rounds, options.only)
        if not options.only or "query" in options.only:
            subprocess.run([sys.executable, HERE / "query/run.py", "--datahub", f"{options.build}/datahub",
                            "--peer", f"{options.build}/bench/query/duckdb_query",
                            "--project", folder / "query"])
    finally:
        if not options.folder:
            shutil.rmtree(folder, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
