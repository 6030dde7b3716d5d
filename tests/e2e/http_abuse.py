"""Requests that no honest client sends. Each ends in a clear status or a closed connection, and the server answers on."""

import json
import os
import pathlib
import re
import resource
import socket
import sys
import time

import harness
from server import Server, with_http

# Ten thousand of them and some more, where the machine lets a process have so many files.
CONNECTIONS_MAX = 10_000
FILES_MAX = min(resource.getrlimit(resource.RLIMIT_NOFILE)[1], CONNECTIONS_MAX + 1000)
IDLE_CONNECTIONS = min(CONNECTIONS_MAX, FILES_MAX - 1000) - 100
PATIENCE = 15  # seconds until an answer or the end must be there
EVENT = json.dumps({"eid": "e", "age": 1, "created_at": "2026-01-01T00:00:00Z"}).encode()
CLOSED = "closed"


def check(condition, *said):
    if not condition:
        raise AssertionError(" ".join(str(s) for s in said))


class Wire:
    """One connection, spoken to in bytes."""

    def __init__(self, server, patience=PATIENCE):
        self.socket = socket.create_connection(("127.0.0.1", server.port), timeout=patience)
        self.rest = b""

    def send(self, data):
        try:
            self.socket.sendall(data)
        except (BrokenPipeError, ConnectionResetError):
            pass  # it was answered before all was sent

    def more(self):
        try:
            data = self.socket.recv(65536)
        except ConnectionResetError:
            data = b""
        self.rest += data
        return bool(data)

    def answer(self, head=False):
        """(status, headers, body), or None: closed without one."""
        while b"\r\n\r\n" not in self.rest:
            if not self.more():
                check(self.rest == b"", "half an answer:", self.rest)
                return None
        top, self.rest = self.rest.split(b"\r\n\r\n", 1)
        lines = top.decode().split("\r\n")
        headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines[1:])}
        status = int(lines[0].split()[1])
        length = 0 if head or status == 100 else int(headers["content-length"])
        while len(self.rest) < length:
            check(self.more(), "the body ends too early")
        body, self.rest = self.rest[:length], self.rest[length:]
        if status >= 400:
            check(headers["content-type"] == "application/problem+json", headers)
            if not head:
                check(json.loads(body)["status"] == status, body)
        return status, headers, body

    def is_closed(self):
        while self.more():
            pass
        return self.rest == b""

    def close(self):
        self.socket.close()


def request(target="/healthz", method="GET", headers=(), body=b"", version="1.1", host=True):
    lines = [f"{method} {target} HTTP/{version}"] + (["Host: localhost"] if host else []) + list(headers)
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body


def post(*headers, body=b"", target="/v1/events/web"):
    return request(target, "POST", headers, body)


