"""A server under test: started on a port of the system's choosing, and a client that remembers what it was told."""

import atexit
import gzip
import http.client
import json
import os
import pathlib
import random
import re
import signal
import subprocess
import threading
import time

import harness

START_SECONDS = 30


def with_http(project):
    """The project takes posts too, and flushes often."""
    path = project.folder / "datahub.yaml"
    text = path.read_text().replace("sources:\n", "sources:\n  web: {kind: http}\n").replace("from: [inbox]", "from: [inbox, web]")
    path.write_text(text.replace("flush: {rows:", "flush: {age: 200ms, rows:"))
    return project


class Server:
    living = set()

    def __init__(self, project, *args, env=None, preexec_fn=None):
        self.project = project
        self.log = open(project.folder / "serve.log", "a+")
        self.log.seek(0, os.SEEK_END)
        begin = self.log.tell()
        self.process = subprocess.Popen([harness.DATAHUB, "-C", str(project.folder), "serve", "--listen", "127.0.0.1:0", *args],
                                        stdout=subprocess.DEVNULL, stderr=self.log, env={**os.environ, **(env or {})},
                                        preexec_fn=preexec_fn)
        Server.living.add(self.process)
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            self.log.seek(begin)
            said = self.log.read()
            found = re.search(r"http://127\.0\.0\.1:(\d+)", said)
            if found:
                self.port = int(found[1])
                return
            if self.process.poll() is not None:
                raise AssertionError(f"serve ended with {self.process.returncode}: {said}")
            time.sleep(0.005)
        self.kill()
        raise AssertionError(f"serve did not say where it listens: {said}")

    @staticmethod
    @atexit.register
    def end_all():
        """What a check that failed left running."""
        for process in Server.living:
            if process.poll() is None:
                process.kill()
                process.wait()
        Server.living.clear()

    def said(self):
        return (self.project.folder / "serve.log").read_text()

    def connect(self, timeout=30):
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)

    def request(self, method, target, body=None, headers=None):
        connection = self.connect()
        try:
            connection.request(method, target, body, headers or {})
            answer = connection.getresponse()
            return answer.status, answer.read(), answer.headers
        finally:
            connection.close()

    def post(self, body, query="", source="web", **headers):
        status, answer, _ = self.request("POST", f"/v1/events/{source}{query}", body, {k.replace("_", "-"): v for k, v in headers.items()})
        return status, json.loads(answer)

    def status(self):
        return json.loads(self.request("GET", "/v1/status")[1])

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.log.close()

    def stop(self, timeout=60):
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(timeout)
        self.log.close()
        return code


class Journal:
    """What was sent, and what was acknowledged: the oracle of what must be there."""

    def __init__(self, seed):
        self.rng = random.Random(seed)
        self.lock = threading.Lock()
        self.sent = {}  # key -> record; a bad one under its line
        self.acknowledged = set()
        self.posts = 0
        self.unanswered = []  # posts with an Idempotency-Key: to be repeated until they are answered

    def events(self, count):
        """New ones: (key, line)."""
        with self.lock:
            made = []
            for _ in range(count):
                eid = f"{self.rng.getrandbits(64):016x}"
                record = {"eid": eid, "age": self.rng.randrange(150),
                          "created_at": f"2026-01-{self.rng.randrange(1, 4):02}T{self.rng.randrange(24):02}:00:00Z"}
                key = eid
                if self.rng.random() < 0.03:
                    record["age"] = -1
                    key = json.dumps(record)
                self.sent[key] = record
                made.append((key, json.dumps(record)))
            return made, self.rng.random(), self.rng.random()

    def acknowledge(self, made):
        with self.lock:
            self.acknowledged.update(key for key, _ in made)
            self.posts += 1

    def expect_in(self, project):
        """What a project must hold: all that was acknowledged, and of the rest what did land."""
        landed = {row["eid"] for row in project.rows("query", "SELECT eid FROM users WHERE dh_source = 'web'")}
        for row in project.rows("query", "SELECT decode(raw) AS line FROM users_quarantine WHERE dh_source = 'web'") \
                if "users_quarantine" in {row["table"] for row in project.rows("ls")} else []:
            landed.add(row["line"])
        for key, record in self.sent.items():
            if key not in self.acknowledged and key not in landed:
                continue
            if key == record["eid"]:
                project.good[key] = record
            else:
                project.bad[key] = 1


class Client(threading.Thread):
    """Posts until it is told to end or the server goes away."""

    def __init__(self, server, journal, ending):
        super().__init__(daemon=True)
        self.server, self.journal, self.ending = server, journal, ending
        self.refused = 0

    def run(self):
        connection = self.server.connect()
        post = None
        try:
            while not self.ending.is_set():
                with self.journal.lock:
                    post = self.journal.unanswered.pop() if self.journal.unanswered else None
                post = post or self.make()
                made, target, body, headers = post
                connection.request("POST", target, body, headers)
                answer = connection.getresponse()
                text = answer.read()
                if answer.status in (200, 202):
                    if json.loads(text)["accepted"] != len(made):
                        raise AssertionError(f"{len(made)} events were sent, the answer is {text}")
                    self.journal.acknowledge(made)
                    post = None
                else:
                    self.refused += 1
        except (OSError, http.client.HTTPException):
            pass  # it was killed: what was under way may be there or not
        finally:
            connection.close()
            if post and "Idempotency-Key" in post[3]:
                with self.journal.lock:
                    self.journal.unanswered.append(post)

    def make(self):
        made, form, more = self.journal.events(1 if self.journal.posts % 3 else 7)
        lines = [line for _, line in made]
        headers = {}
        if len(lines) == 1:
            body = lines[0].encode()
        elif form < 0.5:
            body = "\n".join(lines).encode()
            headers["Content-Type"] = "application/x-ndjson"
        else:
            body = ("[" + ", ".join(lines) + "]").encode()
        if more < 0.1:
            body = gzip.compress(body)
            headers["Content-Encoding"] = "gzip"
        if form < 0.3:
            headers["Idempotency-Key"] = made[0][0][:200]
        query = "?wait=commit" if more > 0.97 else ""
        return made, f"/v1/events/web{query}", body, headers
