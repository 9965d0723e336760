# Sourced by the scripts of this repository: makes sure of what they need, or says what is missing.
# shellcheck shell=bash

say() { printf '%s: %s\n' "${0##*/}" "$*" >&2; }

# require_packages PACKAGE...: installs what is missing, where there is apt.
require_packages() {
    local package missing=() root=()
    if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
        say "no apt here: install what corresponds to $* yourself if the build complains"
        return 0
    fi
    for package in "$@"; do
        dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q '^install ok installed$' ||
            missing+=("$package")
    done
    [ ${#missing[@]} -gt 0 ] || return 0
    if [ "$(id -u)" != 0 ]; then
        if ! command -v sudo >/dev/null; then
            say "missing packages: ${missing[*]}; install them as root: apt-get install ${missing[*]}"
            return 1
        fi
        root=(sudo)
    fi
    say "installing ${missing[*]}"
    # The lists may be missing or old: refresh them only when the first try fails.
    local install=(env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "${missing[@]}")
    "${root[@]}" "${install[@]}" >&2 || {
        "${root[@]}" apt-get update -q >&2
        "${root[@]}" "${install[@]}" >&2
    }
}

# require_swift: Swift 6.1 or newer on the PATH.
require_swift() {
    if ! command -v swift >/dev/null; then
        say "Swift isn't installed. Swift 6.1 or newer is needed: https://www.swift.org/install/linux/"
        return 1
    fi
    local version major minor
    version=$(swift --version 2>/dev/null | sed -n 's/.*Swift version \([0-9][0-9]*\.[0-9][0-9]*\).*/\1/p' | head -n 1)
    major=${version%%.*} minor=${version#*.}
    if [ -z "$version" ] || [ "$major" -lt 6 ] || { [ "$major" -eq 6 ] && [ "$minor" -lt 1 ]; }; then
        say "Swift ${version:-of unknown version} is too old. 6.1 or newer is needed: https://www.swift.org/install/linux/"
        return 1
    fi
}

# build_release PRODUCT [OPTION...]: builds it as it is packaged, with Swift's runtime in it: it starts sooner and takes
# less memory. Prints its path.
build_release() {
    local root folder product=$1 build
    # Whoever calls it for what it prints has no `set -e` within.
    root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd) || return
    shift
    build=(swift build --package-path "$root" "$@" -c release --static-swift-stdlib --product "$product")
    "${build[@]}" >&2 || return
    folder=$("${build[@]}" --show-bin-path) || return
    printf '%s/%s\n' "$folder" "$product"
}

# What building needs: SQLite, zlib, (for sealing several times faster) ISA-L, and (for packing old segments) libdeflate.
# shellcheck disable=SC2034
build_packages=(libsqlite3-dev zlib1g-dev libisal-dev libdeflate-dev)
