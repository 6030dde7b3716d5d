"""Schemas, and events that satisfy them, of the kinds that people send: events, rows of a changed table, configuration. From a
seed; one event of each kind is spoiled in as many ways as it has members, for what is refused."""

import copy
import json
import random

DRAFT_7 = "http://json-schema.org/draft-07/schema#"
DRAFT_2020 = "https://json-schema.org/draft/2020-12/schema"
WORDS = ("amber basil cedar delta ember flint grove harbor indigo jasper kelp lumen maple north olive pearl quartz river stone "
         "tidal umber vale willow yarrow zinc").split()


class Maker:
    def __init__(self, seed):
        self.random = random.Random(seed)

    def word(self):
        return self.random.choice(WORDS)

    def words(self, low, high):
        return " ".join(self.word() for _ in range(self.random.randint(low, high)))

    def hex(self, size):
        return f"{self.random.getrandbits(size * 4):0{size}x}"

    def uuid(self):
        text = self.hex(32)
        return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))

    def time(self):
        r = self.random
        return f"2026-{r.randint(1, 12):02}-{r.randint(1, 28):02}T{r.randint(0, 23):02}:{r.randint(0, 59):02}:{r.randint(0, 59):02}.{r.randint(0, 999):03}Z"

    def date(self):
        return self.time()[:10]

    def email(self):
        return f"{self.word()}.{self.word()}@{self.word()}.example"

    def url(self):
        return f"https://{self.word()}.example/{self.word()}/{self.word()}?{self.word()}={self.random.randint(1, 9999)}"

    def whole(self, low, high):
        return self.random.randint(low, high)

    def decimal(self, low, high):
        return round(self.random.uniform(low, high), 2)

    def flag(self):
        return self.random.random() < 0.5

    def pick(self, *values):
        return self.random.choice(values)


def obj(properties, required=(), **more):
    return {"type": "object", "properties": properties, **({"required": list(required)} if required else {}), **more}


TEXT, INTEGER, NUMBER, BOOLEAN = {"type": "string"}, {"type": "integer"}, {"type": "number"}, {"type": "boolean"}
TIME = {"type": "string", "format": "date-time"}
UUID = {"type": "string", "format": "uuid"}


def user(m):
    schema = {"$schema": DRAFT_7, **obj({
        "eid": UUID, "documentNumber": {"type": "string", "minLength": 11, "maxLength": 11}, "name": {"type": "string", "minLength": 1},
        "age": {"type": "integer", "minimum": 0, "maximum": 150},
        "address": obj({"street": TEXT, "number": {"type": "integer", "minimum": 1}, "mailAddress": BOOLEAN}, ["street", "number", "mailAddress"]),
        "created_at": TIME}, ["eid", "documentNumber", "name", "age", "address", "created_at"])}
    return schema, lambda: {
        "eid": m.uuid(), "documentNumber": str(m.whole(10**10, 10**11 - 1)), "name": m.words(2, 3).title(), "age": m.whole(18, 90),
        "address": {"street": m.words(2, 3), "number": m.whole(1, 9999), "mailAddress": m.flag()}, "created_at": m.time()}


def page_view(m):
    schema = {"$schema": DRAFT_2020, **obj({
        "event_id": UUID, "session_id": {"type": "string", "pattern": "^[0-9a-f]{32}$"}, "user_id": {"type": ["string", "null"]},
        "occurred_at": TIME, "received_at": TIME, "url": {"type": "string", "maxLength": 2048}, "referrer": {"type": ["string", "null"]},
        "title": {"type": "string", "maxLength": 300}, "device": {"enum": ["phone", "tablet", "desktop", "tv"]},
        "browser": TEXT, "language": {"type": "string", "pattern": "^[a-z]{2}(-[A-Z]{2})?$"}, "country": {"type": "string", "minLength": 2, "maxLength": 2},
        "width": {"type": "integer", "minimum": 0, "maximum": 20000}, "height": {"type": "integer", "minimum": 0, "maximum": 20000},
        "load_ms": {"type": "number", "minimum": 0}, "scroll": {"type": "number", "minimum": 0, "maximum": 1}, "is_new": BOOLEAN,
        "campaign": {"type": ["string", "null"]}, "bytes": {"type": "integer", "minimum": 0}, "status": {"type": "integer", "minimum": 100, "maximum": 599}},
        ["event_id", "session_id", "occurred_at", "url", "device", "status"], additionalProperties=False)}
    return schema, lambda: {
        "event_id": m.uuid(), "session_id": m.hex(32), "user_id": m.pick(None, m.hex(12)), "occurred_at": m.time(), "received_at": m.time(),
        "url": m.url(), "referrer": m.pick(None, m.url()), "title": m.words(4, 9), "device": m.pick("phone", "tablet", "desktop", "tv"),
        "browser": m.words(5, 9), "language": m.pick("en-US", "de", "pt-BR", "fr"), "country": m.pick("US", "DE", "BR"),
        "width": m.whole(300, 4000), "height": m.whole(300, 3000), "load_ms": m.decimal(1, 4000), "scroll": m.decimal(0.01, 0.99),
        "is_new": m.flag(), "campaign": m.pick(None, m.word()), "bytes": m.whole(100, 10**7), "status": m.pick(200, 200, 304, 404)}