def cases(body_max):
    """name, bytes, the statuses that are right (CLOSED: no answer)."""
    length = f"Content-Length: {len(EVENT)}"
    chunked = "Transfer-Encoding: chunked"
    yield "length and chunks", post(length, chunked, body=b"0\r\n\r\n" + EVENT), {400}
    yield "chunks and length", post(chunked, length, body=b"0\r\n\r\n" + EVENT), {400}
    yield "two lengths", post(length, "Content-Length: 1", body=EVENT), {400}
    yield "the same length twice", post(length, length, body=EVENT), {400, 200}
    yield "lengths in a list", post(f"{length}, 1", body=EVENT), {400}
    yield "length -1", post("Content-Length: -1", body=EVENT), {400}
    yield "length +1", post("Content-Length: +1", body=EVENT), {400}
    yield "length 0x10", post("Content-Length: 0x10", body=EVENT), {400}
    yield "length beyond 64 bits", post("Content-Length: 99999999999999999999", body=EVENT), {400, 413}
    yield "length beyond the limit", post(f"Content-Length: {body_max + 1}"), {413}
    yield "length of 2^63", post(f"Content-Length: {2 ** 63}"), {413}
    yield "gzip, chunked", post("Transfer-Encoding: gzip, chunked", body=b"0\r\n\r\n"), {400, 501, 415}
    yield "chunked, gzip", post("Transfer-Encoding: chunked, gzip", body=b"0\r\n\r\n"), {400, 501, 415, CLOSED}
    yield "unknown transfer coding", post("Transfer-Encoding: xchunked", length, body=EVENT), {400}
    yield "chunks in HTTP/1.0", request("/v1/events/web", "POST", [chunked], b"2\r\n{}\r\n0\r\n\r\n", version="1.0"), {400}
    yield "empty host", b"GET /healthz HTTP/1.1\r\nHost: \r\n\r\n", {400}
    yield "empty host in HTTP/1.0", b"GET /healthz HTTP/1.0\r\nHost:\r\n\r\n", {400}
    yield "two origins", request(headers=["Origin: http://localhost", "Origin: http://evil.com"]), {400}
    yield "two content types", post(length, "Content-Type: text/plain", "Content-Type: application/json", body=EVENT), {400}
    yield "two content encodings", post(length, "Content-Encoding: gzip", "Content-Encoding: identity", body=EVENT), {400}
    for host in ("[::1].evil.com", "[::1]evil.com", "[evil.com]", "[::1", "[]", "127.0.0.1.evil.com", "localhost:80.evil.com",
                 "127.0.0.1:x", "evil.com:127.0.0.1", "localhost.evil.com", "localhost:80:80", "::1"):
        yield f"host {host}", request(headers=[f"Host: {host}"], host=False), {403}
    for host in ("[::1]", "[::1]:8080", "127.0.0.1", "127.0.0.1:80", "LOCALHOST:1", "localhost:"):
        yield f"host {host}", request(headers=[f"Host: {host}"], host=False), {200}
    yield "chunk size is garbage", post(chunked, body=b"xyz\r\n" + EVENT + b"\r\n0\r\n\r\n"), {400}
    yield "chunk size overflows", post(chunked, body=b"fffffffffffffffff\r\n" + EVENT + b"\r\n0\r\n\r\n"), {400, 413}
    yield "chunk size -1", post(chunked, body=b"-1\r\n" + EVENT + b"\r\n0\r\n\r\n"), {400}
    yield "chunk size of 2^62", post(chunked, body=b"4000000000000000\r\n" + EVENT), {413, 400}
    yield "chunk longer than it says", post(chunked, body=b"3\r\n" + EVENT + b"\r\n0\r\n\r\n"), {400}
    yield "chunk without an end of line", post(chunked, body=b"2\r\n{}0\r\n\r\n"), {400}
    yield "endless chunk extension", post(chunked, body=b"1;" + b"x" * 400_000), {400}
    yield "endless trailer", post(chunked, body=b"0\r\n" + b"a: b\r\n" * 70_000), {400}
    yield "bare LF after the request", b"GET /healthz HTTP/1.1\nHost: localhost\n\n", {400}
    yield "bare LF in the header", b"GET /healthz HTTP/1.1\r\nHost: localhost\nA: b\r\n\r\n", {400}
    yield "bare CR in the header", b"GET /healthz HTTP/1.1\r\nHost: localhost\rA: b\r\n\r\n", {400}
    yield "folded header", b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nA: b\r\n c\r\n\r\n", {400, 200}
    yield "folded length", post("Content-Length:\r\n 3", body=b"{}\n"), {400, 200}
    yield "space before the colon", request(headers=["A : b"]), {400}
    yield "space before length's colon", post("Content-Length : 3", body=b"{}\n"), {400}
    yield "header without a name", request(headers=[": b"]), {400}
    yield "NUL in a header", request(headers=["A: b\0c"]), {400}
    yield "no header line", request(headers=["nonsense"]), {400}
    yield "header of 20 KB", request(headers=["A: " + "x" * 20_000]), {431}
    yield "target of 20 KB", request("/" + "x" * 20_000), {431}
    yield "query of 20 KB", request("/healthz?" + "x" * 20_000), {431}
    yield "endless header", b"GET /healthz HTTP/1.1\r\n" + b"x" * 200_000, {431, 400}
    yield "1000 headers", request(headers=[f"A{i}: b" for i in range(1000)]), {200}
    yield "3000 headers", request(headers=[f"A{i}: b" for i in range(3000)]), {431}
    yield "no host", request(host=False), {400}
    yield "a page of another place", post(length, "Origin: https://example.org", body=EVENT), {403}
    yield "a page of another port", post(length, "Origin: http://localhost:1", body=EVENT), {403}
    yield "a page of no place", post(length, "Origin: null", body=EVENT), {403}
    yield "a page of its own", post(length, "Origin: http://localhost", body=EVENT), {200}
    yield "a name that leads here", request(headers=["Host: datahub.example.org"], host=False), {403}
    yield "by its address", request(headers=["Host: [::1]:80"], host=False), {200}
    yield "an empty key", post(length, "Idempotency-Key:", body=EVENT), {400}
    yield "two keys", post(length, "Idempotency-Key: a", "Idempotency-Key: b", body=EVENT), {400}
    yield "two hosts", request(headers=["Host: y"]), {400}
    yield "HTTP/2", request(version="2.0"), {400}
    yield "HTTP/1.9", request(version="1.9"), {400, 200}
    yield "HTTP/2's preface", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", {400}
    yield "TLS", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(600), {400}
    yield "noise", bytes(range(256)) * 8, {400}
    yield "no version", b"GET /healthz\r\n\r\n", {400}
    yield "unknown method", request(method="BREW"), {405}
    yield "method with a tab", request(method="G\tT"), {400}
    yield "CONNECT", request("x:443", "CONNECT"), {400}
    yield "OPTIONS *", request("*", "OPTIONS"), {400}
    yield "absolute target", request("http://x/healthz"), {400}
    yield "TRACE", request(method="TRACE"), {405}
    yield "dots", request("/v1/tables/../../etc/passwd"), {404}
    yield "escaped dots", request("/v1/tables/..%2f..%2fetc%2fpasswd"), {404}
    yield "a table named ..", request("/v1/tables/.."), {404}
    yield "escaped NUL", request("/v1/tables/users%00"), {400}
    yield "broken escape", request("/v1/tables/%zz"), {400}
    yield "half an escape", request("/v1/tables/%4"), {400}
    yield "broken escape in the query", request("/healthz?a=%"), {400}
    yield "escaped twice", request("/v1/tables/%2575sers"), {404}
    yield "not UTF-8", request("/v1/tables/%ff%fe"), {404}
    yield "two slashes", request("//v1//tables"), {404}
    yield "only slashes", request("/" * 1000), {404}
    yield "slash at the end", request("/v1/tables/"), {404}
    yield "empty path", request(""), {400}
    yield "backslashes", request("/v1\\tables"), {404}
    yield "escaped line ends", request("/v1/tables/a%0d%0aSet-Cookie:x"), {404}
    yield "body of a GET", request(headers=["Content-Length: 2"], body=b"{}"), {400}
    yield "chunks of a GET", request(headers=[chunked], body=b"0\r\n\r\n"), {400}
    yield "gzip that is none", post(length, "Content-Encoding: gzip", body=EVENT), {400}
    yield "unknown encoding", post(length, "Content-Encoding: br", body=EVENT), {415}
    yield "unknown expectation", post(length, "Expect: tea", body=EVENT), {417, 200}
    yield "upgrade", request(headers=["Connection: Upgrade", "Upgrade: websocket"]), {200}


