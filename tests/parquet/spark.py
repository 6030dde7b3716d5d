"""The reader matrix with Spark: each version in FOLDER (unpacked by ./dev test-all) reads what readers.py writes. Needs Java 17.

    python spark.py PATH/TO/parquet_sample FOLDER"""

import os
import pathlib
import subprocess
import sys
import tempfile


def main() -> int:
    versions = sorted(folder for folder in pathlib.Path(sys.argv[2]).resolve().glob("*") if (folder / "pyspark").is_dir())
    if not versions:
        print(f"{sys.argv[2]} holds no version of Spark: ./dev test-all fetches them")
        return 1
    for folder in versions:
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