def order(m):
    money = obj({"amount": {"type": "number", "minimum": 0}, "currency": {"enum": ["EUR", "USD", "GBP", "BRL"]}}, ["amount", "currency"],
                additionalProperties=False)
    schema = {"$schema": DRAFT_2020, "$defs": {"money": money, "address": obj({
        "street": {"type": "string", "minLength": 1}, "city": TEXT, "zip": {"type": "string", "pattern": "^[0-9]{5}$"}, "country": {"type": "string", "maxLength": 2}},
        ["street", "city", "zip", "country"], additionalProperties=False)},
        **obj({"id": UUID, "placed_at": TIME, "customer": obj({"id": INTEGER, "email": {"type": "string", "format": "email"}, "tags": {
            "type": "array", "items": TEXT, "uniqueItems": True, "maxItems": 20}}, ["id"]),
            "ship_to": {"$ref": "#/$defs/address"}, "bill_to": {"$ref": "#/$defs/address"}, "total": {"$ref": "#/$defs/money"},
            "lines": {"type": "array", "minItems": 1, "maxItems": 200, "items": obj({
                "sku": {"type": "string", "pattern": "^[A-Z]{3}-[0-9]{4,6}$"}, "quantity": {"type": "integer", "minimum": 1, "maximum": 1000},
                "price": {"$ref": "#/$defs/money"}, "note": {"type": ["string", "null"], "maxLength": 200}, "gift": BOOLEAN}, ["sku", "quantity", "price"],
                additionalProperties=False)}},
            ["id", "placed_at", "customer", "lines", "total"], additionalProperties=False)}

    def cash():
        return {"amount": m.decimal(1, 900), "currency": m.pick("EUR", "USD", "GBP")}

    def place():
        return {"street": m.words(2, 3), "city": m.word(), "zip": f"{m.whole(0, 99999):05}", "country": m.pick("DE", "US")}
    return schema, lambda: {
        "id": m.uuid(), "placed_at": m.time(), "customer": {"id": m.whole(1, 10**9), "email": m.email(), "tags": sorted({m.word() for _ in range(4)})},
        "ship_to": place(), "bill_to": place(), "total": cash(), "lines": [{
            "sku": f"{m.word()[:3].upper()}-{m.whole(1000, 999999)}", "quantity": m.whole(1, 20), "price": cash(),
            "note": m.pick(None, m.words(2, 6)), "gift": m.flag()} for _ in range(m.whole(2, 9))]}


