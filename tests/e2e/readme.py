"""Runs the commands that README.md shows, in the order shown, as a user would paste them."""

import os
import pathlib
import re
import subprocess
import sys

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
        for line in commands:
            command = re.sub(r"\s+#\s.*$", "", line)
            if command.startswith("cd "):
                folder = folder / command[3:]
                continue
            process = subprocess.run(["sh", "-c", command], cwd=folder, env={**os.environ, "PATH": path},
                                     capture_output=True, text=True, timeout=120)
            print(f"$ {command}\n{process.stdout}{process.stderr}", end="")
            if process.returncode != 0 or (not process.stdout and not process.stderr):
                failed += 1
                print(f"FAILED with {process.returncode}: {command}")
    print(f"{len(commands) - failed} passed, {failed} failed")
    return 1 if failed or not commands else 0


if __name__ == "__main__":
    sys.exit(main())
