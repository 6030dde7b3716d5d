"""Schemathesis against a running server: what the OpenAPI document says is what happens, for input that fits it and for
input that does not."""

import pathlib
import subprocess
import sys

import harness
from server import Server, with_http

TOKEN = "token-of-an-admin-0123456789"
SERVE = f"""\
serve:
  query: {{time: 2s, memory: 256MiB, answer: 1MiB}}
  tokens: [{{name: admin, token: {TOKEN}, roles: [admin]}}]
"""
# Names that are there; SQL is a language of its own, so hardly any text that fits the schema is taken.
CONFIG = f"""\
headers = {{ Authorization = "Bearer {TOKEN}" }}
continue-on-failure = true

[parameters]
"path.source" = "web"
"path.table" = "users"
"path.pipeline" = "users"

[[operations]]
include-name = "POST /v1/sql"
checks.positive_data_acceptance.enabled = false

[[operations]]
include-name = "POST /v1/events/{{source}}"
# 422: a key of an earlier request with another body
checks.positive_data_acceptance.expected-statuses = ["2xx", "401", "403", "404", "409", "422", "429", "5xx"]
"""


def main(schemathesis, examples="40", seed="1"):
    if not pathlib.Path(schemathesis).exists():
        print(f"{schemathesis} is not there; ./dev test-all fetches it")
        return 1
    with harness.Scratch() as scratch:
        project = with_http(harness.Project(scratch / "project", records=300, files=1))
        with open(project.folder / "datahub.yaml", "a") as out:
            out.write(SERVE)
        (scratch / "schemathesis.toml").write_text(CONFIG)
        project.run("run")
        server = Server(project)
        done = subprocess.run([schemathesis, "run", f"http://127.0.0.1:{server.port}/openapi.json", "--no-color",
                               "--max-examples", examples, "--seed", seed], cwd=scratch)
        said = server.said()
        if server.process.poll() is not None or "ended with" in said or TOKEN in said:
            print("the server:", server.process.poll(), said)
            return 1
        if server.stop() != 0:
            print("the server did not end well")
            return 1
    return done.returncode


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