def cdc_row(m):
    row = obj({"id": INTEGER, "sku": TEXT, "name": {"type": "string", "maxLength": 255}, "price": {"type": "string", "pattern": r"^-?\d+\.\d{2}$"},
               "stock": {"type": "integer", "minimum": 0}, "active": BOOLEAN, "weight": {"type": ["number", "null"]}, "updated_at": INTEGER,
               "attributes": {"type": ["string", "null"]}}, ["id", "sku", "name", "price", "stock", "active", "updated_at"], additionalProperties=False)
    schema = {"$schema": DRAFT_7, "definitions": {"row": row}, **obj({
        "before": {"oneOf": [{"type": "null"}, {"$ref": "#/definitions/row"}]}, "after": {"oneOf": [{"type": "null"}, {"$ref": "#/definitions/row"}]},
        "source": obj({"version": TEXT, "connector": {"const": "postgresql"}, "name": TEXT, "ts_ms": INTEGER, "snapshot": {"enum": ["true", "false", "last"]},
                       "db": TEXT, "schema": TEXT, "table": TEXT, "txId": {"type": ["integer", "null"]}, "lsn": {"type": ["integer", "null"]}},
                      ["connector", "ts_ms", "db", "schema", "table"]),
        "op": {"enum": ["c", "u", "d", "r"]}, "ts_ms": INTEGER, "transaction": {"type": ["object", "null"]}}, ["source", "op", "ts_ms"])}

    def item():
        return {"id": m.whole(1, 10**7), "sku": m.hex(10), "name": m.words(2, 5), "price": f"{m.decimal(1, 900):.2f}", "stock": m.whole(0, 5000),
                "active": m.flag(), "weight": m.pick(None, m.decimal(0.1, 40)), "updated_at": m.whole(10**15, 2 * 10**15), "attributes": m.pick(None, m.words(3, 8))}
    return schema, lambda: {
        "before": m.pick(None, item()), "after": item(), "source": {
            "version": "3.1.0.Final", "connector": "postgresql", "name": "shop", "ts_ms": m.whole(10**12, 2 * 10**12), "snapshot": "false", "db": "shop",
            "schema": "public", "table": "products", "txId": m.whole(1, 10**6), "lsn": m.whole(1, 10**10)},
        "op": m.pick("c", "u", "u", "r"), "ts_ms": m.whole(10**12, 2 * 10**12), "transaction": None}


def account_event(m):
    def kind(name, properties, required):
        return {"allOf": [{"$ref": "#/$defs/base"}], **obj({"type": {"const": name}, "data": obj(properties, required, additionalProperties=False)}, ["type", "data"])}
    schema = {"$schema": DRAFT_2020, "$defs": {"base": obj({
        "id": UUID, "time": TIME, "source": {"type": "string", "pattern": "^/services/[a-z]+$"}, "tenant": INTEGER}, ["id", "time", "source"])},
        "oneOf": [kind("account.opened", {"name": {"type": "string", "minLength": 1}, "plan": {"enum": ["free", "team", "company"]}}, ["name", "plan"]),
                  kind("account.closed", {"reason": TEXT, "refund": NUMBER}, ["reason"]),
                  kind("member.added", {"email": {"type": "string", "format": "email"}, "role": {"enum": ["owner", "editor", "reader"]}}, ["email", "role"]),
                  kind("member.removed", {"email": {"type": "string", "format": "email"}}, ["email"]),
                  kind("invoice.paid", {"number": {"type": "string", "pattern": "^INV-[0-9]{8}$"}, "amount": {"type": "number", "exclusiveMinimum": 0},
                                        "lines": {"type": "array", "items": obj({"text": TEXT, "amount": NUMBER}, ["text", "amount"])}}, ["number", "amount"]),
                  kind("login.failed", {"ip": {"type": "string", "format": "ipv4"}, "attempt": {"type": "integer", "minimum": 1}}, ["ip", "attempt"])]}

    def data(name):
        return {"account.opened": lambda: {"name": m.words(1, 3), "plan": m.pick("free", "team")},
                "account.closed": lambda: {"reason": m.words(3, 9), "refund": m.decimal(0, 90)},
                "member.added": lambda: {"email": m.email(), "role": m.pick("owner", "reader")},
                "member.removed": lambda: {"email": m.email()},
                "invoice.paid": lambda: {"number": f"INV-{m.whole(0, 99999999):08}", "amount": m.decimal(1, 900),
                                         "lines": [{"text": m.words(2, 5), "amount": m.decimal(1, 300)} for _ in range(m.whole(1, 5))]},
                "login.failed": lambda: {"ip": f"10.{m.whole(0, 255)}.{m.whole(0, 255)}.{m.whole(1, 254)}", "attempt": m.whole(1, 9)}}[name]()

    def make():
        name = m.pick("account.opened", "account.closed", "member.added", "member.removed", "invoice.paid", "login.failed")
        return {"id": m.uuid(), "time": m.time(), "source": f"/services/{m.word()}", "tenant": m.whole(1, 10**6), "type": name, "data": data(name)}
    return schema, make


