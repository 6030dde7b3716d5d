"""A bit that flips in a page of a file that the program wrote is an error of the readers, never another value.

Every body of a page is a zstd frame with a checksum. What lies around them (page headers, page index, footer) has none in the
format: it is flipped too, and how often that changes an answer without an error is printed, not judged."""

import json
import pathlib
import random
import subprocess

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

import harness

FLIPS_PER_PAGE = 6
FLIPS_ELSEWHERE = 30
ROWS = 2000
CONTRACT = {
    "type": "object",
    "required": ["n", "random"],
    "properties": {
        "n": {"type": "integer"},
        "random": {"type": "array", "items": {"type": "integer"}},  # zstd makes them no smaller
        "text": {"type": "string"},
        "few": {"type": "string"},
        "x": {"type": "number"},
        "b": {"type": "boolean"},
    },
}
PROJECT = """\
project: flips
lake: {location: ./lake}
sources:
  inbox: {kind: files, path: ./inbox/*.ndjson}
tables:
  cells: {}
pipelines:
  cells: {from: [inbox], contract: cell, to: [cells]}
"""


class Thrift:
    """A struct of the compact protocol: field number -> value; containers as far as page headers have them."""

    def __init__(self, data, at):
        self.data, self.at = data, at

    def varint(self):
        value = shift = 0
        while True:
            byte = self.data[self.at]
            self.at += 1
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return value

    def struct(self):
        fields, number = {}, 0
        while (head := self.data[self.at]) != 0:
            self.at += 1
            number = number + (head >> 4) if head >> 4 else self.varint() // 2
            kind = head & 15
            fields[number] = kind == 1 if kind in (1, 2) else self.struct() if kind == 12 else self.varint() // 2
        self.at += 1
        return fields


def bodies(file):
    """Where the bytes of each page lie, without its header."""
    data = file.read_bytes()
    metadata = pq.read_metadata(file)
    for group in range(metadata.num_row_groups):
        for column in range(metadata.num_columns):
            chunk = metadata.row_group(group).column(column)
            at = chunk.dictionary_page_offset if chunk.has_dictionary_page else chunk.data_page_offset
            end = at + chunk.total_compressed_size
            while at < end:
                header = Thrift(data, at)
                size = header.struct()[3]
                at = header.at + size
                yield chunk.path_in_schema, header.at, at
            assert at == end, f"{chunk.path_in_schema}: pages end at {at}, their chunk at {end}"


def by_pyarrow(data):
    return pq.read_table(pa.BufferReader(data)).to_pydict()


def by_duckdb(data, file):
    file.write_bytes(data)
    with duckdb.connect() as connection:
        return connection.execute("FROM read_parquet(?, hive_partitioning = false)", [str(file)]).to_arrow_table().to_pydict()


def written(scratch, rng):
    folder = scratch / "project"
    (folder / "contracts").mkdir(parents=True)
    (folder / "inbox").mkdir()
    (folder / "datahub.yaml").write_text(PROJECT)
    (folder / "contracts/cell.json").write_text(json.dumps(CONTRACT))
    with open(folder / "inbox/events.ndjson", "w", encoding="utf-8") as out:
        for i in range(ROWS):
            numbers = [rng.randrange(-1 << 63, 1 << 63) for _ in range(5 if i else 135_000)]  # the first fills a page
            event = {"n": rng.randrange(1 << 60), "random": numbers, "text": f"the {i}th row of {ROWS}",
                     "few": rng.choice(["a", "b", "c"]), "x": rng.random(), "b": rng.random() < 0.5}
            out.write(json.dumps(event) + "\n")
    subprocess.run([harness.DATAHUB, "-C", folder, "run", "--threads", "1", "--fail-on-reject"], check=True, capture_output=True)
    (file,) = pathlib.Path(folder).glob("lake/**/cells/*.parquet")
    return file


def verdict(read, data, right):
    try:
        found = read(data)
    except Exception:  # noqa: BLE001  whatever a reader says is said
        return "error"
    return "same" if found == right else "silent"


def main():
    rng = random.Random(harness.seed())
    failures = []
    with harness.Scratch() as scratch:
        file = written(scratch, rng)
        data = file.read_bytes()
        readers = {"pyarrow": by_pyarrow, "duckdb": lambda data: by_duckdb(data, scratch / "flipped.parquet")}
        right = {name: read(data) for name, read in readers.items()}
        pages = list(bodies(file))
        inside = [(f"{column}, page at {begin}", rng.randrange(begin, end), rng.randrange(8))
                  for column, begin, end in pages for _ in range(FLIPS_PER_PAGE)]
        covered = set().union(*(range(begin, end) for _, begin, end in pages))
        around = [("around pages", rng.choice([at for at in range(len(data)) if at not in covered]), rng.randrange(8))
                  for _ in range(FLIPS_ELSEWHERE)]
        for places, judged in ((inside, True), (around, False)):
            counts = {name: {"error": 0, "same": 0, "silent": 0} for name in readers}
            for what, at, bit in places:
                flipped = bytearray(data)
                flipped[at] ^= 1 << bit
                for name, read in readers.items():
                    said = verdict(read, bytes(flipped), right[name])
                    counts[name][said] += 1
                    if judged and said == "silent":
                        failures.append(f"{name}: bit {bit} of byte {at} ({what}) changes an answer without an error")
            print(f"{'in pages' if judged else 'around them'}: {len(places)} flips: {counts}")
    print("\n".join(failures[:20]))
    return 1 if failures else 0


if __name__ == "__main__":
    raise SystemExit(main())
