"""A PostgreSQL server of a test's own: in a folder that goes away, reached by a Unix socket alone."""

import glob
import os
import pathlib
import pwd
import shutil
import subprocess
import tempfile


def programs():
    """The folder of initdb and its like, the newest; Debian keeps them out of PATH."""
    found = sorted(glob.glob("/usr/lib/postgresql/*/bin/initdb"), key=lambda path: int(path.split("/")[4]))
    path = found[-1] if found else shutil.which("initdb")
    if path is None:
        raise AssertionError("PostgreSQL is not there: `./dev test` installs it (Debian's postgresql-15)")
    return pathlib.Path(path).resolve().parent


class Server:
    """PostgreSQL does not run as root: then it runs as nobody."""

    def __enter__(self):
        self.programs = programs()
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="datahub-postgres-"))
        self.owner = {}
        if os.getuid() == 0:
            nobody = pwd.getpwnam("nobody")
            os.chown(self.folder, nobody.pw_uid, nobody.pw_gid)
            self.owner = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
        try:
            self._control("initdb", "-D", self.folder / "data", "-U", "test", "--auth=trust", "--no-sync", "-E", "UTF8", "--locale=C")
            options = f"-c listen_addresses='' -c unix_socket_directories='{self.folder}' -c fsync=off"
            self._control("pg_ctl", "start", "-w", "-D", self.folder / "data", "-l", self.folder / "log", "-o", options)
        except BaseException:
            shutil.rmtree(self.folder, ignore_errors=True)
            raise
        return self

    def __exit__(self, kind, value, trace):
        self._control("pg_ctl", "stop", "-w", "-m", "immediate", "-D", self.folder / "data")
        shutil.rmtree(self.folder, ignore_errors=True)

    def _control(self, program, *args):
        # The server keeps what it inherits open: no pipe of ours may be among it.
        with open(self.folder / f"{program}.log", "w+b") as said:
            done = subprocess.run([self.programs / program, *map(str, args)], cwd=self.folder, stdin=subprocess.DEVNULL, stdout=said, stderr=said,
                                  env={"PATH": os.environ["PATH"], "LC_ALL": "C"}, timeout=120, **self.owner)
            said.seek(0)
            if done.returncode != 0:
                raise AssertionError(f"{program}: {said.read().decode(errors='replace')}")

    def run(self, sql):
        """Rows as lists of text; null is None. Refused: AssertionError with the server's words."""
        done = subprocess.run([self.programs / "psql", "-h", self.folder, "-U", "test", "-d", "postgres", "-X", "-q", "-A", "-t", "-F", "\x1f",
                               "-R", "\x1e", "-P", "null=\x1d", "-v", "ON_ERROR_STOP=1", "-f", "-"], input=sql, capture_output=True, text=True, timeout=60)
        if done.returncode != 0:
            raise AssertionError(f"{sql}\n{done.stderr}")
        rows = done.stdout.rstrip("\n").split("\x1e") if done.stdout.strip("\n") else []
        return [[None if cell == "\x1d" else cell for cell in row.rstrip("\n").split("\x1f")] for row in rows]
