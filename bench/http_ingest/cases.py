"""Events over HTTP, acknowledged once they are durable: single posts, posts of 500, with and without landing them at the same
time; how long until a post can be queried; and what Redis, PostgreSQL and Redpanda Connect do with the same bytes when they are installed."""

import asyncio
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import statistics
import subprocess
import tempfile
import time

SECONDS = 6
COMMIT_RATE = 1000  # posts a second
COMMIT_SECONDS = 10


class Server:
    def __init__(self, build, folder, *args):
        shutil.rmtree(folder, ignore_errors=True)
        subprocess.run([build / "datahub", "init", folder, "--events", "0"], check=True, stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL)
        self.process = subprocess.Popen([build / "datahub", "-C", folder, "serve", "--listen", "127.0.0.1:0", *args],
                                        stderr=subprocess.PIPE, text=True)
        self.port = int(re.search(r":(\d+)$", self.process.stderr.readline().strip())[1])
        self.url = f"http://127.0.0.1:{self.port}/v1/events/users_http"

    def cpu_seconds(self):
        fields = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def peak_mib(self):
        return int(re.search(r"VmHWM:\s+(\d+)", pathlib.Path(f"/proc/{self.process.pid}/status").read_text())[1]) / 1024

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.stderr.close()
        return self.process.wait(120)


def wrk(url, connections, script):
    out = subprocess.run(["wrk", "-t1", f"-c{connections}", f"-d{SECONDS}", "--latency", "-s", script, url], capture_output=True,
                         text=True, check=True).stdout
    if "Non-2xx" in out:
        raise SystemExit(out)
    unit = {"us": 1e-3, "ms": 1.0, "s": 1e3}
    at = {p: float(v) * unit[u] for p, v, u in re.findall(r"(50|99)%\s+([\d.]+)(us|ms|s)", out)}
    return float(re.search(r"Requests/sec:\s+([\d.]+)", out)[1]), at["50"], at["99"]


def script(folder, events, count, kind):
    """For wrk: every post the same bytes."""
    body = events[0] if count == 1 else "\n".join(events[i % len(events)] for i in range(count))
    path = folder / f"post-{count}.lua"
    quoted = body.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    path.write_text(f'wrk.method = "POST"\nwrk.headers["Content-Type"] = "{kind}"\nwrk.body = "{quoted}"\n')
    return path, len(body)


def ingest(build, folder, events, peers):
    for count, connections, kind in ((1, 64, "application/json"), (500, 16, "application/x-ndjson")):
        lua, size = script(folder, events, count, kind)
        for what, args in (("landing paused", ["--intake-only"]), ("landing too", [])):
            server = Server(build, folder / "project", *args)
            before = server.cpu_seconds()
            rate, p50, p99 = wrk(server.url, connections, lua)
            cpu = (server.cpu_seconds() - before) / SECONDS
            peak = server.peak_mib()
            server.stop()
            print(f"{count:4} event{'s' if count > 1 else ' '} a post, {connections} connections, {what:14}: {rate:8.0f} posts/s  "
                  f"{rate * count / 1e6:6.3f} M events/s  {rate * size / 1e6:6.0f} MB/s  p50 {p50:5.2f} ms  p99 {p99:5.2f} ms  "
                  f"{cpu:4.2f} cores  peak {peak:4.0f} MiB")
    for peer in peers:
        peer(folder, events[0])


async def commit_latencies(port, events):
    """Posts at a fixed rate, each waiting until it can be queried."""
    waits = []
    idle = []

    async def post(number):
        body = events[number % len(events)].encode()
        began = time.perf_counter()
        reader, writer = idle.pop() if idle else await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"POST /v1/events/users_http?wait=commit HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                     b"Content-Length: %d\r\n\r\n%b" % (len(body), body))
        head = await reader.readuntil(b"\r\n\r\n")
        answer = await reader.readexactly(int(re.search(rb"Content-Length: (\d+)", head)[1]))
        if b'"committed":true' not in answer:
            raise SystemExit(answer)
        waits.append(time.perf_counter() - began)
        idle.append((reader, writer))

    tasks = []
    began = time.perf_counter()
    for number in range(COMMIT_RATE * COMMIT_SECONDS):
        late = began + number / COMMIT_RATE - time.perf_counter()
        if late > 0:
            await asyncio.sleep(late)
        tasks.append(asyncio.create_task(post(number)))
    await asyncio.gather(*tasks)
    return waits


def until_queryable(build, folder, events):
    server = Server(build, folder / "project")
    waits = sorted(asyncio.run(commit_latencies(server.port, events)))
    server.stop()
    at = lambda share: waits[int(len(waits) * share)] * 1e3  # noqa: E731
    print(f"post to queryable at {COMMIT_RATE} posts/s: p50 {at(0.5):.0f} ms (wanted 50), p99 {at(0.99):.0f} ms (wanted 200)")