def abuse(server, body_max):
    for name, data, right in cases(body_max):
        wire = Wire(server)
        wire.send(data)
        answer = wire.answer()
        got = answer[0] if answer else CLOSED
        check(got in right, f"{name}: {got}, not one of {right}", answer)
        if answer and got >= 400:
            check("set-cookie" not in answer[1], name, answer)
            check(answer[1].get("connection") == "close" and wire.is_closed() or got in (400, 404, 415), name, "is not closed", answer)
        wire.close()
        status, body, _ = server.request("GET", "/healthz")
        check((status, body) == (200, b"ok\n"), name, "broke the server")


def smuggling(server):
    """What follows a request that is refused is never taken as another."""
    hidden = request("/v1/events/web", "POST", [f"Content-Length: {len(EVENT)}"], EVENT)
    before = server.status()["intake"]["posts"]
    for data in (post("Content-Length: 5", "Transfer-Encoding: chunked", body=b"0\r\n\r\n" + hidden),
                 request(headers=[f"Content-Length: {len(hidden)}"], body=hidden),
                 post("Content-Length: 0", "Content-Length: 9", body=hidden)):
        wire = Wire(server)
        wire.send(data)
        check(wire.answer()[0] == 400)
        check(wire.is_closed())
        wire.close()
    check(server.status()["intake"]["posts"] == before, "a hidden post was taken")


