#!/usr/bin/env bash
# Runs action/run.sh as a runner would, with its files and variables, and checks what it hands over. Downloads come from a
# directory. Checks the workflows, scripts and the Dockerfile with actionlint, shellcheck and hadolint where those are installed.
#
# MANICHECK: the binary.
# shellcheck source=tests/edges/common.sh
source "$(dirname "$0")/common.sh"

version=$("$manicheck" --version | cut -d ' ' -f 2)
mkdir "$scratch/bin"
ln -s "$manicheck" "$scratch/bin/manicheck"
cp -R "$repository/testdata/shop/k8s" "$scratch/k8s"
cp -R "$repository/testdata/shop" "$scratch/mended"
mend_shop "$scratch/mended"

# act NAME=VALUE…: one run with these inputs; the log is in $scratch/log, the exit status in $status.
act() {
  export GITHUB_ACTIONS=true GITHUB_ACTION_PATH=$repository RUNNER_TEMP=$scratch/temp
  export GITHUB_OUTPUT=$scratch/output GITHUB_STEP_SUMMARY=$scratch/summary
  rm -rf "$RUNNER_TEMP"
  mkdir "$RUNNER_TEMP"
  : >"$GITHUB_OUTPUT"
  : >"$GITHUB_STEP_SUMMARY"
  status=0
  (cd "$scratch" && env PATH="$scratch/bin:$PATH" INPUT_PATH=k8s INPUT_VERSION=installed "$@" \
    bash "$repository/action/run.sh" >"$scratch/log" 2>&1) || status=$?
}

# is STATUS
is() { [ "$status" = "$1" ] || { cat "$scratch/log"; fail "exit status $status, not $1"; }; }

act
is 1
holds "$scratch/log" '::error file=k8s/overlays/dev/kustomization.yaml,line=8,col=13'
holds "$scratch/log" 'error[mutable-image-tag]'
holds "$scratch/summary" '### manicheck: 2 errors, 2 warnings, 1 note'
holds "$scratch/output" 'findings=5'
holds "$scratch/output" "version=$version"
sarif=$(sed -n 's/^sarif-file=//p' "$scratch/output")
python3 -c 'import json, sys; sarif = json.load(open(sys.argv[1])); assert len(sarif["runs"][0]["results"]) == 5' "$sarif"
ok 'findings: status 1, log, annotations, summary, SARIF file, outputs'

token=$(sed -n 's/^::stop-commands:://p' "$scratch/log")
[ "${#token}" = 32 ] || fail 'the log is not shielded'
[ "$(grep -nxF "::$token::" "$scratch/log" | cut -d : -f 1)" -lt "$(grep -n '^::error file' "$scratch/log" | head -n 1 | cut -d : -f 1)" ] ||
  fail 'the annotations come while commands are off'
ok 'no line of the text log can command the runner, and the annotations can'

act INPUT_PATH=mended
is 0
holds "$scratch/output" 'findings=0'
ok 'nothing found: status 0'

act INPUT_FAIL_ON=never
is 0
holds "$scratch/output" 'findings=5'
ok 'fail-on: never'

act INPUT_ANNOTATIONS=false
is 1
lacks "$scratch/log" '::error file='
ok 'annotations: false'

act INPUT_PROFILE=production INPUT_ARGS='  --ignore mutable-image-tag
  --ignore=invalid-body-size '
is 1
lacks "$scratch/log" 'error[mutable-image-tag]'
lacks "$scratch/log" 'invalid-body-size'
ok 'profile and args, over several lines'

act INPUT_ARGS='*'
is 2
ok 'args are not expanded'

mkdir "$scratch/with space"
cp -R "$scratch/k8s/base" "$scratch/with space/base"
act INPUT_PATH='k8s/overlays/prod

with space/base'
is 1
holds "$scratch/log" 'with space/base'
ok 'paths: one a line, with spaces'

# shellcheck disable=SC2016 # That it is not expanded is the point.
act INPUT_PATH='$(touch owned); touch owned' INPUT_PROFILE='`touch owned`' INPUT_CONFIG='"; touch owned; "'
is 2
[ ! -e "$scratch/owned" ] || fail 'an input was run'
ok 'inputs are never run'

act INPUT_PATH='--version'
is 2
ok 'a path is never taken for an option'

printf 'fail_on: never\n' >"$scratch/manicheck.yaml"
act INPUT_CONFIG=manicheck.yaml
is 0
ok 'config'
rm "$scratch/manicheck.yaml"

