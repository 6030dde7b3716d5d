"""Which file is which, whom the program follows and who may read what it writes: driven from outside, as a user would."""

import gzip
import os
import pathlib
import resource
import shutil
import sqlite3
import stat
import subprocess
import sys
import tempfile
import time

import harness
import server

PROJECT = """\
project: files
lake: {{location: ./lake, database: files{lake}}}
ledger: {{kind: sqlite}}
contracts: ./contracts
sources:
  inbox: {{kind: files, path: "./inbox/*"{source}}}
tables:
  events: {{}}
pipelines:
  events: {{from: [inbox], contract: event, to: [events]}}
"""
CONTRACT = '{"type":"object","properties":{"id":{"type":"integer"},"type":{"type":"string"}}}'
PING = '{"type":"ping"}\n'
SPARSE = 100 * 10**9


class Project:
    def __init__(self, folder, source="", lake="", umask=0o022):
        self.folder = pathlib.Path(folder)
        (self.folder / "contracts").mkdir(parents=True)
        (self.folder / "inbox").mkdir()
        self.yaml = self.folder / "datahub.yaml"
        self.yaml.write_text(PROJECT.format(source=source, lake=lake))
        (self.folder / "contracts/event.json").write_text(CONTRACT)
        self.umask = umask

    def path(self, name):
        return self.folder / "inbox" / name

    def datahub(self, *args):
        def limits():
            os.umask(self.umask)
            if "DH_SANITIZE" not in os.environ or not os.environ["DH_SANITIZE"]:
                resource.setrlimit(resource.RLIMIT_AS, (8 << 30, 8 << 30))

        return subprocess.run([harness.DATAHUB, "-C", str(self.folder), *args], capture_output=True, text=True,
                              timeout=60, preexec_fn=limits)

    def run(self):
        return self.datahub("run")

    def rows(self, table="events"):
        answer = self.datahub("query", f"SELECT count(*) AS n FROM {table}", "--json")
        return int(answer.stdout.split('"n":')[1].split("}")[0].strip('" ')) if answer.returncode == 0 else answer.stderr


def equal_content(folder):
    project = Project(folder)
    for number in range(1, 4):
        project.path(f"p{number}.json").write_text(PING)
        yield f"run {number}", project.run().returncode, 0
        yield f"rows after p{number}", project.rows(), number
        project.path(f"p{number}.json").unlink()


def a_changed_dump_and_a_longer_export(folder):
    project = Project(folder)
    lines = [f'{{"id":{number:06}}}\n' for number in range(100_000, 101_000)]
    project.path("a").write_text("".join(lines))
    project.run()
    project.path("a").unlink()
    lines[500] = '{"id":999999}\n'
    project.path("b").write_text("".join(lines))
    project.run()
    yield "rows with the dump that has one value changed", project.rows(), 2000
    project.path("b").unlink()
    project.path("c").write_text("".join(lines) + PING)
    project.run()
    yield "rows with the export that begins with yesterday's", project.rows(), 3001


def rotated_and_compressed(folder):
    project = Project(folder)
    project.path("x.1").write_text(PING * 10)
    project.path("x.1.gz").write_bytes(gzip.compress((PING * 10).encode()))
    yield "run", project.run().returncode, 0
    yield "rows while both are there", project.rows(), 10
    project.path("x.1").unlink()
    project.run()
    yield "rows when the plain one is gone", project.rows(), 10


def positions_have_a_format(folder):
    project = Project(folder)
    project.path("a").write_text(PING)
    project.run()
    ledger = sqlite3.connect(project.folder / ".datahub/ledger.db")
    with ledger:
        ledger.execute("""UPDATE positions SET position = replace(position, '"v":2', '"v":1')""")
    ledger.close()
    ended = project.run()
    yield "exit", ended.returncode, 1
    for part in ("of format 1", "datahub reset --source inbox"):
        yield f"it says '{part}'", part in ended.stderr, True
    project.datahub("reset", "--source", "inbox", "--yes")
    yield "after the reset", project.run().returncode, 0


