#!/usr/bin/env bash
# Follows the documentation with cargo: `cargo install` builds the packed crate, `cargo run` a checkout, and `cargo binstall` finds the
# archive of the release. None leaves this machine: crates.io is a directory to the first two, and a proxy answers the last in the place
# of crates.io and GitHub.
#
# MANICHECK: the binary in the archive.
# shellcheck source=tests/edges/common.sh
source "$(dirname "$0")/common.sh"

version=$("$manicheck" --version | cut -d ' ' -f 2)
cd "$repository"
CARGO_TARGET_DIR=$scratch/packed cargo package --quiet --locked --no-verify --allow-dirty
crate=$scratch/packed/package/manicheck-$version.crate
sum=$(python3 -c 'import hashlib, sys; print(hashlib.sha256(open(sys.argv[1], "rb").read()).hexdigest())' "$crate")

# What is on crates.io: the dependencies as locked, and our crate as it would be published.
mkdir "$scratch/home"
cargo vendor --locked --versioned-dirs "$scratch/crates.io" >"$scratch/home/config.toml" 2>"$scratch/log" || { cat "$scratch/log"; fail 'cargo vendor'; }
tar -xzf "$crate" -C "$scratch/crates.io"
printf '{"files":{},"package":"%s"}' "$sum" >"$scratch/crates.io/manicheck-$version/.cargo-checksum.json"
# from_source WORDS [PAGE]: follows the documentation there. Not optimised, which takes minutes less and is not what is tried here.
from_source() {
  CARGO_HOME=$scratch/home CARGO_NET_OFFLINE=true CARGO_TARGET_DIR=$scratch/target CARGO_INSTALL_ROOT=$scratch/installed \
    CARGO_PROFILE_RELEASE_OPT_LEVEL=0 CARGO_PROFILE_RELEASE_DEBUG=none follow "$@"
}
(cd "$scratch" && from_source 'cargo install') >"$scratch/log" 2>&1 || { cat "$scratch/log"; fail 'cargo install'; }
[ "$("$scratch/installed/bin/manicheck" --version)" = "manicheck $version" ] || fail 'cargo install: it does not run'
(cd testdata/shop && finds_mistakes "$scratch/installed/bin/manicheck")
ok "cargo install: builds from the packed crate ($(($(wc -c <"$crate") / 1000)) kB), and runs"

status=0
from_source 'cargo run' README.md >"$scratch/log" 2>&1 || status=$?
[ "$status" = 1 ] || { cat "$scratch/log"; fail "cargo run: status $status, not 1"; }
holds "$scratch/log" 'error[mutable-image-tag]'
ok 'cargo run: what the README says of a checkout'

if ! command -v cargo-binstall >/dev/null; then
  echo 'skip  cargo binstall: cargo-binstall is not installed'
  exit
fi

# The release, as release.yml lays it out and the three hosts hand it out.
released
web=$scratch/web
release=manicheck/manicheck/releases
downloads=$web/github.com/$release/download/v$version
mkdir -p "$scratch/built/$target/release" "$downloads" "$web/api.github.com/repos/$release/tags" \
  "$web/index.crates.io/ma/ni" "$web/static.crates.io/crates/manicheck/$version"
cp "$manicheck" "$scratch/built/$target/release/manicheck"
CARGO_TARGET_DIR=$scratch/built .ci/archive "$target" "$downloads"
.ci/unpack "$downloads" "$scratch/unpacked"
(cd testdata/shop && finds_mistakes "$scratch/unpacked/$target/manicheck")
ok 'release: the archive unpacks, against its checksum'
printf '{"tag_name":"v%s","assets":[{"name":"%s","url":"https://api.github.com/repos/%s/assets/1"}]}' \
  "$version" "manicheck-$target.tar.gz" "$release" >"$web/api.github.com/repos/$release/tags/v$version"
echo '{"dl":"https://static.crates.io/crates","api":"https://crates.io"}' >"$web/index.crates.io/config.json"
printf '{"name":"manicheck","vers":"%s","deps":[],"cksum":"%s","features":{},"yanked":false}\n' "$version" "$sum" \
  >"$web/index.crates.io/ma/ni/manicheck"
cp "$crate" "$web/static.crates.io/crates/manicheck/$version/download"

# The proxy has a certificate for them that only this script trusts.
(
  cd "$scratch"
  {
    openssl req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.pem -days 2 -subj '/CN=tests of manicheck'
    openssl req -newkey rsa:2048 -nodes -keyout proxy.key -out proxy.req -subj '/CN=proxy'
    echo 'subjectAltName=DNS:github.com,DNS:api.github.com,DNS:index.crates.io,DNS:static.crates.io' >names
    openssl x509 -req -in proxy.req -CA ca.pem -CAkey ca.key -set_serial 1 -days 2 -extfile names -out proxy.pem
  } >log 2>&1 || { cat log; fail 'openssl'; }
)
python3 - "$web" "$scratch/proxy.pem" "$scratch/proxy.key" >"$scratch/port" 2>"$scratch/requests" <<'PY' &
import http.server, ssl, sys
web, certificate, key = sys.argv[1:]
context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
context.load_cert_chain(certificate, key)

class Proxy(http.server.SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    host = "-"

    def do_CONNECT(self):
        self.host = self.path.split(":")[0]
        self.send_response(200)
        self.end_headers()
        self.connection = context.wrap_socket(self.connection, server_side=True)
        self.rfile, self.wfile = self.connection.makefile("rb"), self.connection.makefile("wb", buffering=0)

    def translate_path(self, path):
        return super().translate_path(f"/{self.host}{path}")

handler = lambda *arguments: Proxy(*arguments, directory=web)
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
print(f"http://127.0.0.1:{server.server_port}", flush=True)
server.serve_forever()
PY
proxy=$!
trap 'kill "$proxy"; rm -rf "$scratch"' EXIT
for _ in 1 2 3 4 5 6 7 8 9 10; do [ -s "$scratch/port" ] || sleep 1; done
# Only the address that our metadata names counts here, asked for as anybody.
unset GITHUB_TOKEN GH_TOKEN
(
  cd "$scratch"
  HTTPS_PROXY=$(cat port) BINSTALL_HTTPS_ROOT_CERTS=$scratch/ca.pem BINSTALL_DISABLE_STRATEGIES=quick-install,compile \
    BINSTALL_NO_DISCOVER_GITHUB_TOKEN=true BINSTALL_NO_CONFIRM=true BINSTALL_DISABLE_TELEMETRY=true \
    CARGO_HOME=$scratch/home CARGO_INSTALL_ROOT=$scratch/binstalled follow 'cargo binstall' >log 2>&1
) || { cat "$scratch/log" "$scratch/requests"; fail 'cargo binstall'; }
holds "$scratch/requests" "GET /$release/download/v$version/manicheck-$target.tar.gz"
[ "$("$scratch/binstalled/bin/manicheck" --version)" = "manicheck $version" ] || fail 'cargo binstall: it does not run'
(cd testdata/shop && finds_mistakes "$scratch/binstalled/bin/manicheck")
ok "cargo binstall: installs manicheck-$target.tar.gz of the release"
