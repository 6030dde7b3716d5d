"""Writes into the README how long a clean clone takes, from what ./dev build and ./dev test said.

  times.py LOG README"""

import pathlib
import re
import sys

BEGIN, END = "<!-- written by ./dev measure -->", "<!-- end -->"


def processor():
    """Its name and cores, as the system tells them."""
    rows = pathlib.Path("/proc/cpuinfo").read_text().splitlines()
    names = [row.split(":", 1)[1].strip() for row in rows if row.startswith("model name")]
    return f"{len(names)} cores of {names[0]}"


def main():
    log, readme = (pathlib.Path(name) for name in sys.argv[1:])
    text = log.read_text()
    built = [tuple(map(int, found)) for found in re.findall(r"built in (\d+) s, (\d+) s of processor time", text)]
    tested = re.findall(r"(\d+) tests in (\d+) s", text)
    if len(built) != 2 or len(tested) != 1:
        sys.exit("the log tells of no two builds and one test run")
    (program, program_cpu), (tests, tests_cpu) = built
    count, seconds = tested[0]
    line = (f"On {processor()}, once everything is fetched: the program is built in {program} s ({program_cpu} s of processor time), "
            f"the tests in {tests} s more ({tests_cpu} s), and {count} tests run in {seconds} s.")
    before, rest = readme.read_text().split(BEGIN, 1)
    readme.write_text(f"{before}{BEGIN}\n{line}\n{END}{rest.split(END, 1)[1]}")
    print(line)


if __name__ == "__main__":
    main()
