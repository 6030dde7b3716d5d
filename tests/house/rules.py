"""The house rules, as a test: folders explain themselves, arrows point the way the design says, third-party headers stay
where they belong, files stay readable, formatting is the formatter's. Prints every breach; exit 1 when there is one."""

import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
SRC = ROOT / "src" / "datahub"

# design: who may include whom. Every folder may use record and base.
ARROWS = {
    "base": set(),
    "record": set(),
    "storage": set(),
    "intake": {"storage"},
    "contract": set(),
    "lake": {"storage", "ledger"},  # ledger: only its plain shapes, see ONLY
    "ledger": set(),
    "source": {"storage", "intake"},
    "catalog": {"ledger"},
    "query": {"ledger", "storage"},
    "pipeline": {"source", "contract", "lake", "ledger", "storage"},
    "serve": {"intake", "ledger", "query", "pipeline"},
    "app": {"serve", "intake", "source", "contract", "lake", "ledger", "storage", "catalog", "query", "pipeline"},
}
ONLY = {("lake", "ledger"): {"datahub/ledger/commit.h"}}

# Where a library's headers may appear.
HEADERS = {
    r"simdjson\.h": ("contract/",),
    r"duckdb\.h": ("query/",),
    r"sqlite3\.h": ("ledger/",),
    r"yaml-cpp/.*": ("app/",),
    r"CLI/.*": ("app/",),
    r"pcre2\.h": ("contract/",),
    r"zstd\.h": ("lake/parquet/", "source/", "serve/"),
    r"zlib\.h": ("source/", "serve/"),
    r"boost/.*": ("serve/",),
    r"xxhash\.h": ("base/",),
}

HEADER_LINES_MAX = 220
SOURCE_LINES_MAX = 600


def folder_of(path: pathlib.Path) -> str:
    return path.relative_to(SRC).parts[0]


def breaches():
    files = [f for f in sorted(SRC.rglob("*")) if f.suffix in (".h", ".cc")]
    for folder in sorted({f.parent for f in files}):
        if not (folder / "README.md").exists():
            yield f"{folder.relative_to(ROOT)}: has no README.md"
    for file in files:
        name = file.relative_to(ROOT)
        text = file.read_text()
        lines = text.count("\n")
        is_test = file.name.endswith("_test.cc")
        limit = HEADER_LINES_MAX if file.suffix == ".h" else SOURCE_LINES_MAX
        if lines > limit and not is_test:
            yield f"{name}: {lines} lines; find the second noun (limit {limit})"
        if file.suffix == ".h" and "#pragma once" not in text:
            yield f"{name}: no #pragma once"
        if re.search(r"\b(TODO|FIXME|XXX|HACK)\b", text):
            yield f"{name}: unfinished by its own words"
        here = folder_of(file)
        for included in re.findall(r'#include "(datahub/[^"]+)"', text):
            there = included.split("/")[1]
            if there in (here, "base", "record"):
                if here == "base" and there == "record":
                    yield f"{name}: base may not use record"
                continue
            if is_test and there in ("storage", "ledger", "lake", "contract", "source"):
                continue
            if there not in ARROWS.get(here, set()):
                yield f"{name}: {here} may not use {there} ({included})"
            elif (here, there) in ONLY and included not in ONLY[(here, there)]:
                yield f"{name}: of {there}, {here} may use only {', '.join(ONLY[(here, there)])}"
        for included in re.findall(r"#include <([^>]+)>", text):
            for pattern, places in HEADERS.items():
                if not is_test and re.fullmatch(pattern, included) and not str(file.relative_to(SRC)).startswith(places):
                    yield f"{name}: <{included}> belongs to {', '.join(places)}"
    tracked = subprocess.run(["git", "ls-files", "*.h", "*.cc"], cwd=ROOT, capture_output=True, text=True).stdout.split()
    if tracked:
        check = subprocess.run(["clang-format-14", "--dry-run", "-Werror", *tracked], cwd=ROOT, capture_output=True, text=True)
        for line in sorted({l.split(":")[0] for l in check.stderr.splitlines() if "error:" in l}):
            yield f"{line}: not formatted; run ./dev format"


def main() -> int:
    found = list(breaches())
    for breach in found:
        print(breach)
    print(f"{len(found)} breaches")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
