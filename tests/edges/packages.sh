#!/usr/bin/env bash
# Makes the wheel and the npm packages and installs each into an empty place, as a user does. Versions must agree everywhere.
#
# MANICHECK: the binary that the npm package takes. TARGET: the target of the wheel; with RELEASE=1 it is an
# optimised build. KEEP_WHEELS: a directory that receives the wheel.
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

# `cargo binstall` fills in the metadata: for each target of a release, and for the two that take the static binary, the address is that
# of an archive which .ci/archive names so, with the program where it is in there.
python3 - <<'PY' || fail 'the metadata for cargo binstall'
import json, re, subprocess, pathlib
package = json.loads(subprocess.check_output(["cargo", "metadata", "--no-deps", "--offline", "--format-version", "1"]))["packages"][0]
metadata, version = package["metadata"]["binstall"], package["version"]
released = set(re.findall(r"target: ([a-z0-9_-]+)", pathlib.Path(".github/workflows/release.yml").read_text()))
for target in released | set(metadata["overrides"]):
    own = {**metadata, **metadata["overrides"].get(target, {})}
    values = {"repo": package["repository"], "version": version, "target": target, "bin": "manicheck",
              "binary-ext": ".exe" if "windows" in target else ""}
    fill = lambda text: re.sub(r"\{ ([a-z-]+) \}", lambda m: values[m[1]], text)
    static = target.replace("-linux-gnu", "-linux-musl")
    assert static in released, target
    ending, form = ("zip", "zip") if "windows" in target else ("tar.gz", "tgz")
    url = f"{package['repository']}/releases/download/v{version}/manicheck-{static}.{ending}"
    assert fill(own["pkg-url"]) == url and own["pkg-fmt"] == form, (target, own)
    assert fill(own["bin-dir"]) == f"manicheck-{static}/manicheck{values['binary-ext']}", (target, own)
PY
ok 'cargo binstall: its metadata names the archives of a release'

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
PATH=$scratch/fresh/bin:$PATH PIP_QUIET=1 PIP_NO_INDEX=1 PIP_FIND_LINKS=$scratch/wheels follow 'pip install'
[ "$("$scratch/fresh/bin/manicheck" --version)" = "manicheck $version" ] || fail 'the wheel does not run'
ok "wheel: $(cd "$scratch/wheels" && du -k -- * | tr '\t' ' ') (kB)"
if [ -n "${KEEP_WHEELS:-}" ]; then mkdir -p "$KEEP_WHEELS" && cp "$scratch"/wheels/* "$KEEP_WHEELS"; fi

# The job of the documentation for GitLab: its script, in a directory that has the example tree as `k8s`.
mkdir "$scratch/project"
cp -R testdata/shop/k8s "$scratch/project/k8s"
sed -nE '/^## GitLab/,/^## /s/^    - (.*)/\1/p' docs/src/ci.md >"$scratch/script"
[ "$(wc -l <"$scratch/script")" = 2 ] || fail 'the script for GitLab is another one'
python3 -m venv "$scratch/job"
status=0
(cd "$scratch/project" && PATH=$scratch/job/bin:$PATH PIP_QUIET=1 PIP_NO_INDEX=1 PIP_FIND_LINKS=$scratch/wheels bash -e "$scratch/script") \
  >"$scratch/log" || status=$?
[ "$status" = 1 ] || fail "GitLab: status $status, not 1"
holds "$scratch/log" 'error[mutable-image-tag]'
python3 -c 'import json, sys; assert len(json.load(open(sys.argv[1]))) == 5' "$scratch/project/gl-code-quality-report.json"
ok 'the documented job for GitLab reports its findings'

released
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

# A registry with the two packages. Those for other platforms are not to be had, as they are not needed.
python3 - "$scratch" "$scratch/tarballs"/*.tgz >"$scratch/port" 2>"$scratch/requests" <<'PY' &
import base64, hashlib, http.server, json, os, pathlib, sys, tarfile
scratch, *tarballs = sys.argv[1:]
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), http.server.SimpleHTTPRequestHandler)
root = f"http://127.0.0.1:{server.server_port}"
os.mkdir(f"{scratch}/registry")
os.symlink("../tarballs", f"{scratch}/registry/tarballs")
for tarball in map(pathlib.Path, tarballs):
    manifest = json.load(tarfile.open(tarball).extractfile("package/package.json"))
    digest = base64.b64encode(hashlib.sha512(tarball.read_bytes()).digest()).decode()
    manifest["dist"] = {"tarball": f"{root}/tarballs/{tarball.name}", "integrity": f"sha512-{digest}"}
    name, version = manifest["name"], manifest["version"]
    page = pathlib.Path(scratch, "registry", name)
    page.parent.mkdir(exist_ok=True)
    page.write_text(json.dumps({"name": name, "dist-tags": {"latest": version}, "versions": {version: manifest}}))
os.chdir(f"{scratch}/registry")
print(root, flush=True)
server.serve_forever()
PY
registry=$!
trap 'kill "$registry"; rm -rf "$scratch"' EXIT
for _ in 1 2 3 4 5 6 7 8 9 10; do [ -s "$scratch/port" ] || sleep 1; done
npm_config_loglevel=error npm_config_registry=$(cat "$scratch/port") npm_config_prefix=$scratch/prefix follow 'npm install' \
  >"$scratch/log" 2>&1 || { cat "$scratch/log"; fail 'npm install'; }
[ "$("$scratch/prefix/bin/manicheck" --version)" = "manicheck $version" ] || fail 'the npm package does not run'
(cd testdata/shop && finds_mistakes "$scratch/prefix/bin/manicheck")
ok 'npm: installs, runs, and hands the exit status on'
