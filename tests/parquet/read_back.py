"""Reads files of our Parquet writer back with readers we did not write: pyarrow and DuckDB find the rows that were written,
statistics and page indexes say the truth, page headers are where the offset index says.

    python read_back.py PATH/TO/parquet_sample [SEEDS [ENCODINGS…]]      (needs pyarrow and duckdb)
"""

import decimal
import json
import math
import pathlib
import struct
import subprocess
import sys
import tempfile

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq


decimal.getcontext().prec = 60


# ---- values ------------------------------------------------------------------------------------------------------------

def plain(value, kind):
    """A reader's value as the writer's JSON spells it."""
    if value is None or not value.is_valid:
        return None
    if pa.types.is_struct(kind):
        return {kind.field(i).name: plain(value[kind.field(i).name], kind.field(i).type) for i in range(kind.num_fields)}
    if pa.types.is_map(kind):
        pairs = value.values
        return [[plain(p["key"], kind.key_type), plain(p["value"], kind.item_type)] for p in pairs or []]
    if pa.types.is_list(kind) or pa.types.is_large_list(kind):
        return [plain(v, kind.value_type) for v in value.values or []]
    if pa.types.is_timestamp(kind):
        assert kind.unit == "us" and kind.tz, kind
        return value.value
    if pa.types.is_date(kind):
        return value.value
    if pa.types.is_decimal(kind):
        return str(int(value.as_py().scaleb(kind.scale)))
    if pa.types.is_binary(kind):
        return value.as_py().hex()
    return double(value.as_py()) if pa.types.is_floating(kind) else value.as_py()


def double(value):
    return str(value) if not math.isfinite(value) else repr(value)


def wanted(value, kind):
    """The writer's JSON, doubles as `plain` spells them."""
    if value is None:
        return None
    if pa.types.is_struct(kind):
        return {kind.field(i).name: wanted(value[kind.field(i).name], kind.field(i).type) for i in range(kind.num_fields)}
    if pa.types.is_map(kind):
        return [[k, wanted(v, kind.item_type)] for k, v in value]
    if pa.types.is_list(kind):
        return [wanted(v, kind.value_type) for v in value]
    return double(float(value)) if pa.types.is_floating(kind) else value


def columns_of(table):
    simple = (pa.types.is_integer, pa.types.is_boolean, pa.types.is_string)
    for name in table.column_names:
        column = table.column(name)
        if any(test(column.type) for test in simple):
            yield name, column.to_pylist()
        else:
            yield name, [plain(v, column.type) for v in column]


def compare(file, reader, table, rows):
    assert table.num_rows == len(rows), f"{file.name}: {reader} finds {table.num_rows} rows, written {len(rows)}"
    for name, found in columns_of(table):
        kind = table.schema.field(name).type
        for row, value in enumerate(found):
            want = wanted(rows[row][name], kind)
            assert value == want, f"{file.name}: {reader}: {name}[{row}] is {value!r}, written {want!r}"


# ---- Thrift compact protocol, the reading half -----------------------------------------------------------------------------

class Thrift:
    def __init__(self, data, at=0):
        self.data, self.at = data, at

    def varint(self):
        shift = value = 0
        while True:
            byte = self.data[self.at]
            self.at += 1
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return value

    def zigzag(self):
        value = self.varint()
        return (value >> 1) ^ -(value & 1)

    def value(self, kind):
        if kind in (4, 5, 6):
            return self.zigzag()
        if kind == 8:
            size = self.varint()
            self.at += size
            return bytes(self.data[self.at - size:self.at])
        if kind == 9:
            head = self.data[self.at]
            self.at += 1
            size = head >> 4 if head >> 4 != 15 else self.varint()
            if head & 15 in (1, 2):
                self.at += size
                return [b == 1 for b in self.data[self.at - size:self.at]]
            return [self.value(head & 15) for _ in range(size)]
        if kind == 12:
            return self.struct()
        raise AssertionError(f"thrift type {kind}")

    def struct(self):
        fields, last = {}, 0
        while True:
            head = self.data[self.at]
            self.at += 1
            if head == 0:
                return fields
            last = last + (head >> 4) if head >> 4 else self.zigzag()
            fields[last] = head & 15 == 1 if head & 15 in (1, 2) else self.value(head & 15)


# ---- what the file says of itself ------------------------------------------------------------------------------------------

def order_key(chunk):
    kinds = {0: "<?", 1: "<i", 2: "<q", 5: "<d"}
    if chunk[1] in kinds:
        return lambda b: struct.unpack(kinds[chunk[1]], b)[0]
    return (lambda b: int.from_bytes(b, "big", signed=True)) if chunk[1] == 7 else (lambda b: b)