def metric(m):
    schema = {"$schema": DRAFT_2020, **obj({
        "name": {"type": "string", "pattern": "^[a-z][a-z0-9_.]*$"}, "time": INTEGER, "labels": {"type": "object", "propertyNames": {"pattern": "^[a-z_]+$"},
                                                                                             "additionalProperties": TEXT, "maxProperties": 32},
        "values": {"type": "object", "patternProperties": {"^p[0-9]+$": NUMBER, "^(min|max|mean|count)$": {"type": "number", "minimum": 0}},
                   "additionalProperties": False}}, ["name", "time", "values"])}
    return schema, lambda: {
        "name": f"{m.word()}.{m.word()}_seconds", "time": m.whole(10**9, 2 * 10**9), "labels": {w: m.word() for w in {m.word() for _ in range(6)}},
        "values": {"min": m.decimal(0, 1), "max": m.decimal(5, 9), "mean": m.decimal(1, 4), "count": m.whole(1, 10**6), "p50": m.decimal(1, 3), "p99": m.decimal(4, 9)}}


def sensor(m):
    schema = {"$schema": DRAFT_7, **obj({
        "device": {"type": "string", "minLength": 8, "maxLength": 8}, "t": INTEGER, "celsius": {"type": "number", "minimum": -90, "maximum": 90},
        "humidity": {"type": "number", "minimum": 0, "maximum": 100}, "battery": {"type": "integer", "minimum": 0, "maximum": 100}},
        ["device", "t", "celsius"], additionalProperties=False)}
    return schema, lambda: {"device": m.hex(8), "t": m.whole(10**9, 2 * 10**9), "celsius": m.decimal(-30, 45), "humidity": m.decimal(1, 99), "battery": m.whole(0, 100)}


def place_on_map(m):
    schema = {"$schema": DRAFT_7, "definitions": {"position": {"type": "array", "minItems": 2, "maxItems": 3, "items": NUMBER},
              "line": {"type": "array", "minItems": 2, "items": {"$ref": "#/definitions/position"}}},
              **obj({"type": {"const": "Feature"}, "id": {"type": ["string", "integer"]}, "properties": {"type": ["object", "null"]}, "geometry": {"oneOf": [
                  {"type": "null"}, obj({"type": {"const": "Point"}, "coordinates": {"$ref": "#/definitions/position"}}, ["type", "coordinates"]),
                  obj({"type": {"const": "LineString"}, "coordinates": {"$ref": "#/definitions/line"}}, ["type", "coordinates"]),
                  obj({"type": {"const": "Polygon"}, "coordinates": {"type": "array", "items": {"$ref": "#/definitions/line"}}}, ["type", "coordinates"])]}},
                  ["type", "properties", "geometry"])}

    def position():
        return [round(m.random.uniform(-180, 180), 6), round(m.random.uniform(-90, 90), 6)]

    def geometry():
        kind = m.pick("Point", "LineString", "Polygon")
        return {"type": kind, "coordinates": {"Point": position, "LineString": lambda: [position() for _ in range(m.whole(4, 40))],
                                              "Polygon": lambda: [[position() for _ in range(m.whole(5, 60))] for _ in range(2)]}[kind]()}
    return schema, lambda: {"type": "Feature", "id": m.whole(1, 10**6), "properties": {"name": m.words(1, 3), "height": m.whole(1, 400), "kind": m.word()},
                            "geometry": geometry()}