(cd "$scratch" && "$manicheck" --write-baseline known.json k8s >/dev/null 2>&1) || true
act INPUT_BASELINE=known.json
is 0
ok 'baseline'

git init --quiet "$scratch"
git -C "$scratch" add k8s
git -C "$scratch" -c user.name=test -c user.email=test@example.com commit --quiet -m 'As it was'
act INPUT_SINCE=HEAD
is 0
sed -i.old 's/newTag: 2.0.7/newTag: stable/' "$scratch/k8s/base/kustomization.yaml"
act INPUT_SINCE=HEAD
is 1
holds "$scratch/log" '::error file=k8s/base/kustomization.yaml'
lacks "$scratch/log" '::error file=k8s/overlays/dev/kustomization.yaml'
mv "$scratch/k8s/base/kustomization.yaml.old" "$scratch/k8s/base/kustomization.yaml"
ok 'since: what is new, and nothing else'

# A release, as release.yml lays it out.
target=x86_64-unknown-linux-musl
release=$scratch/releases/download/v$version
mkdir -p "$release" "$scratch/manicheck-$target"
cp "$manicheck" "$scratch/manicheck-$target/manicheck"
tar -czf "$release/manicheck-$target.tar.gz" -C "$scratch" "manicheck-$target"
(cd "$release" && sha256sum "manicheck-$target.tar.gz" >"manicheck-$target.tar.gz.sha256")
from=("MANICHECK_RELEASES=file://$scratch/releases" RUNNER_OS=Linux RUNNER_ARCH=X64)

act "${from[@]}" INPUT_VERSION=
is 1
holds "$scratch/output" "version=$version"
ok 'download: the version of the action'

act "${from[@]}" INPUT_VERSION="v$version" INPUT_PATH=mended
is 0
ok 'download: a given version'

act "${from[@]}" INPUT_VERSION=9.9.9
is 2
holds "$scratch/log" '::error title=manicheck::cannot get'
ok 'download: no such version'

act "${from[@]}" INPUT_VERSION=../../x
is 2
holds "$scratch/log" '"version" is no version'
ok 'download: not a version'

act "${from[@]}" RUNNER_ARCH=S390X INPUT_VERSION=
is 2
holds "$scratch/log" 'there is no release for Linux on S390X'
ok 'download: not a platform'

echo more >>"$release/manicheck-$target.tar.gz"
act "${from[@]}" INPUT_VERSION=
is 2
holds "$scratch/log" 'is not the file that its checksum is of'
ok 'download: a changed archive is refused'

# Nothing of an input or event is written into a script: `${{ … }}` only stands in `with`, `env`, `if`, `value` and the like.
python3 - "$repository" <<'PY' || fail 'an expression stands in a script'
import pathlib, re, sys
root, bad = pathlib.Path(sys.argv[1]), False
for file in [root / "action.yml", *sorted((root / ".github/workflows").glob("*.yml"))]:
    depth = None
    for number, line in enumerate(file.read_text().splitlines(), 1):
        indent = len(line) - len(line.lstrip())
        if depth is not None and line.strip() and indent <= depth:
            depth = None
        run = re.match(r"\s*(- )?run:", line)
        if run:
            depth = indent + (2 if run[1] else 0)
        if depth is not None and "${{" in line:
            print(f"{file}:{number}: {line.strip()}")
            bad = True
    for number, line in enumerate(file.read_text().splitlines(), 1):
        use = re.search(r"\buses: (\S+)", line)
        if use and not use[1].startswith("./") and not re.search(r"@[0-9a-f]{40}$", use[1]):
            print(f"{file}:{number}: not pinned by a commit: {use[1]}")
            bad = True
sys.exit(bad)
PY
ok 'no expression in a script; every action pinned by its commit'

if command -v shellcheck >/dev/null; then
  (cd "$repository" && shellcheck --external-sources action/*.sh tests/edges/*.sh .ci/* docs/build benches/*.sh)
  ok 'shellcheck'
else
  echo 'skip  shellcheck is not installed'
fi
if command -v actionlint >/dev/null; then
  (cd "$repository" && actionlint -color)
  ok 'actionlint'
else
  echo 'skip  actionlint is not installed'
fi
if command -v hadolint >/dev/null; then
  (cd "$repository" && hadolint Dockerfile)
  ok 'hadolint'
else
  echo 'skip  hadolint is not installed'
fi
