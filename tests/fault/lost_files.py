"""What recovery must say when more was lost than a crash loses.

An intent whose unseen file is gone and whose source file is gone too: the run stops and names the records; once the file is
back, they land. And the sync of the file that tells whose lake it is, taken out: the next run must miss it."""

import sys

import harness
from scenarios import Life


def lost_source_is_named(template, scratch):
    life = Life(template, scratch)
    life.run("commit.after_intent:1")
    life.lose_an_unseen_file()
    inbox = life.folder / "inbox"
    kept = {file.name: file.read_bytes() for file in inbox.iterdir()}
    for name in kept:
        (inbox / name).unlink()
    process = life.project.run("run", "-q", check=False)
    assert process.returncode == 1, (process.returncode, process.stderr)
    assert "was abandoned" in process.stderr and "no longer has" in process.stderr and "events-0.ndjson" in process.stderr, process.stderr
    for name, content in kept.items():
        (inbox / name).write_bytes(content)
    life.run()
    result = life.project.compare()
    assert harness.all_zero(result), result


def lake_id_is_synced(template, scratch):
    for ignored in (None, "lake/.datahub-lake.new"):
        life = Life(template, scratch, forgetful=True, ignore_sync=ignored)
        assert life.run("batch.acknowledged:1")
        process = life.project.run("run", "-q", check=False)
        if ignored is None:
            assert process.returncode == 0, process.stderr
        else:
            assert process.returncode == 1 and ".datahub-lake is gone" in process.stderr, (process.returncode, process.stderr)


def main():
    with harness.Scratch() as scratch:
        template = harness.Project(scratch / "template", records=360, files=3, flush_rows=60)
        for test in (lost_source_is_named, lake_id_is_synced):
            test(template, scratch)
            print("ok", test.__name__)
    return 0


if __name__ == "__main__":
    sys.exit(main())