def deployment(m):
    name = {"type": "string", "pattern": "^[a-z0-9]([-a-z0-9]*[a-z0-9])?$", "maxLength": 63}
    labels = {"type": "object", "additionalProperties": {"type": "string", "maxLength": 63}}
    quantity = {"type": "string", "pattern": "^[0-9]+(m|Ki|Mi|Gi)?$"}
    resources = obj({k: obj({"cpu": quantity, "memory": quantity}, additionalProperties=False) for k in ("limits", "requests")}, additionalProperties=False)
    container = obj({
        "name": name, "image": {"type": "string", "minLength": 1}, "args": {"type": "array", "items": TEXT}, "resources": {"$ref": "#/definitions/resources"},
        "env": {"type": "array", "items": {"oneOf": [
            obj({"name": {"$ref": "#/definitions/variable"}, "value": TEXT}, ["name", "value"], additionalProperties=False),
            obj({"name": {"$ref": "#/definitions/variable"}, "valueFrom": obj({"secret": TEXT, "key": TEXT}, ["secret", "key"])}, ["name", "valueFrom"],
                additionalProperties=False)]}},
        "ports": {"type": "array", "items": obj({"containerPort": {"type": "integer", "minimum": 1, "maximum": 65535},
                                                 "protocol": {"enum": ["TCP", "UDP"]}}, ["containerPort"], additionalProperties=False)}},
        ["name", "image"], additionalProperties=False)
    schema = {"$schema": DRAFT_7, "definitions": {"resources": resources, "container": container, "variable": {"type": "string", "pattern": "^[A-Z_][A-Z0-9_]*$"},
                                                  "metadata": obj({"name": name, "namespace": name, "labels": labels, "annotations": labels}, ["name"])},
              **obj({"apiVersion": {"const": "apps/v1"}, "kind": {"const": "Deployment"}, "metadata": {"$ref": "#/definitions/metadata"},
                     "spec": obj({"replicas": {"type": "integer", "minimum": 0}, "selector": obj({"matchLabels": labels}), "template": obj({
                         "metadata": {"$ref": "#/definitions/metadata"}, "spec": obj({"containers": {
                             "type": "array", "minItems": 1, "items": {"$ref": "#/definitions/container"}}}, ["containers"])}, ["spec"])}, ["template"])},
                    ["apiVersion", "kind", "metadata", "spec"], additionalProperties=False)}

    def make_container():
        return {"name": m.word(), "image": f"registry.example/{m.word()}:{m.whole(1, 9)}.{m.whole(0, 20)}", "args": [f"--{m.word()}={m.word()}" for _ in range(4)],
                "env": [m.pick({"name": m.word().upper(), "value": m.words(1, 3)}, {"name": m.word().upper(), "valueFrom": {"secret": m.word(), "key": m.word()}})
                        for _ in range(m.whole(4, 12))],
                "ports": [{"containerPort": m.whole(80, 9999), "protocol": "TCP"} for _ in range(2)],
                "resources": {"limits": {"cpu": f"{m.whole(100, 900)}m", "memory": f"{m.whole(1, 9)}Gi"}, "requests": {"cpu": "100m", "memory": "512Mi"}}}

    def meta():
        return {"name": m.word(), "namespace": m.word(), "labels": {m.word(): m.word() for _ in range(3)}}
    return schema, lambda: {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": meta(), "spec": {
        "replicas": m.whole(1, 9), "selector": {"matchLabels": {"app": m.word()}}, "template": {
            "metadata": meta(), "spec": {"containers": [make_container() for _ in range(m.whole(2, 6))]}}}}


def build_steps(m):
    commands = {"anyOf": [TEXT, {"type": "array", "items": {"anyOf": [TEXT, {"type": "array", "items": TEXT}]}}]}
    job = obj({"stage": TEXT, "image": {"anyOf": [TEXT, obj({"name": {"type": "string", "minLength": 1}, "entrypoint": {"type": "array", "items": TEXT}}, ["name"],
                                                            additionalProperties=False)]},
               "script": commands, "before_script": commands, "needs": {"type": "array", "items": {"anyOf": [TEXT, obj({"job": TEXT, "artifacts": BOOLEAN}, ["job"])]}},
               "when": {"enum": ["always", "manual", "on_success", "on_failure"]}, "timeout": {"anyOf": [{"type": "integer", "minimum": 1}, {"type": "string", "pattern": "^[0-9]+[smh]$"}]},
               "retry": {"oneOf": [{"type": "integer", "minimum": 0, "maximum": 2}, obj({"max": {"type": "integer", "minimum": 0, "maximum": 2}, "when": TEXT})]},
               "variables": {"type": "object", "additionalProperties": {"type": ["string", "integer", "boolean"]}}}, ["script"], additionalProperties=False)
    schema = {"$schema": DRAFT_7, "definitions": {"job": job}, **obj({"stages": {"type": "array", "items": TEXT, "uniqueItems": True}},
              patternProperties={"^(?!stages$)[a-z][a-z0-9-]*$": {"$ref": "#/definitions/job"}}, additionalProperties=False)}

    def make_job():
        return {"stage": m.pick("build", "test", "ship"), "image": m.pick(f"{m.word()}:latest", {"name": m.word(), "entrypoint": ["/bin/sh", "-c"]}),
                "script": m.pick(m.words(2, 5), [m.words(2, 6) for _ in range(m.whole(1, 5))]), "needs": [m.pick(m.word(), {"job": m.word(), "artifacts": True})],
                "when": m.pick("always", "manual"), "timeout": m.pick(600, "10m"), "retry": m.pick(1, {"max": 2}),
                "variables": {m.word().upper(): m.pick(m.word(), 7, True) for _ in range(4)}}
    return schema, lambda: {"stages": ["build", "test", "ship"], **{f"{w}-job": make_job() for w in {m.word() for _ in range(m.whole(4, 10))}}}


