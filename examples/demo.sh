#!/bin/sh
# What a new user does: make a project, land its events, ask. `./dev demo` runs this with the built program on the PATH.
set -eu
folder=${1:-build/users-demo}
rm -rf "$folder"
show() { printf '\n$ %s\n' "$*"; "$@"; }

show datahub init "$folder"
cd "$folder"
show datahub run
show datahub query "SELECT created_at_day, count(*) AS users, round(avg(age), 1) AS age FROM users GROUP BY 1 ORDER BY 1 LIMIT 5"
show datahub quarantine ls
