"""Every row of the mapping from contract to columns: a member's schema, the column it becomes by the written rules, and events'
values for it, random ones and the edges. Kinds are spelt as (name, …): ("list", of), ("map", of), ("struct", {name: kind}),
("decimal", scale); a struct's member dh_extra takes what has no member of its own."""

import json
import random

INT64, INT32, DOUBLE, BOOL, STRING, JSON, INSTANT, DATE = (
    ("int64",), ("int32",), ("double",), ("bool",), ("string",), ("json",), ("instant",), ("date",))
EXTRA = "dh_extra"


def listed(kind):
    return ("list", kind)


def mapped(kind):
    return ("map", kind)


def struct(**members):
    return ("struct", members)


def decimal(scale):
    return ("decimal", scale)


INTEGERS = ["0", "-0", "1", "1.0", "-1.00", "1e2", "12E+1", "9223372036854775807", "-9223372036854775808", "922337203685477580.7e1",
            "9007199254740993", "2147483648"]
SMALL = ["0", "2147483647", "-2147483648", "7.0", "1e3"]
DOUBLES = ["0", "-0.0", "-0", "0.1", "1e22", "1e23", "1.7976931348623157e308", "-1.7976931348623157e308", "5e-324", "-4.9e-324",
           "2.2250738585072014e-308", "2.2250738585072011e-308", "9007199254740992", "123456789012345683968", "0.30000000000000004",
           "3.141592653589793238462643383279", "1E5", "100000000000000000000"]
CENTS = ["0", "-0.00", "0.01", "-0.01", "12.3", "12.340", "1e6", "999999999.99", "-999999999.99", "1e-2", "100e-4"]
WHOLE = ["9" * 38, "-" + "9" * 38, "1", "1.0", "1" + "0" * 37, "12345678901234567890123456789012345678"]
FINE = ["0." + "1" * 37, "9." + "9" * 37, "-9." + "9" * 37, "1e-37", "1", "3e-1", "0"]
INSTANTS = ["2026-11-21T06:01:02Z", "2026-11-21T06:01:02.123456Z", "2026-11-21T06:01:02.1234567Z", "2026-11-21T06:01:02.9999999Z",
            "2026-11-21T06:01:02+05:30", "2026-11-21T00:00:00-23:59", "1998-12-31T23:59:60Z", "1998-12-31T15:59:60.5-08:00", "0001-01-01T00:00:00Z",
            "9999-12-31T23:59:59.999999Z", "1969-12-31T23:59:59.999999Z", "1969-12-31T23:59:59.9999999Z", "2024-02-29t12:00:00z", "1600-03-01T00:00:00.1Z",
            "9999-12-31T23:59:59.999999+23:59", "0001-01-01T00:00:00-23:59", "0001-01-01T23:59:00+23:59"]
DATES = ["2026-11-21", "2024-02-29", "0001-01-01", "9999-12-31", "1970-01-01", "1969-12-31", "2000-02-29"]
TEXTS = ["", "a", "é", "😀", "\\u00e9", "\\ud83d\\ude00", "\\u0000", "\\n\\t\\\\\\\"", "null", "x" * 300, "\\/", " "]
UUIDS = ["3e628a05-7a4a-4bf3-8770-084c11601a12", "3E628A05-7A4A-4BF3-8770-084C11601A12"]
ANYTHING = ["1.50", "1e400", "-0.0", '"a\\u0041"', "true", "[]", "{}", '{"b":[1.0,{"a":null}],"a":"\\ud83d\\ude00"}', "[[[]]]",
            "123456789012345678901234567890", '{ "spaced" : [ 1 , 2 ] }']


