"""Contracts that mean harm, or nothing: each is refused with file, line and reason, or taken, and then no event can make it run
away: what takes too long is a reason to reject. All on a small stack, so that no text makes the program recurse into its end."""

import json
import os
import resource
import subprocess
import sys

import harness

MANY = 10**5
STACK_BYTES = 1 << 20
TIMEOUT = 100  # not a measurement: what runs away never ends
PROJECT = """project: p
lake: {location: ./lake, database: d}
ledger: {kind: sqlite}
contracts: ./contracts
sources: {in: {kind: files, path: './inbox/*.ndjson'}}
tables: {rows: {}}
pipelines: {rows: {from: [in], contract: row, to: [rows]}}
"""


def check(condition, *said):
    if not condition:
        raise AssertionError(" ".join(str(s) for s in said)[:2000])


def nested(opening, inner, closing, depth=MANY):
    return opening * depth + inner + closing * depth


def each(count, form):
    return ",".join(form.format(i=i, next=i + 1) for i in range(count))


def with_string(pattern):
    return json.dumps({"type": "object", "properties": {"s": {"type": "string", "pattern": pattern}}})


def with_names(pattern):
    return json.dumps({"type": "object", "patternProperties": {pattern: {"type": "integer"}}})


DEFS = '{{"$ref":"#/$defs/d0","$defs":{{{0},"d{1}":{{}}}}}}'
NO_END = "refers to itself for the same value"
DEEP = "deeper than"
# Text, and what is said of it; nothing: both the schema and the columns it becomes are taken.
CONTRACTS = {
    "refs in a circle": ('{"$ref":"#/$defs/a","$defs":{"a":{"$ref":"#/$defs/b"},"b":{"$ref":"#/$defs/a"}}}', NO_END),
    "a ref to itself": ('{"properties":{\n"a":{"$ref":"#/properties/a"}}}', NO_END),
    "allOf in a circle": ('{"$ref":"#/$defs/a","$defs":{"a":{"allOf":[{"anyOf":[{"$ref":"#/$defs/a"}]}]}}}', NO_END),
    "not in a circle": ('{"properties":{"x":{"not":{"$ref":"#/properties/x"}}}}', NO_END),
    "if in a circle": ('{"properties":{"x":{"if":{"$ref":"#/properties/x"},"then":true}}}', NO_END),
    "a dynamic circle": ('{"$dynamicAnchor":"n","allOf":[{"$dynamicRef":"#n"}]}', NO_END),
    "a recursive circle": ('{"$schema":"https://json-schema.org/draft/2019-09/schema","$recursiveAnchor":true,"allOf":[{"$recursiveRef":"#"}]}', NO_END),
    "a pointer to nothing": ('{"properties":{\n"a":{"$ref":"#/$defs/none"}}}', "points at nothing"),
    "an anchor that is not": ('{"properties":{\n"a":{"$ref":"#none"}}}', "points at nothing"),
    "another document": ('{"properties":{\n"a":{"$ref":"http://unknown.example/x"}}}', "another document"),
    "text of deep arrays": (nested("[", "", "]"), DEEP),
    "text of deep objects": (nested('{"a":', "1", "}"), DEEP),
    "deep allOf": (nested('{"allOf":[', "{}", "]}"), DEEP),
    "deep not": (nested('{"not":', "{}", "}"), DEEP),
    "deep items": (nested('{"items":', "{}", "}"), DEEP),
    "deep properties": (nested('{"properties":{"a":', "{}", "}}"), DEEP),
    "deep definitions": (nested('{"$defs":{"a":', "{}", "}}"), DEEP),
    "deep const": ('{"const":' + nested("[", "", "]") + "}", DEEP),
    "deep enum": ('{"enum":[' + nested('{"a":', "1", "}") + "]}", DEEP),
    "as deep as it may be": (nested('{"items":', "{}", "}", 500), ""),
    "a value as deep as it may be": ('{"const":' + nested("[", "", "]", 500) + "}", ""),
    "too much in place": (nested('{"allOf":[', "{}", "]}", 150), "more than 100 schemas apply"),
    "a long chain of refs": (DEFS.format(each(MANY // 2, '"d{i}":{{"$ref":"#/$defs/d{next}"}}'), MANY // 2), DEEP),
    "twice as many each time": (DEFS.format(each(40, '"d{i}":{{"allOf":[{{"$ref":"#/$defs/d{next}"}},{{"$ref":"#/$defs/d{next}"}}]}}'), 40), ""),
    "many enum values": ('{"type":"object","properties":{"s":{"enum":[' + each(MANY, '"p{i}"') + "]}}}", ""),
    "many required": ('{"type":"object","required":[' + each(MANY, '"p{i}"') + "]}", ""),
    "many forms": ('{"type":"object","anyOf":[' + each(MANY // 10, '{{"properties":{{"p{i}":{{"type":"integer"}}}}}}') + "]}", ""),
    "many patterns": ('{"type":"object","patternProperties":{' + each(MANY // 10, '"^p{i}$":{{"type":"integer"}}') + "}}", ""),
    "personal data a long way down": ('{"type":"object","properties":{"a":{"$ref":"#/$defs/d0","x-datahub-column":{"type":"json"}}},"$defs":{'
                                      + each(200, '"d{i}":{{"items":{{"$ref":"#/$defs/d{next}"}},"x-datahub-pii":{{"class":"other"}}}}') + ',"d200":{}}}', ""),
    "a repeated key": ('{"type":"object",\n"type":"string"}', "is repeated"),
    "not JSON": ('{"type":\n"object"', "not JSON"),
    "too large": ('{"description":"' + "x" * 5_000_000 + '"}', "is larger than"),
    "an old dialect": ('{\n"$schema":"http://json-schema.org/draft-03/schema#"}', "is not supported"),
    "an unknown dialect": ('{"$schema":"http://unknown.example/mine"}', "is not supported"),
    "no dialect": ('{"$schema":5}', "must be a string"),
    "a pattern too large": (with_string("((a{100}){100}){100}"), "too large"),
    "a count too large": (with_string("a{100000}"), "too big"),
    "a deep pattern": (with_string("(" * 30000 + "a" + ")" * 30000), "the pattern"),
    "a pattern that is none": (with_string("(a"), "the pattern"),
}
# Only the columns are refused: as a schema it is taken.
COLUMNS = {
    "many columns": ('{"type":"object","properties":{' + each(MANY, '"p{i}":{{"type":"integer"}}') + "}}", "more than 10000 columns"),
    "deep columns": (nested('{"type":"object","properties":{"a":', "{}", "}}", 80), "deep in each other"),
    "columns that double": ('{"$ref":"#/$defs/d0","$defs":{' + each(40, '"d{i}":{{"type":"object","properties":{{"a":{{"$ref":"#/$defs/d{next}"}},'
                            '"b":{{"$ref":"#/$defs/d{next}"}}}}}}') + ',"d40":{"type":"object","properties":{"a":{"type":"integer"}}}}}', "more than 10000 columns"),
    "one name in two cases": ('{"type":"object","properties":{"aB":{},\n"Ab":{}}}', "the same column"),
    "a name that Hive cannot hold": ('{"type":"object","properties":{"a b":{}}}', "cannot be held by Hive"),
    "a key of many steps": ('{"type":"object",\n"x-datahub-key":["' + "/a" * MANY + '"]}', "no object with columns"),
    "a key within a recursion": ('{"type":"object","required":["a"],"properties":{"a":{"$ref":"#"}},\n"x-datahub-key":["/a/a/a"]}', "no object with columns"),
    "personal data behind a recursion": ('{"type":"object","properties":{"m":{"type":"string","x-datahub-pii":{"class":"email"}},\n"a":{"items":{"$ref":"#"}}}}', "personal data would hide"),
    "a foreign keyword": ('{"$schema":"http://json-schema.org/draft-07/schema#",\n"prefixItems":[{}]}', "is not supported here"),
}
PATTERNS = ["(a+)+$", "(a|aa)+$", "(a*)*b", "((((a*)*)*)*)*$", "(?:a?){30}a{30}b", "(?:aa)+$", "a(?=.*z)", "(a{1000}){1000}", "(\\w+\\s?)+$", "(.*a){20}b", "(a+)\\1+$"]
TEXTS = ["a" * 30 + "b", "a" * 5_001 + "!", "z" + "a" * 200_001 + "!", "z" + "a " * 100_000 + "!"]


class Tester:
    def __init__(self, folder):
        self.folder = folder
        (folder / "contracts").mkdir(parents=True)
        (folder / "inbox").mkdir()
        (folder / "datahub.yaml").write_text(PROJECT)
        self.events = folder / "events.ndjson"

    def run(self, *args):
        def small_stack():
            if not os.environ.get("DH_SANITIZE"):
                resource.setrlimit(resource.RLIMIT_STACK, (STACK_BYTES, STACK_BYTES))

        return subprocess.run([harness.DATAHUB, "-C", str(self.folder), *args], capture_output=True, text=True, timeout=TIMEOUT, preexec_fn=small_stack)

    def schema(self, name, text, said, events=("{}",)):
        path = self.folder / "contracts/row.json"
        path.write_text(text)
        self.events.write_text("".join(event + "\n" for event in events))
        done = self.run("contract", "validate", str(path), str(self.events))
        if said:
            check(done.returncode == 78 and said in done.stderr, name, done.returncode, done.stderr)
            check("row.json:" in done.stderr or "larger" in said, name, "says where", done.stderr)
        else:
            check(done.returncode in (0, 3), name, done.returncode, done.stderr)
        return done

    def columns(self, name, text, said):
        (self.folder / "contracts/row.json").write_text(text)
        done = self.run("contract", "check")
        check(done.returncode == (78 if said else 0) and said in done.stderr, name, done.returncode, done.stderr)
        check(not said or "row.json:" in done.stderr, name, "says where", done.stderr)


def main():
    deep = [nested("[", "", "]"), nested('{"a":', "1", "}"), nested('{"a":', "1", "}", 500)]
    wide = "{" + each(MANY // 10, '"p{i}":{i}') + "}"
    with harness.Scratch() as scratch:
        tester = Tester(scratch / "project")
        for name, (text, said) in CONTRACTS.items():
            tester.schema(name, text, said, ["{}", "[]", *deep, wide])
            tester.columns(name, text, said)
        for name, (text, said) in COLUMNS.items():
            tester.schema(name, text, "", ["{}", *deep, wide])
            tester.columns(name, text, said)
        limited = 0
        for pattern in PATTERNS:
            events = [json.dumps({"s": text}) for text in TEXTS]
            done = tester.schema(pattern, with_string(pattern), "", events)
            limited += done.stdout.count("took too many steps")
            tester.schema(pattern, with_names(pattern), "", [json.dumps({text: 1}) for text in TEXTS])
        # Those that have no table; the others take a step a byte.
        check(limited >= 4, "patterns end by their limit:", limited)
        print(f"{len(CONTRACTS)} contracts, {len(COLUMNS)} of columns, {len(PATTERNS)} patterns, {limited} searches ended by a limit")
    print("ok")
    return 0


if __name__ == "__main__":
    sys.exit(main())
