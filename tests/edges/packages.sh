#!/usr/bin/env bash
# Makes the wheel and the npm packages and installs each into an empty place, as a user does. Versions must agree everywhere.
#
# MANICHECK: the binary that the npm package takes. TARGET: the target of the wheel and of the static binary; with
# RELEASE=1 they are optimised builds. KEEP_WHEELS: a directory that receives the wheel.
# shellcheck source=tests/edges/common.sh
source "$(dirname "$0")/common.sh"

version=$("$manicheck" --version | cut -d ' ' -f 2)
cd "$repository"
for place in 'Cargo.toml:version = "V"' 'pyproject.toml:version = "V"' 'pyproject.toml:manicheck==V' 'npm/manicheck/package.json:"version": "V"'; do
  text=${place#*:}
  holds "${place%%:*}" "${text/V/$version}"
done
[ "$(grep -cE "\"@manicheck/.*\": \"$version\"" npm/manicheck/package.json)" = 5 ] || fail 'npm: a dependency has another version'
ok "version $version everywhere"

mode=()
if [ -n "${RELEASE:-}" ]; then mode+=(--release); fi
if [ -n "${TARGET:-}" ]; then mode+=(--target "$TARGET"); fi
if [ -n "${TAGS:-}" ]; then
  read -ra tags <<<"$TAGS"
  mode+=(--compatibility "${tags[@]}")
fi
python3 -m venv "$scratch/venv"
command -v maturin >/dev/null || { "$scratch/venv/bin/pip" install --quiet maturin && PATH=$PATH:$scratch/venv/bin; }
(cd python && maturin build --quiet --locked ${mode[@]+"${mode[@]}"} --out "$scratch/wheels")
python3 -m venv "$scratch/fresh"
"$scratch/fresh/bin/pip" install --quiet --no-index --find-links "$scratch/wheels" manicheck
[ "$("$scratch/fresh/bin/manicheck" --version)" = "manicheck $version" ] || fail 'the wheel does not run'
ok "wheel: $(cd "$scratch/wheels" && du -k -- * | tr '\t' ' ') (kB)"
if [ -n "${KEEP_WHEELS:-}" ]; then mkdir -p "$KEEP_WHEELS" && cp "$scratch"/wheels/* "$KEEP_WHEELS"; fi

case $(uname -s)-$(uname -m) in
  Linux-x86_64) target=x86_64-unknown-linux-musl platform=linux-x64 ;;
  Linux-aarch64) target=aarch64-unknown-linux-musl platform=linux-arm64 ;;
  Darwin-x86_64) target=x86_64-apple-darwin platform=darwin-x64 ;;
  Darwin-arm64) target=aarch64-apple-darwin platform=darwin-arm64 ;;
  *) fail 'unknown platform' ;;
esac
mkdir -p "$scratch/binaries/$target" "$scratch/tarballs"
cp "$manicheck" "$scratch/binaries/$target/manicheck"
node npm/packages.mjs "$scratch/binaries" "$scratch/packages" 2>/dev/null
(cd "$scratch/tarballs" && npm pack --silent "$scratch/packages/manicheck" "$scratch/packages/manicheck-$platform" >/dev/null)
export npm_config_cache=$scratch/npm-cache npm_config_update_notifier=false npm_config_audit=false npm_config_fund=false

npm install --silent --global --omit=optional --prefix "$scratch/alone" "$scratch/tarballs/manicheck-$version.tgz"
status=0
"$scratch/alone/bin/manicheck" --version 2>"$scratch/err" || status=$?
[ "$status" = 2 ] || fail "npm: status $status without the binary"
holds "$scratch/err" "the package @manicheck/$platform is not installed"
ok 'npm: says so when the binary is not there'

# Without a registry the optional dependencies cannot come by themselves, so both packages are named.
npm install --silent --global --omit=optional --prefix "$scratch/prefix" "$scratch"/tarballs/*.tgz
[ "$("$scratch/prefix/bin/manicheck" --version)" = "manicheck $version" ] || fail 'the npm package does not run'
status=0
"$scratch/prefix/bin/manicheck" --format concise testdata/shop/k8s >"$scratch/out" || status=$?
[ "$status" = 1 ] || fail "npm: status $status, not 1"
holds "$scratch/out" 'mutable-image-tag'
ok 'npm: installs, runs, and hands the exit status on'

# A static binary runs in a root that has nothing else.
if [ -n "${STATIC:-}" ]; then
  mkdir "$scratch/root"
  cp "$STATIC" "$scratch/root/manicheck"
  cp -R testdata/shop/k8s "$scratch/root/k8s"
  status=0
  chroot "$scratch/root" /manicheck --format concise /k8s >"$scratch/out" || status=$?
  [ "$status" = 1 ] || fail "static: status $status, not 1"
  holds "$scratch/out" 'mutable-image-tag'
  ok 'static: runs in an empty root'
fi