class Values:
    """Texts of values of a kind of member."""

    def __init__(self, seed):
        self.random = random.Random(seed)

    def pick(self, texts):
        return self.random.choice(texts)

    def integer(self):
        return self.pick([self.pick(INTEGERS), str(self.random.randint(-2**63, 2**63 - 1)), str(self.random.randint(-99, 99))])

    def small(self):
        return self.pick([self.pick(SMALL), str(self.random.randint(-2**31, 2**31 - 1))])

    def double(self):
        r = self.random
        return self.pick([self.pick(DOUBLES), repr(r.uniform(-1e6, 1e6)), f"{r.randint(1, 10**15 - 1)}e{r.randint(-320, 290)}", f"{r.random():.25f}"])

    def cents(self):
        return self.pick([self.pick(CENTS), f"{self.random.randint(-10**8, 10**8)}.{self.random.randint(0, 99):02}"])

    def whole(self):
        return self.pick([self.pick(WHOLE), str(self.random.randint(1 - 10**38, 10**38 - 1))])

    def fine(self):
        return self.pick([self.pick(FINE), f"{self.random.randint(0, 9)}.{self.random.randint(0, 10**37 - 1):037}"])

    def boolean(self):
        return self.pick(["true", "false"])

    def text(self):
        return '"' + self.pick([self.pick(TEXTS), "".join(self.pick(TEXTS[:9]) for _ in range(3))]) + '"'

    def name(self):
        return '"' + self.pick(["a", "b", "é", "k k", "A", "", "\\u0061a", "ü/~"]) + '"'

    def instant(self):
        r = self.random
        made = (f"{r.randint(1, 9999):04}-{r.randint(1, 12):02}-{r.randint(1, 28):02}T{r.randrange(24):02}:{r.randrange(60):02}:{r.randrange(60):02}"
                + self.pick(["", f".{r.randrange(10**6):06}", f".{r.randrange(1000):03}", f".{r.randrange(10**9):09}"])
                + self.pick(["Z", "+00:00", "-00:00", f"{self.pick('+-')}{r.randrange(24):02}:{r.randrange(60):02}"]))
        return f'"{self.pick([self.pick(INSTANTS), made, made])}"'

    def date(self):
        r = self.random
        return f'"{self.pick([self.pick(DATES), f"{r.randint(1, 9999):04}-{r.randint(1, 12):02}-{r.randint(1, 28):02}"])}"'

    def uuid(self):
        return f'"{self.pick(UUIDS)}"'

    def anything(self):
        return self.pick(ANYTHING + ["null"])

    def many(self, value, most=3):
        return "[" + ",".join(value() for _ in range(self.random.randint(0, most))) + "]"

    def maybe(self, value):
        return lambda: "null" if self.random.random() < 0.25 else value()

    def named(self, *members):
        """An object; each member is there with a probability of 3 in 4, in any order."""
        there = [f"{json.dumps(name)}:{value()}" for name, value in members if self.random.random() < 0.75]
        self.random.shuffle(there)
        return "{" + ",".join(there) + "}"

    def dictionary(self, value, prefix=""):
        there = {}
        for _ in range(self.random.randint(0, 3)):
            key = self.name()
            there[prefix + json.loads(key)] = '"' + prefix + key[1:] + ":" + value()
        return "{" + ",".join(there.values()) + "}"