def manifest(m):
    version = {"type": "string", "pattern": r"^[~^]?\d+\.\d+\.\d+$"}
    dependencies = {"type": "object", "propertyNames": {"pattern": "^(@[a-z0-9-]+/)?[a-z0-9-]+$"}, "additionalProperties": version}
    person = {"oneOf": [TEXT, obj({"name": TEXT, "email": {"type": "string", "format": "email"}}, ["name"])]}
    schema = {"$schema": DRAFT_2020, "$defs": {"dependencies": dependencies, "person": person}, **obj({
        "name": {"type": "string", "maxLength": 214, "pattern": "^[a-z0-9-]+$"}, "version": version, "private": BOOLEAN, "author": {"$ref": "#/$defs/person"},
        "contributors": {"type": "array", "items": {"$ref": "#/$defs/person"}}, "keywords": {"type": "array", "items": TEXT},
        "scripts": {"type": "object", "additionalProperties": TEXT}, "dependencies": {"$ref": "#/$defs/dependencies"},
        "devDependencies": {"$ref": "#/$defs/dependencies"}, "files": {"type": "array", "items": TEXT},
        "repository": {"anyOf": [TEXT, obj({"type": TEXT, "url": {"type": "string", "format": "uri"}}, ["type", "url"])]}},
        ["name", "version"], patternProperties={"^x-": True})}

    def versions(count):
        return {w: f"^{m.whole(0, 20)}.{m.whole(0, 20)}.{m.whole(0, 20)}" for w in {f"{m.word()}-{m.word()}" for _ in range(count)}}
    return schema, lambda: {
        "name": f"{m.word()}-{m.word()}", "version": "1.2.3", "private": m.flag(), "author": m.pick(m.words(2, 2), {"name": m.words(2, 2), "email": m.email()}),
        "contributors": [m.pick(m.words(2, 2), {"name": m.words(2, 2), "email": m.email()}) for _ in range(5)], "keywords": [m.word() for _ in range(8)],
        "scripts": {m.word(): m.words(2, 6) for _ in range(8)}, "dependencies": versions(15), "devDependencies": versions(15), "files": [m.word() for _ in range(4)],
        "repository": m.pick(m.url(), {"type": "git", "url": m.url()}), "x-build": {"cache": m.flag(), "steps": [m.word() for _ in range(5)]}}


def service_map(m):
    base = obj({"name": {"type": "string", "minLength": 1}, "owner": {"type": "string", "format": "email"}, "tier": {"type": "integer", "minimum": 0, "maximum": 4}}, ["name", "owner"])
    schema = {"$schema": DRAFT_2020, "$defs": {"base": base, "service": {
        "allOf": [{"$ref": "#/$defs/base"}], **obj({
            "kind": {"enum": ["http", "worker", "cron"]}, "port": {"type": "integer", "minimum": 1, "maximum": 65535}, "schedule": TEXT, "replicas": {"type": "integer", "minimum": 0},
            "depends_on": {"type": "array", "items": TEXT, "uniqueItems": True}, "alerts": {"type": "array", "items": obj({
                "name": TEXT, "above": NUMBER, "below": NUMBER, "for": {"type": "string", "pattern": "^[0-9]+[smh]$"}}, ["name", "for"],
                anyOf=[{"required": ["above"]}, {"required": ["below"]}])},
            "settings": {"type": "object", "additionalProperties": {"type": ["string", "number", "boolean"]}}}, ["kind"]),
        "if": {"properties": {"kind": {"const": "http"}}}, "then": {"required": ["port"]},
        "dependentRequired": {"schedule": ["replicas"]}, "unevaluatedProperties": False}},
        **obj({"version": {"const": 2}, "services": {"type": "array", "minItems": 1, "items": {"$ref": "#/$defs/service"}}}, ["version", "services"], additionalProperties=False)}

    def service():
        kind = m.pick("http", "worker", "cron")
        out = {"name": m.words(1, 2), "owner": m.email(), "tier": m.whole(0, 4), "kind": kind, "replicas": m.whole(1, 9), "depends_on": sorted({m.word() for _ in range(5)}),
               "alerts": [{"name": m.words(1, 3), m.pick("above", "below"): m.decimal(0, 99), "for": f"{m.whole(1, 30)}m"} for _ in range(3)],
               "settings": {m.word(): m.pick(m.word(), 1.5, 7, True) for _ in range(8)}}
        if kind == "http":
            out["port"] = m.whole(80, 9000)
        if kind == "cron":
            out["schedule"] = "*/5 * * * *"
        return out
    return schema, lambda: {"version": 2, "services": [service() for _ in range(80)]}


