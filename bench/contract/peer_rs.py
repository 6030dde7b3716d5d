"""python peer_rs.py schema events spoiled: nanoseconds of this thread's CPU an event of jsonschema-rs with orjson, one process,
warm."""

import json
import statistics
import sys
import time

import jsonschema_rs
import orjson

schema_path, events_path, spoiled_path = sys.argv[1:4]
with open(schema_path) as file:
    validator = jsonschema_rs.validator_for(json.load(file), validate_formats=True)


def lines(path):
    with open(path, "rb") as file:
        return file.read().splitlines()


def seconds(events, passes, is_valid=validator.is_valid, loads=orjson.loads):
    begin = time.thread_time()
    for _ in range(passes):
        for line in events:
            is_valid(loads(line))
    return time.thread_time() - begin


events = lines(events_path)
passes = 1
while seconds(events, passes) < 0.2:
    passes *= 2
rounds = [seconds(events, passes) / passes for _ in range(7)]
print(json.dumps({"ns": statistics.median(rounds) * 1e9 / len(events),
                  "valid_of_good": sum(validator.is_valid(orjson.loads(line)) for line in events),
                  "valid": sum(validator.is_valid(orjson.loads(line)) for line in lines(spoiled_path))}))
