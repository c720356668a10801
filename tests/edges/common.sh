# shellcheck shell=bash
# Shared by the scripts here: $repository, $manicheck (built if MANICHECK does not name one), $scratch (removed at the end), and
# the words they report with.
set -euo pipefail

repository=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

if [ -n "${MANICHECK:-}" ]; then
  manicheck=$(realpath "$MANICHECK")
else
  (cd "$repository" && cargo build --quiet --locked)
  manicheck=${CARGO_TARGET_DIR:-$repository/target}/debug/manicheck
fi
[ -x "$manicheck" ] || { echo "no binary at $manicheck" >&2; exit 2; }

ok() { printf 'ok    %s\n' "$*"; }

fail() {
  printf 'FAIL  %s\n' "$*" >&2
  exit 1
}

# holds FILE TEXT: the file has the text.
holds() {
  grep -qF -- "$2" "$1" || {
    cat "$1" >&2
    fail "no \`$2\` in $1"
  }
}

# lacks FILE TEXT: the file does not have the text.
lacks() {
  ! grep -qF -- "$2" "$1" || {
    cat "$1" >&2
    fail "\`$2\` in $1"
  }
}

# mend_shop DIR: corrects every mistake of a copy of testdata/shop.
mend_shop() {
  (
    cd "$1/k8s"
    sed -i.old 's/newTag: latest/newTag: 1.5.0-rc.1/' overlays/dev/kustomization.yaml
    sed -i.old 's/value: 20MB/value: 20m/' overlays/prod/kustomization.yaml
    sed -i.old 's/^spec:$/spec:\n  tls:\n    - hosts: [shop.staging.acme.dev]\n      secretName: shop-tls/' overlays/staging/ingress.yaml
    sed -i.old 's/^              memory: 64Mi$/              memory: 64Mi\n            limits:\n              memory: 128Mi/' base/web.yaml
    sed -i.old 's/^          readinessProbe:$/          livenessProbe:\n            httpGet:\n              path: \/live\n              port: http\n          readinessProbe:/' base/web.yaml
    find . -name '*.old' -delete
  )
}

# released: the target of the release for this machine, and the npm platform, in $target and $platform.
# shellcheck disable=SC2034 # The scripts use them.
released() {
  case $(uname -s)-$(uname -m) in
    Linux-x86_64) target=x86_64-unknown-linux-musl platform=linux-x64 ;;
    Linux-aarch64) target=aarch64-unknown-linux-musl platform=linux-arm64 ;;
    Darwin-x86_64) target=x86_64-apple-darwin platform=darwin-x64 ;;
    Darwin-arm64) target=aarch64-apple-darwin platform=darwin-arm64 ;;
    *) fail 'unknown platform' ;;
  esac
}

# documented WORDS [PAGE]: the command of a page (docs/src/getting-started.md) that begins with them, without its comment.
documented() {
  local page=$repository/${2:-docs/src/getting-started.md}
  sed -nE "s/^($1( [^#]*[^# ])?)( +#.*)?\$/\\1/p" "$page" | grep . || fail "\`$1\` is not documented"
}

# follow WORDS [PAGE]: runs that command.
follow() {
  local command
  command=$(documented "$@")
  bash -c "$command"
}

# finds_mistakes COMMAND…: it lints the example tree, which it finds as `k8s` in the current directory, and finds its mistakes.
finds_mistakes() {
  local status=0
  "$@" --format concise k8s >"$scratch/found" || status=$?
  [ "$status" = 1 ] || fail "$*: status $status, not 1"
  holds "$scratch/found" 'mutable-image-tag'
}
