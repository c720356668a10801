#!/usr/bin/env bash
# The action: gets manicheck, runs it, and hands over what it found: log, annotations, job summary, SARIF file, outputs.
# Reads the inputs from INPUT_* and the runner's own variables. Exits with the status of manicheck. Works with bash 3.2 (macOS).
set -euo pipefail

releases=${MANICHECK_RELEASES:-https://github.com/manicheck/manicheck/releases}
work=$(mktemp -d "${RUNNER_TEMP:-${TMPDIR:-/tmp}}/manicheck.XXXXXX")

main() {
  local manicheck status=0
  manicheck=$(install)
  options
  quietly "$manicheck" "${options[@]}" -- "${paths[@]}" || status=$?
  # Options that are not accepted: there is no report to hand over.
  if [ -f "$work/report.json" ]; then
    if [ "${INPUT_ANNOTATIONS:-true}" = true ]; then cat "$work/annotations"; fi
    summary
    outputs "$manicheck"
  fi
  return "$status"
}

# The command line, in $options and $paths.
options() {
  options=(--format text --format "github=$work/annotations" --format "markdown=$work/summary.md")
  options+=(--format "sarif=$work/manicheck.sarif" --format "json=$work/report.json")
  option --config "${INPUT_CONFIG:-}"
  option --fail-on "${INPUT_FAIL_ON:-}"
  option --profile "${INPUT_PROFILE:-}"
  option --baseline "${INPUT_BASELINE:-}"
  option --since "${INPUT_SINCE:-}"
  local words=()
  # Ends at the end of the text, which `read` calls a failure.
  read -r -d '' -a words <<<"${INPUT_ARGS:-}" || true
  options+=(${words[@]+"${words[@]}"})

  local path
  paths=()
  while IFS= read -r path; do
    if [ -n "$path" ]; then paths+=("$path"); fi
  done <<<"${INPUT_PATH:-.}"
  if [ "${#paths[@]}" = 0 ]; then paths=(.); fi
}

# Adds the option with its value in one word, so that a value can never be taken for an option.
option() {
  if [ -n "$2" ]; then options+=("$1=$2"); fi
}

# Runs a command whose output quotes files of the pull request: nothing in it is a command to the runner.
quietly() {
  local token status=0
  token=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
  echo "::stop-commands::$token"
  "$@" || status=$?
  echo "::$token::"
  return "$status"
}

# The runner takes at most 1 MiB.
summary() {
  if [ -z "${GITHUB_STEP_SUMMARY:-}" ]; then return; fi
  if [ "$(wc -c <"$work/summary.md")" -le 1000000 ]; then
    cat "$work/summary.md" >>"$GITHUB_STEP_SUMMARY"
  else
    head -n 12 "$work/summary.md" >>"$GITHUB_STEP_SUMMARY"
    printf '\nThere are too many findings to list here; the log has them all.\n' >>"$GITHUB_STEP_SUMMARY"
  fi
}

outputs() {
  if [ -z "${GITHUB_OUTPUT:-}" ]; then return; fi
  {
    echo "sarif-file=$work/manicheck.sarif"
    echo "findings=$(findings)"
    echo "version=$("$1" --version | cut -d ' ' -f 2)"
  } >>"$GITHUB_OUTPUT"
}

# Sums up the counts of the report's summary, which has one member a line.
findings() {
  sed -nE '/"summary"/,/}/s/^ *"(errors|warnings|notes)": *([0-9]+).*/\2/p' "$work/report.json" >"$work/counts"
  awk '{ sum += $1 } END { print sum + 0 }' "$work/counts"
}

# Prints the path of the program, got as the input asks.
install() {
  local version=${INPUT_VERSION:-}
  case $version in
    installed)
      command -v manicheck || stop 'manicheck is not on the PATH'
      return
      ;;
    '') version=$(sed -n 's/^version = "\(.*\)"$/\1/p' "${GITHUB_ACTION_PATH:?}/Cargo.toml" | head -n 1) ;;
    latest) ;;
    *[!0-9A-Za-z.+-]*) stop 'the input "version" is no version' ;;
  esac
  local target archive url
  # Bash does not hand `set -e` down to a command substitution, and `install` runs in one.
  target=$(target) || exit
  case $target in *windows*) archive=manicheck-$target.zip ;; *) archive=manicheck-$target.tar.gz ;; esac
  if [ "$version" = latest ]; then url=$releases/latest/download; else url=$releases/download/v${version#v}; fi
  local file
  for file in "$archive" "$archive.sha256"; do
    curl --fail --silent --show-error --location --retry 3 --output "$work/$file" "$url/$file" ||
      stop "cannot get $url/$file"
  done
  (cd "$work" && sha256 "$archive.sha256") || stop "$archive is not the file that its checksum is of"
  case $archive in
    *.zip) unzip -q "$work/$archive" -d "$work" ;;
    *) tar -xzf "$work/$archive" -C "$work" ;;
  esac || stop "cannot unpack $archive"
  local program=$work/manicheck-$target/manicheck
  if [ -f "$program.exe" ]; then program=$program.exe; fi
  echo "$program"
}

# Checks the files that a list of checksums names.
sha256() {
  if command -v sha256sum >/dev/null; then sha256sum --check --status "$1"; else shasum -a 256 --check --status "$1"; fi
}

# The target that releases are made for and that runs on this machine.
target() {
  case ${RUNNER_OS:-$(uname -s)}-${RUNNER_ARCH:-$(uname -m)} in
    Linux-X64 | Linux-x86_64) echo x86_64-unknown-linux-musl ;;
    Linux-ARM64 | Linux-aarch64) echo aarch64-unknown-linux-musl ;;
    macOS-X64 | Darwin-x86_64) echo x86_64-apple-darwin ;;
    macOS-ARM64 | Darwin-arm64) echo aarch64-apple-darwin ;;
    Windows-X64 | Windows-ARM64) echo x86_64-pc-windows-msvc ;;
    *) stop "there is no release for ${RUNNER_OS:-$(uname -s)} on ${RUNNER_ARCH:-$(uname -m)}" ;;
  esac
}

# Shows an error and ends with 2, the status for what could not be done. To stderr: the caller may read stdout.
stop() {
  echo "::error title=manicheck::$1" >&2
  exit 2
}

main