def check_chunk(data, column, rows_in_group, flat_values):
    """flat_values: the column's encoded values in order, None for null; None for columns that are not flat."""
    meta = column[3]
    levels = 0
    locations = Thrift(data, column[4]).struct()[1]
    pages = []
    for i, location in enumerate(locations):
        reader = Thrift(data, location[1])
        header = reader.struct()
        assert header[1] == 0, "a data page"
        assert reader.at + header[3] == location[1] + location[2], "compressed size"
        assert i == 0 or locations[i - 1][1] + locations[i - 1][2] == location[1], "pages follow each other"
        pages.append((location[3], header[5][1]))
        levels += header[5][1]
    assert locations[0][3] == 0 and locations[0][1] == meta[9]
    assert levels == meta[5], "number of values"
    end = locations[-1][1] + locations[-1][2]
    assert meta.get(11, meta[9]) + meta[7] == end, "size of the chunk"
    if 11 in meta:
        reader = Thrift(data, meta[11])
        assert reader.struct()[1] == 2, "a dictionary page"
    statistics, key = meta[12], order_key(meta)
    index = Thrift(data, column[6]).struct() if 6 in column else None
    if index:
        assert len(index[1]) == len(locations) == len(index[5])
        assert sum(index[5]) == statistics[3]
        used = [i for i in range(len(locations)) if not index[1][i]]
        lows, highs = [key(index[2][i]) for i in used], [key(index[3][i]) for i in used]
        assert index[4] != 1 or (lows == sorted(lows) and highs == sorted(highs))
        assert index[4] != 2 or (lows == sorted(lows, reverse=True) and highs == sorted(highs, reverse=True))
    if flat_values is None:
        return len(locations)
    assert len(flat_values) == rows_in_group
    valid = [v for v in flat_values if v is not None]
    assert statistics[3] == len(flat_values) - len(valid), "null count"
    if 6 in statistics:
        low, high = min(valid, key=key), max(valid, key=key)
        assert key(statistics[6]) <= key(low) and (5 not in statistics or key(statistics[5]) >= key(high)), "bounds"
        if statistics[8]:
            assert key(statistics[6]) == key(low)
        if 5 in statistics and statistics[7]:
            assert key(statistics[5]) == key(high)
    if index:
        for i, (first, _) in enumerate(pages):
            last = pages[i + 1][0] if i + 1 < len(pages) else rows_in_group
            page = [v for v in flat_values[first:last] if v is not None]
            assert index[1][i] == (not page) and index[5][i] == last - first - len(page)
            if page:
                assert key(index[2][i]) <= key(min(page, key=key)) and key(index[3][i]) >= key(max(page, key=key))
    return len(locations)


def encoded(column):
    """Values of a flat column as PLAIN bytes."""
    kind = column.type
    if pa.types.is_string(kind):
        column, kind = column.cast(pa.binary()), pa.binary()
    if pa.types.is_binary(kind):
        return column.to_pylist()
    if pa.types.is_decimal(kind):
        return [None if v is None else int(v.scaleb(kind.scale)).to_bytes(16, "big", signed=True) for v in column.to_pylist()]
    if pa.types.is_timestamp(kind):
        column, kind = column.cast(pa.int64()), pa.int64()
    if pa.types.is_date(kind):
        column, kind = column.cast(pa.int32()), pa.int32()
    forms = {pa.bool_(): "<?", pa.int32(): "<i", pa.int64(): "<q", pa.float64(): "<d"}
    return [None if v is None else struct.pack(forms[kind], v) for v in column.to_pylist()]


def check_metadata(file, table):
    data = file.read_bytes()
    assert data[:4] == data[-4:] == b"PAR1"
    size = struct.unpack("<I", data[-8:-4])[0]
    reader = Thrift(data, len(data) - 8 - size)
    footer = reader.struct()
    assert reader.at == len(data) - 8, "the footer's length"
    assert footer[6] == b"datahub version 0.1.0"
    first, pages = 0, 0
    names = set()
    for group in footer[4]:
        part = table.slice(first, group[3])
        first += group[3]
        assert group[6] == sum(c[3][7] for c in group[1]) and group[2] == sum(c[3][6] for c in group[1])
        for column in group[1]:
            path = column[3][3]
            names.add(tuple(path))
            flat = encoded(part.column(path[0].decode())) if len(path) == 1 else None
            try:
                pages += check_chunk(data, column, group[3], flat)
            except AssertionError as error:
                raise AssertionError(f"{file.name}: {b'.'.join(path).decode()}: {error}") from error
    return pages


def check_types(file):
    """pyarrow's view of the schema: field ids and logical types."""
    parquet = pq.ParquetFile(file)
    for i in range(len(parquet.schema)):
        column = parquet.schema.column(i)
        if column.physical_type == "BYTE_ARRAY" and column.logical_type.type == "STRING":
            assert column.converted_type == "UTF8"
        if column.physical_type == "FIXED_LEN_BYTE_ARRAY":
            assert column.logical_type.type == "DECIMAL" and column.converted_type == "DECIMAL" and column.length == 16
    metadata = parquet.metadata
    for g in range(metadata.num_row_groups):
        for c in range(metadata.num_columns):
            assert metadata.row_group(g).column(c).has_offset_index


def main() -> int:
    sample = sys.argv[1]
    seeds = int(sys.argv[2]) if len(sys.argv) > 2 else 2
    chosen = sys.argv[3:] or ["plain", "delta"]
    for seed, encodings in [(seed, encodings) for seed in range(1, seeds + 1) for encodings in chosen]:
        with tempfile.TemporaryDirectory() as folder:
            subprocess.run([sample, folder, str(seed), encodings], check=True)
            files = sorted(pathlib.Path(folder).glob("*.parquet"))
            assert files
            pages = values = 0
            for file in files:
                rows = [json.loads(line) for line in open(file.with_suffix(".ndjson"), encoding="utf-8")]
                table = pq.read_table(file)
                compare(file, "pyarrow", table, rows)
                with duckdb.connect() as connection:
                    connection.execute("SET TimeZone = 'UTC'")
                    found = connection.execute("SELECT * FROM read_parquet(?)", [str(file)]).to_arrow_table()
                compare(file, "duckdb", found, rows)
                pages += check_metadata(file, table)
                check_types(file)
                values += table.num_rows * table.num_columns
            print(f"seed {seed}, {encodings}: {len(files)} files, {pages} pages, {values} values: equal in pyarrow and duckdb")
    return 0


if __name__ == "__main__":
    sys.exit(main())