def rows(v):
    """name -> (schema, column, value): the strict contract's members. Each may also be absent."""
    integer, number, string = {"type": "integer"}, {"type": "number"}, {"type": "string"}
    boolean, instant, date = {"type": "boolean"}, {"type": "string", "format": "date-time"}, {"type": "string", "format": "date"}
    cents = {"type": "number", "multipleOf": 0.01, "minimum": -1e9, "maximum": 1e9}

    def array(items):
        return {"type": "array", "items": items}

    def object_(**properties):
        return {"type": "object", "properties": properties}

    def circle(kind="circle"):
        return "{" + f'"kind":"{kind}","size":{v.double()}' + "}"

    def square():
        return '{"kind":"square","size":' + v.small() + ',"label":' + v.text() + "}"

    def tree(depth=2):
        below = "" if depth == 0 else ',"children":' + v.many(lambda: tree(depth - 1), 2)
        return '{"v":' + v.integer() + below + "}"

    shapes = [object_(kind={"const": "circle"}, size=number), object_(kind={"const": "square"}, size=integer, label=string)]
    for shape in shapes:
        shape["required"] = ["kind"]
    return {
        "text": (string, STRING, v.text),
        "whole": (integer, INT64, v.integer),
        "small": ({"type": "integer", "x-datahub-column": {"type": "int32"}}, INT32, v.small),
        "renamed": ({"type": "integer", "x-datahub-column": {"name": "other_name"}}, INT64, v.integer),
        "number": (number, DOUBLE, v.double),
        "cents": (cents, decimal(2), v.cents),
        "big": ({"type": "number", "multipleOf": 1, "minimum": "BIG_LOW", "maximum": "BIG_HIGH"}, decimal(0), v.whole),
        "fine": ({"type": "number", "multipleOf": 1e-37, "minimum": "FINE_LOW", "maximum": "FINE_HIGH"}, decimal(37), v.fine),
        "unbounded": ({"type": "number", "multipleOf": 0.5}, DOUBLE, lambda: v.pick(["0.5", "-1.0", "1e10", "2.5e0"])),
        "flag": (boolean, BOOL, v.boolean),
        "at": (instant, INSTANT, v.instant),
        "day": (date, DATE, v.date),
        "uid": ({"type": "string", "format": "uuid"}, STRING, v.uuid),
        "list": (array(integer), listed(INT64), lambda: v.many(v.integer)),
        "holes": (array({"type": ["number", "null"]}), listed(DOUBLE), lambda: v.many(v.maybe(v.double))),
        "lists": (array({"type": ["array", "null"], "items": string}), listed(listed(STRING)), lambda: v.many(v.maybe(lambda: v.many(v.text)))),
        "instants": (array(instant), listed(INSTANT), lambda: v.many(v.instant)),
        "lines": (array({**object_(sku=string, price=cents, sizes=array(number)), "type": ["object", "null"]}),
                  listed(struct(sku=STRING, price=decimal(2), sizes=listed(DOUBLE))),
                  lambda: v.many(v.maybe(lambda: v.named(("sku", v.text), ("price", v.cents), ("sizes", lambda: v.many(v.double)))))),
        "tuple": ({"type": "array", "prefixItems": [integer, string]}, JSON, lambda: "[" + v.integer() + "," + v.text() + "]"),
        "any_list": ({"type": "array"}, JSON, lambda: v.many(v.anything)),
        "place": (object_(street=string, at=instant, inner=object_(n=number, b=boolean)), struct(street=STRING, at=INSTANT, inner=struct(n=DOUBLE, b=BOOL)),
                  lambda: v.named(("street", v.text), ("at", v.instant), ("inner", lambda: v.named(("n", v.double), ("b", v.boolean))))),
        "labels": ({"type": "object", "additionalProperties": integer}, mapped(INT64), lambda: v.dictionary(v.integer)),
        "nested_map": ({"type": "object", "additionalProperties": array({"type": ["integer", "null"]})}, mapped(listed(INT64)),
                       lambda: v.dictionary(lambda: v.many(v.maybe(v.integer)))),
        "map_of_structs": ({"type": "object", "additionalProperties": object_(x=integer, d=date)}, mapped(struct(x=INT64, d=DATE)),
                           lambda: v.dictionary(lambda: v.named(("x", v.integer), ("d", v.date)))),
        "by_pattern": ({"type": "object", "patternProperties": {"^k_": number}, "additionalProperties": False}, mapped(DOUBLE),
                       lambda: v.dictionary(v.double, "k_")),
        "open": ({**object_(x=integer), "additionalProperties": True}, ("struct", {"x": INT64, EXTRA: JSON}),
                 lambda: v.named(("x", v.integer), ("y", v.anything), ("z w", v.anything), ("é", v.double))),
        "half_open": ({**object_(x=integer), "patternProperties": {"^n_": number}}, ("struct", {"x": INT64, EXTRA: JSON}),
                      lambda: v.named(("x", v.integer), ("n_a", v.double), ("n_b", lambda: "1.50"))),
        "color": ({"enum": ["red", "green", "é", None]}, STRING, lambda: v.pick(['"red"', '"green"', '"\\u00e9"', "null"])),
        "constant": ({"const": "only"}, STRING, lambda: '"only"'),
        "nullable": ({"type": ["integer", "null"]}, INT64, v.maybe(v.integer)),
        "nullable_at": ({"oneOf": [instant, {"type": "null"}]}, INSTANT, v.maybe(v.instant)),
        "same": ({"oneOf": [{"type": "string", "maxLength": 1}, {"type": "string", "minLength": 2}]}, STRING, v.text),
        "wider": ({"anyOf": [integer, number]}, DOUBLE, v.double),
        "shape": ({"oneOf": shapes}, ("struct", {"kind": STRING, "size": DOUBLE, "label": STRING}), lambda: v.pick([circle, square])()),
        "either": ({"oneOf": [object_(a=integer) | {"required": ["a"]}, object_(b=string) | {"required": ["b"]}]}, JSON,
                   lambda: v.pick(['{"a":1.0}', '{"b":"\\u0041"}'])),
        "mixed": ({"type": ["string", "integer"]}, JSON, lambda: v.pick([v.text, v.integer])()),
        "tree": ({"$ref": "#/$defs/tree"}, struct(v=INT64, children=listed(JSON)), tree),
        "combined": ({"type": "object", "allOf": [{"properties": {"x": integer}}, {"$ref": "#/$defs/y"}], "if": {"required": ["x"]},
                      "then": {"properties": {"z": boolean}}}, struct(x=INT64, y=STRING, z=BOOL),
                     lambda: '{"x":' + v.integer() + ',"z":' + v.boolean() + "}" if v.random.random() < 0.5 else v.named(("y", v.text))),
        "anything": ({}, JSON, v.anything),
        "all": (True, JSON, v.anything),
        "bare": ({"type": "object"}, JSON, lambda: v.pick(['{}', '{"b":1.0,"a":[1e2]}'])),
        "nothing": ({"type": "null"}, JSON, lambda: "null"),
    }


