#!/bin/sh
# install.sh BUILD DIR: the program and every library that a bare Debian 12 lacks, in a folder that can be moved.
# The program looks for libraries in ../lib beside itself, so nothing is rewritten.
set -eu
build=$1
target=$2
if [ -e "$target" ] && [ ! -x "$target/bin/datahub" ] && [ -n "$(ls -A "$target")" ]; then
  echo "install: $target is not empty and holds no datahub; choose another folder" >&2
  exit 1
fi
mkdir -p "$target/bin" "$target/lib"
install -m 755 "$build/datahub" "$target/bin/datahub"
ldd "$build/datahub" | awk '$2 == "=>" && $3 ~ /^\// {print $3}' | while read -r library; do
  case ${library##*/} in
    libc.so.* | libm.so.* | libpthread.so.* | libdl.so.* | librt.so.* | ld-linux*) ;; # glibc: every Debian has it
    *) install -m 644 "$library" "$target/lib/" ;;
  esac
done
env -i "$target/bin/datahub" version