def honest(server):
    """The rarer parts of HTTP that are right."""
    wire = Wire(server)
    targets = ["/healthz", "/v1/tables", "/v1/tables/nothing_here", "/readyz", "/openapi.json", "/healthz"] * 20
    wire.send(b"".join(request(target) for target in targets))
    for target in targets:
        status, _, body = wire.answer()
        check(status == (404 if "nothing" in target else 200), target, status, body)
        check((body == b"ok\n") == (target == "/healthz"), "out of order:", target, body)
    wire.close()

    wire = Wire(server)
    for target, right in (("/healthz", 200), ("/openapi.json", 200), ("/v1/tables/nothing_here", 404)):
        wire.send(request(target))
        status, headers, _ = wire.answer()
        wire.send(request(target, "HEAD"))
        check(wire.answer(head=True)[:2] == (status, headers) and status == right, "HEAD", target)
        check(wire.rest == b"", "HEAD has a body", wire.rest)
    wire.send(request("/v1/sql", "HEAD"))
    status, headers, _ = wire.answer(head=True)
    check(status == 405 and headers["allow"] == "POST" and wire.is_closed(), "HEAD of a POST", status, headers, wire.rest)
    wire.close()

    wire = Wire(server)
    wire.send(request(version="1.0", host=False))
    status, headers, _ = wire.answer()
    check(status == 200 and headers["connection"] == "close" and wire.is_closed(), "HTTP/1.0", status, headers)
    wire.close()

    wire = Wire(server)
    wire.send(post(f"Content-Length: {len(EVENT)}", "Expect: 100-continue"))
    check(wire.answer()[0] == 100)
    wire.send(EVENT)
    check(wire.answer()[0] == 200)
    wire.send(post("Transfer-Encoding: chunked"))
    for at in range(len(EVENT)):  # a byte each
        wire.send(b"1\r\n" + EVENT[at:at + 1] + b"\r\n")
    wire.send(b"0\r\n\r\n")
    check(wire.answer()[0] == 200)
    many = (EVENT + b"\n") * ((1 << 20) // (len(EVENT) + 1))  # just within the limit
    wire.send(post(f"Content-Length: {len(many)}", "Content-Type: application/x-ndjson", body=many) + request())
    check(wire.answer()[0] == 200 and wire.answer()[2] == b"ok\n")
    for byte in request():  # a byte each
        wire.send(bytes([byte]))
    check(wire.answer()[0] == 200)
    wire.close()

    for target, right in (("/v1/nothing", 404), ("/v1/sql", 413)):  # told before the body is sent
        wire = Wire(server)
        wire.send(post("Content-Length: 999999999", "Expect: 100-continue", target=target))
        check(wire.answer()[0] == right, target)
        wire.close()


def slow_and_gone(server):
    """Clients that stall or leave hold nothing up."""
    stalled = [Wire(server) for _ in range(50)]
    for number, wire in enumerate(stalled):
        wire.send([b"G", b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nA", post("Content-Length: 100", body=b"{"),
                   post("Transfer-Encoding: chunked", body=b"1")][number % 4])
    check(server.post(EVENT)[0] == 200)
    for wire in stalled:
        wire.close()
    for _ in range(50):  # asked and left
        wire = Wire(server)
        wire.send(request("/v1/tables") + post(f"Content-Length: {len(EVENT)}", body=EVENT))
        wire.close()
    deadline = time.monotonic() + PATIENCE
    while server.status()["server"]["connections"] > 1:
        check(time.monotonic() < deadline, "connections that are gone stay:", server.status())
        time.sleep(0.02)


def many_idle(server):
    idle = [Wire(server) for _ in range(IDLE_CONNECTIONS)]
    begin = time.monotonic()
    check(server.post(EVENT)[0] == 200)
    check(server.post(EVENT, "?wait=commit")[0] == 200)
    check(time.monotonic() - begin < 10)
    check(server.status()["server"]["connections"] >= IDLE_CONNECTIONS)
    for wire in idle[::100]:
        wire.send(request())
        check(wire.answer()[0] == 200)
    over = [Wire(server) for _ in range(200)] if IDLE_CONNECTIONS == CONNECTIONS_MAX - 100 else []
    check(all(wire.is_closed() for wire in over[110:]), "more than the limit")
    for wire in over:
        wire.close()
    resident = int(re.search(r"VmRSS:\s+(\d+)", pathlib.Path(f"/proc/{server.process.pid}/status").read_text())[1]) / 1024
    print(IDLE_CONNECTIONS, "idle connections:", int(resident), "MiB")
    check(resident < 300 or os.environ.get("DH_SANITIZE"), resident, "MiB")
    for wire in idle:
        wire.close()


def few_files(project):
    """However many connect, pipelines keep the files they need."""
    few = 256
    limit = lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (few, few))  # noqa: E731
    server = Server(project, preexec_fn=limit)
    idle = [Wire(server) for _ in range(few // 2 - 10)]
    over = [Wire(server) for _ in range(few)]
    check(all(wire.is_closed() for wire in over[20:]), "more connections than fit")
    idle.pop().close()
    wire = idle[0]
    wire.send(post(f"Content-Length: {len(EVENT)}", body=EVENT, target="/v1/events/web?wait=commit"))
    status, _, body = wire.answer()
    check(status == 200 and json.loads(body)["committed"], status, body)
    check("connections at a time instead of" in server.said(), server.said())
    for wire in idle + over:
        wire.close()
    check(server.stop() == 0)


def main():
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (FILES_MAX, hard))
    body_max = 1 << 20
    with harness.Scratch() as scratch:
        project = with_http(harness.Project(scratch / "project", records=300, files=1))
        with open(project.folder / "datahub.yaml", "a") as out:
            out.write("serve: {body: 1MiB}\n")
        project.run("run")
        server = Server(project)
        for step in (lambda: abuse(server, body_max), lambda: smuggling(server), lambda: honest(server),
                     lambda: slow_and_gone(server), lambda: many_idle(server)):
            step()
            check(server.process.poll() is None, "the server is gone:", server.said())
        said = server.said()
        check(server.stop() == 0)
        check("ended with" not in said and "rror" not in said, said[-2000:])
        few_files(project)
    print("ok")
    return 0


if __name__ == "__main__":
    sys.exit(main())
