"""Runs the commands that README.md shows, in the order shown, as a user would paste them."""

import os
import pathlib
import re
import signal
import subprocess
import sys
import time

import harness

ROOT = pathlib.Path(__file__).resolve().parents[2]


def blocks(text):
    return re.findall(r"<!-- run by tests/e2e/readme\.py -->\n```sh\n(.*?)```", text, re.DOTALL)


def main():
    commands = [line for block in blocks((ROOT / "README.md").read_text()) for line in block.splitlines()
                if line.strip() and not line.startswith("#")]
    failed = 0
    with harness.Scratch() as scratch:
        path = f"{pathlib.Path(harness.DATAHUB).parent}:{os.environ['PATH']}"
        folder = scratch
        server = None
        for line in commands:
            command = re.sub(r"\s+#\s.*$", "", line)
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
            if process.returncode != 0 or (not process.stdout and not process.stderr):
                failed += 1
                print(f"FAILED with {process.returncode}: {command}")
        if server:
            server.send_signal(signal.SIGTERM)
            failed += server.wait(60) != 0
    print(f"{len(commands) - failed} passed, {failed} failed")
    return 1 if failed or not commands else 0


if __name__ == "__main__":
    sys.exit(main())
