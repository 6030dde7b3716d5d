"""The reader matrix with Spark: each version that DH_SPARK names (folders of PyPI's pyspark archives, unpacked, joined by `:`) reads
what readers.py writes. Needs Java 17.

    DH_SPARK=/tmp/pyspark-3.5.6:/tmp/pyspark-4.3.0 python spark.py PATH/TO/parquet_sample"""

import os
import pathlib
import subprocess
import sys
import tempfile


def main() -> int:
    folders = [pathlib.Path(folder) for folder in os.environ.get("DH_SPARK", "").split(":") if folder]
    if not folders:
        print("skipped: DH_SPARK names no pyspark")
    for folder in folders:
        with tempfile.TemporaryDirectory() as home:
            for part in ("jars", "bin"):
                (pathlib.Path(home) / part).symlink_to(folder / "deps" / part)
            (bridge,) = (folder / "lib").glob("py4j-*.zip")
            paths = [os.environ.get("PYTHONPATH", ""), str(folder), str(bridge)]
            environment = {**os.environ, "TZ": "UTC", "SPARK_HOME": home, "PYTHONPATH": ":".join(paths), "PYSPARK_PYTHON": sys.executable}
            print(f"{folder.name}:", flush=True)
            readers = pathlib.Path(__file__).with_name("readers.py")
            subprocess.run([sys.executable, readers, sys.argv[1], "spark"], env=environment, check=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
