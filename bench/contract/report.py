"""The table, and each figure beside what it has to reach."""

import math
import os
import statistics

CHECKS_MEAN, CHECKS_WORST = 0.5, 1.0  # x Blaze
PARSED = 0.2  # x the better of ajv and jsonschema-rs
TREE = 1.3  # x simdjson's tree
REFUSED, EXPLAINED = 1.0, 5.0  # x the same events before they were spoiled
COMPILE_US, LARGE_COMPILE_US = 1e3, 50e3
COLUMNS_GB, COLUMNS_SHARE = 1.3, 0.15
FINEST_NS = 1.0  # what Blaze prints


class Row:
    def __init__(self, name, ours, ajv_ns, rs_ns, blaze):
        self.name, self.ours, self.blaze = name, ours, blaze
        self.bytes = ours["bytes"] / ours["events"]
        self.best, self.best_ns = min(("ajv", ajv_ns), ("rs", rs_ns), key=lambda side: side[1])
        self.checks = ours["checks_ns"] / max(blaze["ns"], FINEST_NS)
        self.parsed = ours["judge_ns"] / self.best_ns
        self.tree = ours["judge_ns"] / ours["tree_ns"]
        self.refused = ours["refused_ns"] / ours["before_refused_ns"]
        self.explained = ours["explained_ns"] / ours["before_refused_ns"]


def verdict(value, bound):
    return "met" if value <= bound else "missed"


def geometric_mean(values):
    return math.exp(statistics.fmean(map(math.log, values)))


# Without a bound for what has no target of its own.
def line(what, value, bound, of=""):
    target = f"target {bound:<5g} {verdict(value, bound)}" if bound else "no target"
    print(f"  {what:67} {value:7.3f}  {target}{of}")


def worst(rows, key):
    row = max(rows, key=key)
    return key(row), f" ({row.name})"


def print_sets(rows):
    print("\nns an event, processor time of the thread but for Blaze (wall time). checks = parse + validate minus the same walk without "
          "checks;\nbest = the better of ajv with JSON.parse and jsonschema-rs with orjson; tree = simdjson's tree alone; refused and "
          "explained: over the same\nevents before they were spoiled")
    print(f"{'set':14} {'bytes':>6} {'parse+val':>9} {'MB/s':>5} | {'checks':>7} {'Blaze':>7} {'ratio':>6} | {'best':>11} {'ratio':>6} | "
          f"{'tree':>6} {'ratio':>6} | {'refused':>7} {'explained':>9} | {'compile us':>10}")
    for row in rows:
        print(f"{row.name:14} {row.bytes:6.0f} {row.ours['judge_ns']:9.0f} {row.bytes / row.ours['judge_ns'] * 1e3:5.0f} | "
              f"{row.ours['checks_ns']:7.0f} {row.blaze['ns']:7.0f} {row.checks:6.2f} | {row.best:3} {row.best_ns:7.0f} {row.parsed:6.3f} | "
              f"{row.ours['tree_ns']:6.0f} {row.tree:6.2f} | {row.refused:7.2f} {row.explained:9.1f} | {row.ours['compile_us']:10.0f}")
    nothing = statistics.median(row.blaze["nothing_ns"] for row in rows)
    clock = statistics.median(row.blaze["clock_ns"] for row in rows)
    print(f"Blaze's clock: it takes {clock:.0f} ns off each validation itself; {nothing:.1f} ns more, seen under a schema of nothing, are "
          f"taken off here (medians)")
    print(f"this machine: {os.cpu_count()} processors, {os.getloadavg()[1]:.1f} programs wanted one in the last five minutes")

    print("\nagainst the targets")
    above = [row.checks for row in rows if row.checks > 0]
    if len(above) < len(rows):
        print(f"  checks cost less than nothing, so they are not in the mean: {', '.join(row.name for row in rows if row.checks <= 0)}")
    if above:
        line("checks / Blaze, geometric mean", geometric_mean(above), CHECKS_MEAN)
    value, of = worst(rows, lambda row: row.checks)
    line("checks / Blaze, worst", value, CHECKS_WORST, of)
    for what, key, bound in (("parse + validate / best of ajv and jsonschema-rs", lambda row: row.parsed, PARSED),
                             ("parse + validate / simdjson's tree", lambda row: row.tree, TREE)):
        line(f"{what}, geometric mean", geometric_mean([key(row) for row in rows]), bound)
        value, of = worst(rows, key)
        line(f"{what}, worst", value, bound, of)
    for what, key, bound, worst_bound in (("refused / before", lambda row: row.refused, REFUSED, None),
                                          ("explained / before", lambda row: row.explained, EXPLAINED, EXPLAINED)):
        line(f"{what}, median of the sets", statistics.median(map(key, rows)), bound)
        value, of = worst(rows, key)
        line(f"{what}, worst", value, worst_bound, of)
    value, of = worst(rows, lambda row: row.ours["compile_us"] / 1e3)
    line("compile a usual schema, worst, ms", value, COMPILE_US / 1e3, of)


def print_columns(name, ours):
    rate = ours["bytes"] / ours["events"] / ours["columns_ns"]
    what = f"parse + validate + columns of {name} ({ours['columns_ns']:.0f} ns), GB/s"
    print(f"  {what:67} {rate:7.3f}  target {COLUMNS_GB:<5g} {'met' if rate >= COLUMNS_GB else 'missed'} (at least)")
    line("validation's share of that", ours["columns_checks_ns"] / ours["columns_ns"], COLUMNS_SHARE)


def print_large(size, ours):
    line(f"compile a schema of {size / 1e3:.0f} KB, ms", ours["compile_us"] / 1e3, LARGE_COMPILE_US / 1e3)
