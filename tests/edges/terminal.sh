#!/usr/bin/env bash
# Runs the program at a terminal (a pseudo-terminal of Python's), and checks what only a terminal gets: colours, links, lines
# that fit, progress. Then what a closed pipe does.
#
# MANICHECK: the binary.
# shellcheck source=tests/edges/common.sh
source "$(dirname "$0")/common.sh"

# at COLUMNS ARGUMENT…: runs the program at a terminal that wide; what it shows is in $scratch/shown. Without COLUMNS, only its
# standard error is the terminal, and standard output goes to $scratch/out. Only the variables set here reach it. $input is
# its standard input.
at() {
  env --ignore-environment PATH="$PATH" TERM=xterm ${vars[@]+"${vars[@]}"} \
    python3 - "$scratch/out" "$scratch/shown" "${input:-/dev/null}" "$1" "$manicheck" "${@:2}" <<'PY'
import fcntl, os, pty, struct, sys, termios
out, shown, given, columns, *command = sys.argv[1:]
ours, theirs = pty.openpty()
fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, int(columns or 80), 0, 0))
child = os.fork()
if child == 0:
    os.dup2(os.open(given, os.O_RDONLY), 0)
    for fd in (1, 2) if columns else (2,):
        os.dup2(theirs, fd)
    if not columns:
        os.dup2(os.open(out, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), 1)
    os.execv(command[0], command)
os.close(theirs)
with open(shown, "wb") as file:
    while True:
        try:
            piece = os.read(ours, 65536)
        except OSError:  # The other end is closed.
            break
        if not piece:
            break
        file.write(piece.replace(b"\r\n", b"\n"))
os.waitpid(child, 0)
PY
}

esc=$(printf '\033')
link="$esc]8;;https://manicheck.github.io/manicheck/rules/mutable-image-tag.html$esc\\"
cd "$repository/testdata/shop"

vars=()
at 100 k8s
holds "$scratch/shown" "${esc}["
lacks "$scratch/shown" "$esc]8"
ok 'colours at a terminal, no links where it may not know them'

vars=(TERM_PROGRAM=WezTerm)
at 100 k8s
holds "$scratch/shown" "$link"
at 100 --format concise k8s
holds "$scratch/shown" "$link"
ok 'links to the pages of rules at a terminal that knows them'

vars=(TERM_PROGRAM=WezTerm NO_COLOR=1)
at 100 k8s
lacks "$scratch/shown" "$esc"
vars=(TERM_PROGRAM=WezTerm)
at 100 --color never k8s
lacks "$scratch/shown" "$esc"
ok 'neither with NO_COLOR or --color never'

(env CLICOLOR_FORCE=1 "$manicheck" k8s || true) >"$scratch/out"
holds "$scratch/out" "${esc}["
(env CLICOLOR_FORCE=1 "$manicheck" --color never k8s || true) >"$scratch/out"
lacks "$scratch/out" "$esc"
(env NO_COLOR=1 "$manicheck" --color always k8s || true) >"$scratch/out"
holds "$scratch/out" "${esc}["
(env FORCE_HYPERLINK=1 TERM_PROGRAM=WezTerm "$manicheck" k8s || true) >"$scratch/out"
lacks "$scratch/out" "$esc"
ok 'without a terminal only on demand; an option wins over the environment'

vars=(NO_COLOR=1)
# fits COLUMNS: what was shown does.
fits() {
  python3 - "$scratch/shown" "$1" <<'PY' || fail "lines wider than $1 columns"
import sys
lines = [l for l in open(sys.argv[1], encoding="utf-8").read().splitlines() if len(l) > int(sys.argv[2])]
print(*lines, sep="\n", end="")
sys.exit(bool(lines))
PY
}
for columns in 80 100; do
  at "$columns" --profile production k8s
  fits "$columns"
done
# A fixed stream goes to standard output, and the report to the terminal that is standard error.
input=k8s/base/web.yaml
at '' --fix -
fits 80
holds "$scratch/shown" 'missing-memory-limit'
cmp --silent k8s/base/web.yaml "$scratch/out" || fail 'the stream is not printed as it came'
input=
ok 'no line is wider than the terminal'

# A tree that takes longer than a second, however fast the machine is.
count=0
seconds=0
while [ "$seconds" -lt 2500 ]; do
  more=$((count + 400))
  while [ "$count" -lt "$more" ]; do
    count=$((count + 1))
    mkdir -p "$scratch/many/$count"
    printf 'namespace: n%s\nresources: [../base]\n' "$count" >"$scratch/many/$count/kustomization.yaml"
  done
  [ -d "$scratch/many/base" ] || cp -R k8s/base "$scratch/many/base"
  from=$(date +%s%N)
  "$manicheck" --profile all --fail-on never "$scratch/many" >/dev/null
  seconds=$((($(date +%s%N) - from) / 1000000))
done
vars=()
at '' --fail-on never --profile all "$scratch/many"
grep -qE "(rendering|judging): [0-9]+ of [0-9]+" "$scratch/shown" || fail 'no progress is shown'
python3 - "$scratch/shown" <<'PY' || fail 'the progress is not taken away'
import sys
screen = bytearray()
at = 0
for byte in open(sys.argv[1], "rb").read():
    if byte == 13:
        at = 0
    else:
        screen[at:at + 1] = bytes([byte])
        at += 1
sys.exit(screen.strip() != b"" or at != 0)
PY
lacks "$scratch/out" 'rendering: '
ok "progress of a long run ($count overlays), gone at the end"

for vars in CI=true TERM=dumb; do
  at '' --fail-on never --profile all "$scratch/many"
  [ ! -s "$scratch/shown" ] || fail "progress with $vars"
done
vars=()
at '' --quiet --fail-on never --profile all "$scratch/many"
[ ! -s "$scratch/shown" ] || fail 'progress with --quiet'
"$manicheck" --fail-on never --profile all "$scratch/many" >/dev/null 2>"$scratch/err"
[ ! -s "$scratch/err" ] || fail 'progress without a terminal'
at '' --fail-on never k8s
[ ! -s "$scratch/shown" ] || fail 'progress of a short run'
ok 'no progress in CI, with --quiet, without a terminal, or of a short run'

set +e
"$manicheck" --profile all "$scratch/many" 2>"$scratch/err" | head -n 1 >/dev/null
status=${PIPESTATUS[0]}
set -e
if [ "$status" != 1 ] || [ -s "$scratch/err" ]; then fail "closed pipe: status $status, $(cat "$scratch/err")"; fi
for command in 'rules' 'schema' 'man' 'completions bash' '--help' 'explain mutable-image-tag' 'build k8s/base'; do
  # shellcheck disable=SC2086 # Words of a command.
  "$manicheck" $command 2>"$scratch/err" | true
  [ ! -s "$scratch/err" ] || fail "closed pipe: $command: $(cat "$scratch/err")"
done
ok 'a closed pipe is silent, and the status still tells of the findings'
