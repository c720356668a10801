#!/usr/bin/env bash
# Builds the image under the name that the documentation gives it, and follows the documentation. Takes docker if its daemon answers,
# else podman, with images in a place of its own.
#
# STATIC: a static Linux binary; built if not set.
# shellcheck source=tests/edges/common.sh
source "$(dirname "$0")/common.sh"

image=ghcr.io/manicheck/manicheck
cd "$repository"
released
case $target in
  *linux*) ;;
  *) echo 'skip  the image is made on Linux' && exit ;;
esac
if [ -z "${STATIC:-}" ]; then
  rustup target list --installed | grep -qxF "$target" || { echo "skip  no STATIC, and rustup has no $target to build it with" && exit; }
  cargo build --quiet --locked --target "$target"
  STATIC=${CARGO_TARGET_DIR:-target}/$target/debug/manicheck
fi
case $target in
  x86_64-*) architecture=amd64 ;;
  *) architecture=arm64 ;;
esac
mkdir "$scratch/context" "$scratch/project"
cp "$STATIC" "$scratch/context/manicheck-$architecture"
cp -R testdata/shop/k8s "$scratch/project/k8s"

# A static binary runs in a root that has nothing else.
if [ "$(id -u)" = 0 ]; then
  mkdir "$scratch/root"
  cp "$STATIC" "$scratch/root/manicheck"
  cp -R testdata/shop/k8s "$scratch/root/k8s"
  finds_mistakes chroot "$scratch/root" /manicheck
  ok 'static: runs in an empty root'
fi

if command -v docker >/dev/null && docker info >/dev/null 2>&1; then
  with=docker
  before=$(docker images --quiet "$image:latest")
  if [ -n "$before" ]; then undo="docker tag $before $image:latest"; else undo="docker rmi --force $image:latest"; fi
  trap '$undo >/dev/null; rm -rf "$scratch"' EXIT
elif command -v podman >/dev/null; then
  with=podman
  mkdir "$scratch/bin"
  printf '#!/bin/sh\nexec podman "$@"\n' >"$scratch/bin/docker"
  chmod +x "$scratch/bin/docker"
  PATH=$scratch/bin:$PATH
  printf '[storage]\ndriver = "vfs"\ngraphroot = "%s"\nrunroot = "%s"\n' "$scratch/images" "$scratch/containers" >"$scratch/storage.conf"
  # Limits that a process may set which may not raise any.
  limit="$(ulimit -n):$(ulimit -n)"
  printf '[containers]\ndefault_ulimits = ["nofile=%s", "nproc=1024:1024"]\n' "$limit" >"$scratch/containers.conf"
  export CONTAINERS_STORAGE_CONF=$scratch/storage.conf CONTAINERS_CONF=$scratch/containers.conf
else
  echo 'skip  neither docker nor podman' && exit
fi
docker build --build-arg "TARGETARCH=$architecture" --tag "$image" --file Dockerfile "$scratch/context" >"$scratch/log" 2>&1 ||
  { cat "$scratch/log"; fail "$with cannot build the image"; }
if [ "$with" = podman ] && ! docker run --rm "$image" --version >"$scratch/log" 2>&1; then
  # Where control groups are mixed, only this one runs.
  printf '[engine]\nruntime = "runc"\n' >>"$scratch/containers.conf"
  with='podman with runc'
fi
[ "$(docker run --rm "$image" --version)" = "$("$manicheck" --version)" ] || fail "$with cannot run the image"
ok "the image builds and runs, by $with"

status=0
(cd "$scratch/project" && follow 'docker run') >"$scratch/out" 2>&1 || status=$?
[ "$status" = 1 ] || { cat "$scratch/out"; fail "docker run: status $status, not 1"; }
holds "$scratch/out" 'error[mutable-image-tag]'
ok "docker run: the documented command finds what is wrong in the directory it is started in ($with)"

user=$(docker image inspect --format '{{ .Config.User }}' "$image")
[ "$user" = 65532:65532 ] || fail "the image runs as \`$user\`"
status=0
(cd "$scratch/project" && docker run --rm -v "$PWD:/work:ro" "$image" --write-baseline known.json k8s/) >"$scratch/out" 2>&1 || status=$?
[ "$status" = 2 ] || { cat "$scratch/out"; fail "writing without the right to: status $status, not 2"; }
ok 'it runs as nobody in particular, and cannot write'
