"""Servers that are killed, or told to end, under load. What was acknowledged is there, once."""

import argparse
import os
import random
import subprocess
import sys
import threading
import time

import harness
from scenarios import SHIM, UNDO
from server import Client, Journal, Server, with_http

CLIENTS = 6
SECONDS_MAX = 0.3


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=100)
    parser.add_argument("--forgetful", action="store_true")
    parser.add_argument("--terminate", action="store_true", help="SIGTERM instead of SIGKILL")
    options = parser.parse_args()
    seed = harness.seed()
    rng = random.Random(seed)
    journal = Journal(seed)
    with harness.Scratch(in_memory=True) as scratch:
        project = with_http(harness.Project(scratch / "project", records=300, files=1, flush_rows=2000))
        shim = {}
        if options.forgetful:
            shim = {"LD_PRELOAD": str(SHIM), "FORGETFUL_ROOT": str(project.folder), "FORGETFUL_JOURNAL": str(scratch / "journal")}
        for number in range(options.rounds):
            server = Server(project, env=shim)
            ending = threading.Event()
            clients = [Client(server, journal, ending) for _ in range(CLIENTS)]
            for client in clients:
                client.start()
            time.sleep(rng.random() * SECONDS_MAX)
            if options.terminate:
                code = server.stop()
                if code != 0:
                    raise AssertionError(f"round {number}: ended with {code}\n{server.said()}")
            else:
                server.kill()
            ending.set()
            for client in clients:
                client.join(60)
            if options.forgetful:
                subprocess.run([UNDO, str(project.folder), str(scratch / "journal")], check=True, stdout=subprocess.DEVNULL)
                os.remove(scratch / "journal")
        server = Server(project)
        code = server.stop()
        if code != 0:
            raise AssertionError(f"the last one ended with {code}\n{server.said()}")
        journal.expect_in(project)
        result = project.compare()
        print(f"{options.rounds} rounds, {len(journal.sent)} events sent, {len(journal.acknowledged)} acknowledged")
        print(" ".join(f"{name} {count}" for name, count in result.items()))
        if not harness.all_zero(result) or not journal.acknowledged:
            print("FAILED")
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