DEFS = {
    "tree": {"type": "object", "properties": {"v": {"type": "integer"}, "children": {"type": "array", "items": {"$ref": "#/$defs/tree"}}}},
    "y": {"properties": {"y": {"type": "string"}}},
}
# Bounds with more digits than a float has.
LITERALS = {'"BIG_LOW"': "-" + "9" * 38, '"BIG_HIGH"': "9" * 38, '"FINE_LOW"': "-9." + "9" * 37, '"FINE_HIGH"': "9." + "9" * 37}
# An event's member that no table may hold, and why it is turned away.
REJECTED = [
    ('"whole":9223372036854775808', "dh:range"), ('"whole":-9223372036854775809', "dh:range"), ('"whole":1e19', "dh:range"),
    ('"whole":1.5', "/type"), ('"whole":"1"', "/type"), ('"small":2147483648', "dh:range"), ('"small":-2147483649', "dh:range"),
    ('"number":1e400', "dh:number"), ('"number":-1e309', "dh:number"), ('"number":9007199254740993', "dh:number"), ('"list":[1,9223372036854775808]', "dh:range"),
    ('"number":9007199254740993.0', "dh:number"), ('"number":9.007199254740993e15', "dh:number"), ('"number":90071992547409930e-1', "dh:number"),
    ('"number":9007199254740992.5', "dh:number"), ('"number":1e-400', "dh:number"), ('"at":"0001-01-01T00:00:00+01:00"', "dh:time"),
    ('"at":"0000-12-31T23:59:59Z"', "dh:time"), ('"at":"9999-12-31T23:59:59.999999-00:01"', "dh:time"), ('"day":"0000-12-31"', "dh:time"),
    ('"wider":9007199254740993', "dh:number"), ('"cents":0.001', "/multipleOf"), ('"cents":1e10', "/maximum"), ('"big":1e38', "/maximum"),
    ('"fine":1e-38', "/multipleOf"), ('"at":"2026-11-21T06:01:02"', "/format"), ('"at":"2026-02-30T06:01:02Z"', "/format"),
    ('"at":"2026-11-21T06:01:60Z"', "/format"), ('"at":"2026-11-21 06:01:02Z"', "/format"), ('"day":"2026-02-29"', "/format"), ('"day":"26-01-01"', "/format"),
    ('"uid":"3e628a05"', "/format"), ('"text":"a","text":"a"', "dh:json"), ('"place":{"street":"a","\\u0073treet":"b"}', "dh:json"),
    ('"labels":{"a":1,"a":2}', "dh:json"), ('"anything":{"a":1,"a":2}', "dh:json"), ('"text":"\\ud800"', "dh:json"), ('"anything":["\\udc00"]', "dh:json"),
    ('"\\ud83d":1', "dh:json"), ('"text":"\xff"', "dh:json"), ('"more":1', "dh:strict"), ('"place":{"more":1}', "dh:strict"), ('"flag":0', "/type"),
    ('"number":01', "dh:json"), ('"number":NaN', "dh:json"), ('"color":"blue"', "/enum"), ('"constant":"other"', "/const"), ('"text":null', "/type"),
]
