# What bench needs to be built and run, and how to get it. Sourced by the scripts beside it.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
target=${CARGO_TARGET_DIR:-$root/target}
export LC_ALL=C.UTF-8 # printf and awk write numbers as the locale does; records have one form

say() { printf '%s\n' "$*" >&2; }

has() { command -v "$1" >/dev/null 2>&1; }

has_java() {
    local java=java version
    if [[ -n ${JAVA_HOME:-} && -x $JAVA_HOME/bin/java ]]; then java=$JAVA_HOME/bin/java; fi
    has "$java" || return 1
    version=$("$java" -version 2>&1 | sed -n 's/.*version "\([0-9]*\).*/\1/p' | head -n 1)
    [[ ${version:-0} -ge 17 ]]
}

# A header is there when the compiler finds it; pkg-config knows for OpenSSL, zlib does not always bring a .pc file.
has_header() { has cc && printf '#include <%s>\n' "$1" | cc -E -x c - >/dev/null 2>&1; }

# Debian packages that are missing, one a line.
missing() {
    has_java || echo default-jre-headless
    # Maven is only needed to fetch Kafka.
    has mvn || [[ -n ${KAFKA_HOME:-} ]] || echo maven
    has cc && has c++ && has make || echo build-essential
    has cmake || echo cmake
    has pkg-config || echo pkg-config
    has pkg-config && pkg-config --exists openssl || echo libssl-dev
    has_header zlib.h || echo zlib1g-dev
    # The tests make certificates.
    has openssl || echo openssl
}

# The ten slowest tests of a log of `cargo test`, with their seconds. How long a test took is told by an option that the harness has on every toolchain, and
# takes on a stable one only where RUSTC_BOOTSTRAP is set: given to the tests' processes alone, since cargo would build everything anew with it.
slowest() {
    local tests
    tests=$(sed -nE 's/^test (.*) \.\.\. (ok|FAILED) <([0-9.]+)s>$/\3 \1/p' "$1" | sort -rn)
    [[ -n $tests ]] || return 0
    printf '\nslowest of %s tests, in seconds:\n' "$(wc -l <<<"$tests")"
    head -n 10 <<<"$tests" | while read -r seconds name; do printf '%9.1f  %s\n' "$seconds" "$name"; done
}

# Type-checks everything for 64-bit Arm, where its compilers and the target are there; the C libraries are built for it too, OpenSSL among them.
check_arm() {
    local arm=aarch64-unknown-linux-gnu
    if ! has aarch64-linux-gnu-gcc || ! has aarch64-linux-gnu-g++ || [[ ! -d $(rustc --print target-libdir --target "$arm") ]]; then
        say "not checked for $arm: install g++-aarch64-linux-gnu, and the target with \`rustup target add $arm\`"
        return 0
    fi
    cargo check --release --locked --all-targets --target "$arm" --features ssl-vendored
}

# Installs Debian packages: 1 where nobody here may, 2 where apt cannot.
fetch() {
    local as_root=()
    if [[ $EUID -ne 0 ]]; then as_root=(sudo -n); fi
    if ! has apt-get || { [[ $EUID -ne 0 ]] && ! sudo -n true 2>/dev/null; }; then return 1; fi
    say "installing $*"
    {
        "${as_root[@]}" apt-get update -q &&
            "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "$@"
    } >&2 || return 2
}

# The tests of the page look at it in a browser, with fonts that every Debian has.
want_browser() {
    if has chromium; then return 0; fi
    fetch chromium fonts-dejavu-core || say 'no page will be looked at: `chromium` is missing (a Debian package), and cannot be installed here'
}

# Tests run real containers: podman's, with a shell for their images, and compose by docker's API, which podman serves.
want_containers() {
    local packages=()
    has podman && has runc || packages+=(podman runc)
    [[ -x /bin/busybox ]] && ! ldd /bin/busybox >/dev/null 2>&1 || packages+=(busybox-static)
    has docker-compose || packages+=(docker-compose)
    [[ ${#packages[@]} -gt 0 ]] || return 0
    fetch "${packages[@]}" || say "no containers will be run: ${packages[*]} (Debian packages) are missing, and cannot be installed here"
}

# A test follows a page whose consumer is in Python: its client, in a folder of its own.
want_python() {
    local folder=$root/target/python
    if python3 -c 'import confluent_kafka' 2>/dev/null; then return 0; fi
    if [[ ! -x $folder/bin/python ]] || ! "$folder/bin/python" -c 'import confluent_kafka' 2>/dev/null; then
        { python3 -m venv "$folder" && "$folder/bin/python" -m pip install -q confluent-kafka; } >&2 ||
            { say 'no consumer in Python will be measured: `confluent-kafka` cannot be installed here'; return 0; }
    fi
    export PYTHON=$folder/bin/python
}

# A build and tests that run out of room fail in words that do not say so. What is built already is counted as room. Measured: 6.7 GiB, 3.8 without what a
# second build takes up again; tests want up to 1 GiB beside it.
want_room() {
    local gib=8 needs built free
    if [[ ${CARGO_INCREMENTAL:-} == 0 ]]; then gib=5; fi
    needs=$((gib * 1024 * 1024))
    mkdir -p "$target"
    built=$(du -sk "$target" | cut -f 1)
    free=$(df --output=avail -k "$target" | tail -n 1)
    if ((free + built < needs)); then
        say "error: too little room for $target: $((free / 1024)) MiB are free, and a build with its tests takes $(((needs - built) / 1024)) MiB"
        exit 3
    fi
}

# Installs what is missing, or names it and stops with 3.
need() {
    if [[ -d ${HOME:-}/.cargo/bin ]]; then PATH=$PATH:$HOME/.cargo/bin; fi
    if ! has cargo; then
        say 'error: Rust is missing; install it with rustup (https://rustup.rs), then run this again'
        exit 3
    fi
    local packages done=0
    mapfile -t packages < <(missing)
    [[ ${#packages[@]} -gt 0 ]] || return 0
    fetch "${packages[@]}" || done=$?
    case $done in
        1) say "error: missing: ${packages[*]} (names of Debian packages); install them, then run this again" && exit 3 ;;
        2) say "error: apt could not install ${packages[*]}" && exit 3 ;;
    esac
    mapfile -t packages < <(missing)
    if [[ ${#packages[@]} -gt 0 ]]; then
        say "error: still missing or too old after installing: ${packages[*]} (Java must be 17 or later)"
        exit 3
    fi
}
