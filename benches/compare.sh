#!/usr/bin/env bash
# Times whole processes side by side in one run: manicheck, `kustomize build`, and other linters that can be installed with the
# ordinary package managers. Prints medians and ratios; machines are noisy, so read the ratios.
#
#   benches/compare.sh [TREE …]       default: the example tree, and the archives named by MANICHECK_CORPUS (a directory
#                                     with one repository's manifests per subdirectory)
# Environment: ROUNDS (default 11), INSTALL=1 to install missing tools into target/compare.
set -euo pipefail
cd "$(dirname "$0")/.."

rounds=${ROUNDS:-11}
tools=$PWD/target/compare
mkdir -p "$tools/bin"
PATH="$tools/bin:$PATH"
have() { command -v "$1" >/dev/null 2>&1; }

cargo build --release --quiet
manicheck=$PWD/target/release/manicheck

if [ "${INSTALL:-0}" = 1 ]; then
  if have go; then
    export GOBIN="$tools/bin"
    have kustomize || go install sigs.k8s.io/kustomize/kustomize/v5@v5.8.1 || echo 'kustomize: not installed'
    have kubeconform || go install github.com/yannh/kubeconform/cmd/kubeconform@latest || echo 'kubeconform: not installed'
    have kube-score || go install github.com/zegl/kube-score/cmd/kube-score@latest || echo 'kube-score: not installed'
    have kube-linter || go install golang.stackrox.io/kube-linter/cmd/kube-linter@latest || echo 'kube-linter: not installed'
  fi
  if have python3 && ! have checkov; then
    python3 -m venv "$tools/venv" && "$tools/venv/bin/pip" install --quiet checkov &&
      ln -sf "$tools/venv/bin/checkov" "$tools/bin/checkov" || echo 'checkov: not installed'
  fi
fi

# Median wall time of a command in microseconds; its output and status do not matter.
measure() {
  local times=() start end i
  "$@" >/dev/null 2>&1 || true
  for ((i = 0; i < rounds; i++)); do
    start=${EPOCHREALTIME/./}
    "$@" >/dev/null 2>&1 || true
    end=${EPOCHREALTIME/./}
    times+=($((end - start)))
  done
  printf '%s\n' "${times[@]}" | sort -n | sed -n "$(((rounds + 1) / 2))p"
}

row() { awk -v n="$1" -v t="$2" -v base="$3" 'BEGIN { printf "  %-44s %10.1f ms  %8.1fx\n", n, t / 1000, t / base }'; }

yaml_files() { find "$1" -type f \( -name '*.yaml' -o -name '*.yml' \) -print0; }

# A slow tool on a large tree: once is enough to see the order of magnitude.
others() {
  local tree=$1 base=$2
  have kubeconform && row "kubeconform (schemas from its cache or network)" "$(measure kubeconform -ignore-missing-schemas -summary "$tree")" "$base"
  have kube-linter && row 'kube-linter lint' "$(measure kube-linter lint "$tree")" "$base"
  have kube-score && row 'kube-score score' "$(measure bash -c "find '$tree' -name '*.yaml' -print0 | xargs -0 kube-score score")" "$base"
  have checkov && row 'checkov -d' "$(rounds=1 measure checkov --quiet --compact --framework kubernetes -d "$tree")" "$base"
  return 0
}

tree_report() {
  local tree=$1 base roots dir
  echo "$tree: $(yaml_files "$tree" | tr -cd '\0' | wc -c) YAML files, $(yaml_files "$tree" | xargs -0 cat 2>/dev/null | wc -c) bytes"
  base=$(measure "$manicheck" --fail-on never "$tree")
  row 'manicheck (renders and lints everything)' "$base" "$base"
  others "$tree" "$base"
  have kustomize || return 0
  roots=$(find "$tree" -name kustomization.yaml -printf '%h\n' | sort | head -n 40)
  local ours=0 theirs=0 n=0 t
  for dir in $roots; do
    if ! kustomize build "$dir" >/dev/null 2>&1 || ! "$manicheck" build "$dir" >/dev/null 2>&1; then continue; fi
    t=$(rounds=3 measure "$manicheck" build "$dir"); ours=$((ours + t))
    t=$(rounds=3 measure kustomize build "$dir"); theirs=$((theirs + t))
    n=$((n + 1))
  done
  [ "$n" = 0 ] && return 0
  echo "  $n kustomizations built one by one, as whole processes:"
  row 'manicheck build' "$ours" "$ours"
  row 'kustomize build' "$theirs" "$ours"
}

echo "$(nproc) cores; median of $rounds rounds; ratio to manicheck"
if [ $# -gt 0 ]; then
  for tree in "$@"; do tree_report "$tree"; done
else
  tree_report testdata/shop/k8s
  if [ -n "${MANICHECK_CORPUS:-}" ]; then
    for tree in "$MANICHECK_CORPUS"/*/; do tree_report "${tree%/}"; done
  fi
fi
