"""Runs the commands that README.md and docs/contracts.md show, in the order shown, as a user would paste them, beside the files that
they show. A command's comment says which exit code it ends with, if not 0."""

import os
import pathlib
import re
import signal
import subprocess
import sys
import time

import harness

ROOT = pathlib.Path(__file__).resolve().parents[2]


DOCUMENTS = ("README.md", "docs/contracts.md")


def steps(text):
    """(file, its text) and (None, command), in order."""
    for file, block in re.findall(r"<!-- (?:run by|written by) tests/e2e/readme\.py(?:: (\S+))? -->\n```\w+\n(.*?)```", text, re.DOTALL):
        if file:
            yield file, block
        else:
            yield from ((None, line) for line in block.splitlines() if line.strip() and not line.startswith("#"))


def run(document, scratch):
    """How many commands there are, and how many fail."""
    commands = failed = 0
    path = f"{pathlib.Path(harness.DATAHUB).parent}:{os.environ['PATH']}"
    folder = scratch
    server = None
    for file, text in steps((ROOT / document).read_text()):
        if file:
            (scratch / file).parent.mkdir(parents=True, exist_ok=True)
            (scratch / file).write_text(text)
            continue
        commands += 1
        command, _, comment = re.fullmatch(r"(.*?)(\s+#\s(.*))?", text).groups(default="")
        wanted = int((re.search(r"exit code (\d+)", comment) or ["", "0"])[1])
        if command.startswith("datahub serve"):
            log = open(scratch / "serve.log", "w+")
            server = subprocess.Popen([harness.DATAHUB, "serve", "--listen", "127.0.0.1:0"], cwd=folder, stderr=log)
            while "http://" not in (scratch / "serve.log").read_text() and server.poll() is None:
                time.sleep(0.01)
            address = re.search(r"http://(\S+)", (scratch / "serve.log").read_text())[1]
            continue
        if server:
            command = command.replace("127.0.0.1:8080", address)
        if command.startswith("cd "):
            folder = folder / command[3:]
            continue
        process = subprocess.run(["sh", "-c", command], cwd=folder, env={**os.environ, "PATH": path},
                                 capture_output=True, text=True, timeout=120)
        print(f"$ {command}\n{process.stdout}{process.stderr}", end="")
        if process.returncode != wanted or (not process.stdout and not process.stderr):
            failed += 1
            print(f"FAILED with {process.returncode}: {command}")
    if server:
        server.send_signal(signal.SIGTERM)
        failed += server.wait(60) != 0
    return commands, failed


def main():
    all_failed = 0
    for document in DOCUMENTS:
        with harness.Scratch() as scratch:
            commands, failed = run(document, scratch)
        all_failed += failed + (not commands)
        print(f"{document}: {commands - failed} passed, {failed} failed")
    return 1 if all_failed else 0


if __name__ == "__main__":
    sys.exit(main())
