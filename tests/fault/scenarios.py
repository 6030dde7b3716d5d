"""How each step of the commit protocol is reached: what brings a project to where the step is passed, and the verb that
passes it. A new step is passed by an ordinary run unless a row here says otherwise."""

import os
import pathlib
import random
import shutil
import subprocess

import harness

BUILD = pathlib.Path(os.environ["DH_BUILD"])
SHIM = BUILD / "tools/forgetful/libforgetful.so"
UNDO = BUILD / "tools/forgetful/forgetful-undo"

RUN = ("run", "-q")


def crash_points():
    """From the program itself, so a new step is tested from its first day."""
    process = subprocess.run([harness.DATAHUB, "version", "--crash-points"], capture_output=True, text=True, check=True)
    return process.stdout.split()


class Life:
    """One copy of a project, from its first run to the comparison at its end."""

    def __init__(self, template, folder, forgetful=False, ignore_sync=None):
        self.folder = folder / "project"
        shutil.rmtree(self.folder, ignore_errors=True)
        self.project = template.copy(self.folder)
        self.journal = folder / "journal"
        self.forgetful = forgetful
        self.ignore_sync = ignore_sync

    def run(self, crash_at=None, verb=RUN, check=True):
        """True when it was killed there."""
        env = {"DATAHUB_CRASH_AT": crash_at} if crash_at else {}
        if self.forgetful:
            self.journal.unlink(missing_ok=True)
            env |= {"LD_PRELOAD": str(SHIM), "FORGETFUL_ROOT": str(self.folder), "FORGETFUL_JOURNAL": str(self.journal)}
            if self.ignore_sync:
                env["FORGETFUL_IGNORE_SYNC"] = self.ignore_sync
        process = self.project.run(*verb, env=env, check=False)
        killed = harness.was_killed(process)
        if check and not killed and process.returncode != 0:
            raise AssertionError(f"{verb} with {crash_at}: exit {process.returncode}\n{process.stderr}")
        if killed and self.forgetful:
            subprocess.run([UNDO, str(self.folder), str(self.journal)], check=True, stdout=subprocess.DEVNULL)
        return killed

    def lose_an_unseen_file(self):
        for file in sorted((self.folder / "lake/.unseen").rglob("*.parquet")):
            file.unlink()
            return

    def rename_source(self):
        path = self.folder / "datahub.yaml"
        text = path.read_text().replace("inbox: {kind: files", "intray: {renamed_from: inbox, kind: files")
        path.write_text(text.replace("from: [inbox", "from: [intray"))


    def rename_table(self):
        path = self.folder / "datahub.yaml"
        text = path.read_text().replace("users: {partition_by", "people: {renamed_from: users, partition_by")
        path.write_text(text.replace("to: [users]", "to: [people]"))
        self.project.table = "people"

    def rename_pipeline(self):
        path = self.folder / "datahub.yaml"
        path.write_text(path.read_text().replace("pipelines:\n  users:", "pipelines:\n  people:\n    renamed_from: users"))
        self.project.quarantine = "people_quarantine"


class Running:
    verb = RUN  # passes the step
    again = RUN  # what a user runs after it was cut off

    @staticmethod
    def prepare(life):
        pass

    @staticmethod
    def finish(life):
        """What a user does in the end."""
        life.run()


class Recovering(Running):
    @staticmethod
    def prepare(life):
        life.run("commit.after_intent:1")


class Abandoning(Running):
    """An intent whose files are neither present nor completable."""

    @staticmethod
    def prepare(life):
        life.run("reveal.renamed:1")
        life.lose_an_unseen_file()


class GivingUp(Running):
    """What a given-up commit had read is gone, and its user says so. Then it comes back: as if it were new."""

    verb = again = (*RUN, "--accept-loss")

    @staticmethod
    def prepare(life):
        life.run("commit.after_intent:1")
        life.lose_an_unseen_file()
        (life.folder / "inbox").rename(life.folder / "away")
        (life.folder / "inbox").mkdir()

    @staticmethod
    def finish(life):
        life.run(verb=GivingUp.verb)
        (life.folder / "inbox").rmdir()
        (life.folder / "away").rename(life.folder / "inbox")
        life.run()


class RenamingASource(Running):
    @staticmethod
    def prepare(life):
        life.run()
        life.rename_source()


class RenamingATable(Running):
    @staticmethod
    def prepare(life):
        life.run()
        life.rename_table()


class RenamingAPipeline(Running):
    @staticmethod
    def prepare(life):
        life.run()
        life.rename_pipeline()


class Replaying(Running):
    verb = ("quarantine", "replay", "users")

    @staticmethod
    def prepare(life):
        life.run()


class RetiringASource(Running):
    verb = ("reset", "--source", "inbox", "--yes")

    @staticmethod
    def prepare(life):
        life.run()
        path = life.folder / "datahub.yaml"
        path.write_text(path.read_text().replace("inbox", "other"))

    @staticmethod
    def finish(life):
        life.run(verb=RetiringASource.verb, check=False)  # fails where nothing is left to forget
        life.run()


class DeletingRemoved(Running):
    verb = (*RUN, "--reader-grace", "0s")

    @staticmethod
    def prepare(life):
        life.run()
        life.run(verb=Replaying.verb)


class Resetting(Running):
    verb = ("reset", "--yes")

    @staticmethod
    def prepare(life):
        life.run()


class ResettingAForeignLake(Running):
    verb = ("reset", "--foreign-lake", "--yes")

    @staticmethod
    def prepare(life):
        life.run()
        shutil.rmtree(life.folder / ".datahub")


class DeletingOrphans(Running):
    """The ledger of an earlier time was put back."""

    verb = again = ("table", "orphans", "--delete")

    @staticmethod
    def prepare(life):
        life.run("batch.acknowledged:1")
        shutil.copytree(life.folder / ".datahub", life.folder / "kept")
        life.project.append("later.ndjson", 60, random.Random(77))
        life.run()
        shutil.rmtree(life.folder / ".datahub")
        (life.folder / "kept").rename(life.folder / ".datahub")

    @staticmethod
    def finish(life):
        life.run(verb=DeletingOrphans.verb)
        life.run()


SCENARIOS = [
    (("recover.before_abandon", "ledger.before_abandon", "ledger.in_abandon", "ledger.after_abandon", "discard."), Abandoning),
    (("ledger.before_found", "ledger.in_found", "ledger.after_found"), GivingUp),
    (("ledger.before_forget_source", "ledger.in_forget_source", "ledger.after_forget_source"), RetiringASource),
    (("recover.",), Recovering),
    (("reset.",), Resetting),
    (("orphans.",), DeletingOrphans),
    (("remove.", "removed.", "ledger.before_forget", "ledger.in_forget", "ledger.after_forget"), DeletingRemoved),
    (("ledger.before_rename_source", "ledger.in_rename_source", "ledger.after_rename_source"), RenamingASource),
    (("ledger.before_rename_table", "ledger.in_rename_table", "ledger.after_rename_table"), RenamingATable),
    (("ledger.before_rename_pipeline", "ledger.in_rename_pipeline", "ledger.after_rename_pipeline"), RenamingAPipeline),
]

# A replay is a commit too: some of the tries at these steps are in one.
COMMIT_STEPS = ("commit.", "reveal.", "ledger.before_intent", "ledger.in_intent", "ledger.after_intent", "ledger.before_commit",
                "ledger.in_commit", "ledger.after_commit")


def scenario_of(point):
    for prefixes, scenario in SCENARIOS:
        if point.startswith(prefixes):
            return scenario
    return Running
