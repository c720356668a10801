#!/usr/bin/env bash
# Runs the real pre-commit with the documented configuration on a repository made of testdata/shop: it fails with the findings shown,
# and passes when they are mended. Needs git and python3 (pre-commit is installed into a scratch environment unless it is on the PATH).
#
# MANICHECK: the binary for the system hook. WHEELS: a directory with the wheel of this version; then the python hook is tried
# too. SOURCE: if set, the rust hook as well, which builds everything.
# shellcheck source=tests/edges/common.sh
source "$(dirname "$0")/common.sh"

if ! command -v pre-commit >/dev/null; then
  python3 -m venv "$scratch/venv"
  "$scratch/venv/bin/pip" install --quiet pre-commit
  PATH=$scratch/venv/bin:$PATH
fi
export PRE_COMMIT_HOME=$scratch/pre-commit
export GIT_CONFIG_GLOBAL=/dev/null GIT_AUTHOR_NAME=test GIT_AUTHOR_EMAIL=test@example.com
export GIT_COMMITTER_NAME=test GIT_COMMITTER_EMAIL=test@example.com
mkdir "$scratch/bin"
ln -s "$manicheck" "$scratch/bin/manicheck"

# The hooks come from a repository, as they do for users: this tree, committed and tagged.
git init --quiet "$scratch/hooks"
(cd "$repository" && git ls-files --cached --others --exclude-standard -z | tar -c --null --files-from=-) | tar -x -C "$scratch/hooks"
git -C "$scratch/hooks" add --all
git -C "$scratch/hooks" commit --quiet -m 'All of it'
git -C "$scratch/hooks" tag "v$("$manicheck" --version | cut -d ' ' -f 2)"
# Its address, as the documentation has it, leads there.
export GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=url.$scratch/hooks.insteadOf GIT_CONFIG_VALUE_0=https://github.com/manicheck/manicheck
sed -n '/^repos:$/,/^ *args:/p' "$repository/docs/src/ci.md" >"$scratch/config.yaml"
holds "$scratch/config.yaml" '- id: manicheck '

pre-commit validate-manifest "$scratch/hooks/.pre-commit-hooks.yaml" || fail 'the manifest of the hooks is not valid'
ok 'the manifest of the hooks is valid'

# try HOOK: a user commits with that hook in place.
try() {
  local hook=$1 user=$scratch/$1
  git init --quiet "$user"
  cp -R "$repository/testdata/shop/k8s" "$user/k8s"
  sed "s/- id: manicheck /- id: $hook /" "$scratch/config.yaml" >"$user/.pre-commit-config.yaml"
  cd "$user"
  git add --all
  pre-commit install >/dev/null

  if git commit -m 'With mistakes' >"$scratch/out" 2>&1; then
    cat "$scratch/out"
    fail "$hook: a commit with mistakes was let through"
  fi
  holds "$scratch/out" 'mutable-image-tag'
  holds "$scratch/out" 'k8s/overlays/dev/kustomization.yaml:8:13'
  ok "$hook: a commit with mistakes is stopped, and they are shown"

  mend_shop "$user"
  git add --all
  git commit -m 'Mended' >"$scratch/out" 2>&1 || {
    cat "$scratch/out"
    fail "$hook: the mended tree was stopped"
  }
  holds "$scratch/out" 'Passed'
  ok "$hook: the mended tree is let through"

  echo hello >notes.txt
  git add notes.txt
  git commit -m 'No manifest' >"$scratch/out" 2>&1 || fail "$hook: a commit without manifests was stopped"
  holds "$scratch/out" 'no files to check'
  ok "$hook: not run where no manifest changed"
}

(PATH=$scratch/bin:$PATH try manicheck-system)
if [ -n "${WHEELS:-}" ]; then
  (PIP_FIND_LINKS=$(realpath "$WHEELS") && export PIP_FIND_LINKS && try manicheck)
else
  echo 'skip  manicheck: WHEELS names no directory with the wheel'
fi
if [ -n "${SOURCE:-}" ]; then
  # Not optimised, which takes minutes less and is not what is tried here.
  (export CARGO_PROFILE_RELEASE_OPT_LEVEL=0 && try manicheck-src)
else
  echo 'skip  manicheck-src: SOURCE=1 builds it'
fi