def links_and_devices(folder):
    secret = pathlib.Path(folder).parent / "secret.json"
    secret.write_text('{"type":"secret"}\n')
    for follow in (False, True):
        project = Project(f"{folder}-{follow}", ", follow_links: true" if follow else "")
        project.path("a").write_text(PING)
        project.path("out").symlink_to(secret)
        project.path("near").mkdir()
        (project.path("near") / "file").write_text(PING)
        project.path("in").symlink_to("near/file")
        project.path("null").symlink_to("/dev/zero")
        os.mkfifo(project.path("pipe"))
        ended = project.run()
        yield "exit", ended.returncode, 0
        yield f"rows, follow {follow}", project.rows(), 2 if follow else 1
        yield "nothing in quarantine", "secret" in project.datahub("quarantine", "show", "events").stdout, False
        for name in ("out", "null", "pipe", "near"):
            yield f"{name} is named", f"inbox/{name}" in ended.stderr, True


def a_linked_folder_before_the_wildcard(folder):
    project = Project(folder)
    project.path("a").write_text(PING)
    (project.folder / "inbox").rename(project.folder / "elsewhere")
    (project.folder / "inbox").symlink_to("elsewhere")
    project.run()
    yield "rows", project.rows(), 1


def modes(path):
    return {oct(stat.S_IMODE(one.lstat().st_mode)) for one in path if not stat.S_ISLNK(one.lstat().st_mode)}


def who_may_read(folder):
    shared = tempfile.mkdtemp(dir=folder.parent)
    os.chmod(shared, 0o2750)  # a group's folder: what is made in it is the group's
    for umask, lake, folders, files in ((0o022, "", "0o755", "0o644"), (0o077, "", "0o700", "0o600"),
                                        (0o077, ", mode: 0644", "0o755", "0o644"),
                                        (0o022, ", mode: 0640", "0o750", "0o640"),
                                        (0o022, ", mode: 0600", "0o700", "0o600"),
                                        (0o077, ", mode: 0660", "0o2770", "0o660")):
        name = f"{umask:o}{lake[-4:]}"
        project = Project(folder / name, lake=lake, umask=umask)
        (project.folder / "inbox").chmod(0o755)
        if "660" in lake:
            text = project.yaml.read_text().replace("./lake", f"{shared}/lake")
            project.yaml.write_text(text)
            (project.folder / "lake").symlink_to(f"{shared}/lake")
        project.path("a").write_text(PING + '{"id":"x"}\n')
        yield "run", project.run().returncode, 0
        lake_folder = (project.folder / "lake").resolve()
        below = [lake_folder, *lake_folder.rglob("*")]
        yield f"lake's files {name}", modes(one for one in below if one.is_file()), {files}
        yield f"lake's folders {name}", modes(one for one in below if one.is_dir()), {folders}
        yield f"data files {name}", len([one for one in below if one.suffix == ".parquet"]), 2
        yield from a_private_state(project)


def a_private_state(project):
    state = project.folder / ".datahub"
    yield "state", modes([state]), {"0o700"}
    yield "state's files", modes(one for one in state.rglob("*") if one.is_file()), {"0o600"}