def log_line(m):
    schema = {"$schema": DRAFT_2020, **obj({
        "ts": TIME, "level": {"enum": ["debug", "info", "warn", "error"]}, "service": TEXT, "message": TEXT, "trace": {"type": "string", "pattern": "^[0-9a-f]{16}$"},
        "duration_ms": {"type": "number", "minimum": 0}, "error": obj({"kind": TEXT, "stack": {"type": "array", "items": TEXT}}, ["kind"]),
        "http": obj({"method": {"enum": ["GET", "POST", "PUT", "DELETE"]}, "path": TEXT, "status": {"type": "integer", "minimum": 100, "maximum": 599}}, ["method", "path"])},
        ["ts", "level", "service", "message"]), "if": {"properties": {"level": {"const": "error"}}}, "then": {"required": ["error"]},
        "dependentRequired": {"http": ["trace"]}}

    def make():
        level = m.pick("debug", "info", "warn", "error")
        out = {"ts": m.time(), "level": level, "service": m.word(), "message": m.words(5, 20), "trace": m.hex(16), "duration_ms": m.decimal(0, 900)}
        if level == "error":
            out["error"] = {"kind": m.word(), "stack": [m.words(4, 8) for _ in range(5)]}
        if m.flag():
            out["http"] = {"method": "GET", "path": f"/{m.word()}/{m.word()}", "status": 200}
        return out
    return schema, make


SETS = (user, page_view, order, cdc_row, account_event, metric, sensor, place_on_map, deployment, build_steps, manifest, service_map, log_line)
FLAT = "page_view"  # what columns are measured on


def spoiled(m, event):
    """The event with one thing wrong, or at least odd: some stay valid where the schema is open."""
    event = copy.deepcopy(event)
    at = event
    while True:
        key = m.random.choice(list(at) if isinstance(at, dict) else range(len(at)))
        inner = at[key]
        if isinstance(inner, (dict, list)) and inner and m.random.random() < 0.7:
            at = inner
            continue
        way = m.random.randrange(3)
        if way == 0 or isinstance(at, list):
            at[key] = {"what": 1} if isinstance(inner, str) else "what"
        elif way == 1:
            del at[key]
        else:
            at["Unknown Key"] = 1
        return event


def write(folder, seed=7):
    """Writes <name>.schema.json, <name>.ndjson (valid) and <name>.spoiled.ndjson; gives the names."""
    folder.mkdir(parents=True, exist_ok=True)
    for kind in SETS:
        m = Maker(f"{seed} {kind.__name__}")
        schema, make = kind(m)
        count = 8 if kind is service_map else 200
        events = [make() for _ in range(count)]
        (folder / f"{kind.__name__}.schema.json").write_text(json.dumps(schema))
        dump = lambda event: json.dumps(event, separators=(",", ":"), ensure_ascii=False) + "\n"  # noqa: E731
        (folder / f"{kind.__name__}.ndjson").write_text("".join(map(dump, events)))
        (folder / f"{kind.__name__}.spoiled.ndjson").write_text("".join(dump(spoiled(m, event)) for event in events))
    return [kind.__name__ for kind in SETS]