def redis(folder, event):
    if not shutil.which("redis-server"):
        print("redis: not installed (redis-server)")
        return
    with tempfile.TemporaryDirectory(dir=folder) as state:
        place = f"{state}/redis.sock"
        server = subprocess.Popen(["redis-server", "--port", "0", "--unixsocket", place, "--appendonly", "yes", "--appendfsync", "always",
                                   "--save", "", "--dir", state], stdout=subprocess.DEVNULL)
        try:
            while subprocess.run(["redis-cli", "-s", place, "ping"], capture_output=True, text=True).stdout != "PONG\n":
                time.sleep(0.05)
            out = subprocess.run(["redis-benchmark", "-s", place, "-c", "64", "-n", "300000", "--csv", "XADD", "events", "*", "e", event],
                                 capture_output=True, text=True, check=True).stdout.splitlines()[-1].replace('"', "").split(",")
            print(f"redis XADD, appendfsync always, 64 connections (Unix socket): {float(out[-7]):.0f}/s  p50 {float(out[-4]):.2f} ms  "
                  f"p99 {float(out[-2]):.2f} ms")
        finally:
            server.kill()
            server.wait()


def postgres(folder, event):
    programs = sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin")) if pathlib.Path("/usr/lib/postgresql").exists() else []
    if not programs:
        print("postgres: not installed (postgresql)")
        return
    tools = programs[-1]
    state = pathlib.Path(tempfile.mkdtemp(prefix="datahub-bench-pg-"))
    as_user = []
    if os.geteuid() == 0:  # it refuses to run as root
        shutil.chown(state, "postgres", "postgres")
        as_user = ["runuser", "-u", "postgres", "--"]
    run = lambda *command: subprocess.run([*as_user, *map(str, command)], check=True, capture_output=True, text=True, cwd=state).stdout  # noqa: E731
    try:
        run(tools / "initdb", "-D", state / "data", "-A", "trust", "-U", "postgres")
        run(tools / "pg_ctl", "-D", state / "data", "-w", "-l", state / "log", "-o", f"-k {state} -h '' -c max_connections=100", "start")
        try:
            for statement in ("CREATE TABLE events (event text)", "CREATE TABLE sample (event text)",
                              "INSERT INTO sample VALUES ('" + event.replace("'", "''") + "')"):
                run(tools / "psql", "-h", state, "-U", "postgres", "-c", statement)
            (state / "insert.sql").write_text("INSERT INTO events SELECT event FROM sample;\n")  # pgbench reads : as a variable
            out = run(tools / "pgbench", "-h", state, "-U", "postgres", "-n", "-c", "64", "-j", "1", "-T", str(SECONDS), "-M", "prepared",
                      "-f", state / "insert.sql", "postgres")
            rate = float(re.search(r"tps = ([\d.]+)", out)[1])
            print(f"postgres INSERT, synchronous, 64 connections (Unix socket): {rate:.0f}/s  mean "
                  f"{float(re.search(r'latency average = ([0-9.]+)', out)[1]):.2f} ms")
        finally:
            run(tools / "pg_ctl", "-D", state / "data", "-m", "immediate", "stop")
    finally:
        shutil.rmtree(state, ignore_errors=True)


def redpanda_connect(folder, event):
    """HTTP to a file, which it does not sync. `redpanda-connect`, or `benthos`, its engine: neither is a Debian package."""
    program = shutil.which("redpanda-connect") or shutil.which("benthos")
    if not program:
        print("Redpanda Connect: not installed (redpanda-connect or benthos, from its Go module)")
        return
    with socket.socket() as chosen:
        chosen.bind(("127.0.0.1", 0))
        port = chosen.getsockname()[1]
    lua, _ = script(folder, [event], 1, "application/json")
    with tempfile.TemporaryDirectory(dir=folder) as state:
        config = pathlib.Path(state) / "connect.yaml"
        config.write_text(f"""http: {{enabled: false}}
logger: {{level: NONE}}
input: {{http_server: {{address: "127.0.0.1:{port}", path: /post}}}}
output: {{file: {{path: "{state}/events.ndjson", codec: lines}}}}
""")
        server = subprocess.Popen([program, "-c", config], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            while server.poll() is None:
                with socket.socket() as trial:
                    if trial.connect_ex(("127.0.0.1", port)) == 0:
                        break
                time.sleep(0.05)
            rate, p50, p99 = wrk(f"http://127.0.0.1:{port}/post", 64, lua)
            print(f"Redpanda Connect, HTTP to a file without a sync, 64 connections: {rate:.0f}/s  p50 {p50:.2f} ms  p99 {p99:.2f} ms")
        finally:
            server.kill()
            server.wait()


def run(build, folder):
    if not shutil.which("wrk"):
        raise SystemExit("wrk is not installed")
    generated = subprocess.run([build / "bench/generate/generate_events", "users", "--count", "1000", "--seed", "5"], capture_output=True,
                               text=True, check=True).stdout.splitlines()
    ingest(build, folder, generated, (redis, postgres, redpanda_connect))
    until_queryable(build, folder, generated)