def a_state_of_earlier_days(folder):
    """Open to others, as every project's was: doctor says it, and the next start ends it, for `reset` and `serve` too."""
    project = Project(folder)
    project.path("a").write_text(PING)
    project.run()
    state = project.folder / ".datahub"
    state.chmod(0o755)
    said = project.datahub("doctor").stdout
    yield "doctor names it", f"{state} is open to other users" in said and f"chmod 700 {state}" in said, True
    for verb in (["run"], ["reset", "--source", "inbox", "--yes"]):
        state.chmod(0o775)
        yield verb, project.datahub(*verb).returncode, 0
        yield f"after {verb}", modes([state]), {"0o700"}
    yield "doctor is content", "open to other users" in project.datahub("doctor").stdout, False
    project.yaml.write_text(project.yaml.read_text().replace("inbox:", "web: {kind: http}\n  inbox:")
                            .replace("[inbox]", "[inbox, web]"))
    state.chmod(0o755)
    serving = server.Server(project)
    yield "a post", serving.post(PING, query="?wait=commit")[0], 200
    yield "the socket", modes([state / "control.sock"]), {"0o600"}
    yield from a_private_state(project)
    yield "the server", serving.stop(), 0


def another_user(folder):
    """Can neither hold the locks nor be told that nothing was ever run."""
    if os.geteuid() != 0:
        return
    project = Project(folder)
    project.path("a").write_text(PING)
    project.run()
    for above in (project.folder, *project.folder.parents):
        if above.parent == above or above == pathlib.Path("/tmp"):
            break
        above.chmod(0o755)
    def as_nobody(*command):
        return subprocess.run(command, capture_output=True, text=True, user=65534, group=65534, extra_groups=[], timeout=60)

    yield "flock", as_nobody("flock", "-n", str(project.folder / ".datahub/start.lock"), "true").returncode == 0, False
    yield "list", as_nobody("ls", str(project.folder / ".datahub")).returncode == 0, False
    reachable = os.stat(harness.DATAHUB).st_mode & 1 and all(above.stat().st_mode & 1 for above in pathlib.Path(harness.DATAHUB).parents)
    for verb in (["status"], ["ls"], ["run"]) if reachable else ():
        ended = as_nobody(harness.DATAHUB, "-C", str(project.folder), *verb)
        yield f"{verb} {ended.stdout}", ended.returncode, 1
        yield f"{verb} says why: {ended.stderr}", ".datahub" in ended.stderr and "ermission" in ended.stderr, True
    yield "its owner", project.run().returncode, 0


def a_mode_that_is_none(folder):
    for number, mode in enumerate(("0777", "0440", "rw-r--r--", "8")):
        project = Project(folder / str(number), lake=f", mode: {mode}")
        ended = project.datahub("validate")
        yield mode, ended.returncode, 78
        yield f"{mode} is named", f"mode '{mode}'" in ended.stderr and "0640" in ended.stderr, True


def a_sparse_line(folder):
    project = Project(folder)
    project.path("a").write_text(PING)
    os.truncate(project.path("a"), SPARSE)
    project.path("b").write_text(PING)
    began = time.monotonic()
    project.run()
    yield "rows", project.rows(), 2
    yield "rejected", project.rows("events_quarantine"), 1
    with open(project.path("a"), "a") as out:
        out.write("\n" + PING)
    project.run()
    yield "rows behind it", project.rows(), 3
    yield "seconds", time.monotonic() - began < 20, True


def a_time_that_is_to_come(folder):
    project = Project(folder, ", complete_after: 1s")
    project.path("a").write_text(PING.strip())
    future = time.time() + 10 * 365 * 86400
    os.utime(project.path("a"), (future, future))
    time.sleep(max(0.0, project.path("a").stat().st_ctime + 1.1 - time.time()))
    project.run()
    yield "rows", project.rows(), 1


CASES = [equal_content, a_changed_dump_and_a_longer_export, rotated_and_compressed, positions_have_a_format,
         links_and_devices, a_linked_folder_before_the_wildcard, who_may_read, a_state_of_earlier_days, another_user, a_mode_that_is_none, a_sparse_line, a_time_that_is_to_come]


def main():
    failed = count = 0
    for case in CASES:
        with harness.Scratch() as scratch:
            for what, got, wanted in case(scratch / "project"):
                count += 1
                if got != wanted:
                    failed += 1
                    print(f"FAILED {case.__name__}: {what}: {got!r}, not {wanted!r}")
    print(f"{count - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
