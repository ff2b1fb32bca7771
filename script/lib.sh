# Functions for the scripts beside this file: a private copy of the tree and of the
# server, and a throw-away cluster. Source it; it runs nothing by itself.
#
# The server's programs are copied (its libraries and data linked) into the work
# directory. PostgreSQL finds its files relative to its own program, so the extension
# is installed there and nowhere else: no root, no trace, and two runs side by side.

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
work=
bindir=
sanitizers=

say() { printf '== %s\n' "$*"; }
die() { printf '%s: %s\n' "$(basename "$0")" "$*" >&2; exit 1; }

# Servers refuse to run as root: root hands over to the packages' own user.
as_user() {
    if [ "$(id -u)" = 0 ]; then
        runuser -u postgres -- env HOME="$work" PATH="$PATH" "$@"
    else
        "$@"
    fi
}

system_pg_config() {
    if [ -n "${PG_CONFIG:-}" ]; then
        echo "$PG_CONFIG"
    else
        find /usr/lib/postgresql -path '*/bin/pg_config' 2>/dev/null | sort -V | tail -n 1
    fi
}

# Makes $work with a copy of the tree ($work/src) and of the server ($work/pg).
make_work() {
    work=$(mktemp -d "${TMPDIR:-/tmp}/smstrack.XXXXXX")
    chmod 755 "$work"
    mkdir "$work/src" "$work/run"
    tar -C "$top" --exclude=./.git --exclude=node_modules --exclude='*.o' --exclude='*.so' \
        --exclude='*.bc' -cf - . | tar -C "$work/src" -xf - --no-same-owner
    stage_server
    [ "$(id -u)" != 0 ] || chown -R postgres: "$work"
    cd "$work/src"
}

stage_server() {
    local config dir
    config=$(system_pg_config)
    [ -x "$config" ] || die "no PostgreSQL found; run script/bootstrap"
    dir=$("$config" --bindir)
    mkdir -p "$work/pg$dir"
    cp -a "$dir/." "$work/pg$dir/"
    for dir in "$("$config" --pkglibdir)" "$("$config" --sharedir)"; do
        mkdir -p "$work/pg$dir"
        cp -as "$dir/." "$work/pg$dir/"
    done
    dir=$("$config" --includedir)
    mkdir -p "$work/pg$(dirname "$dir")"
    ln -s "$dir" "$work/pg$dir"
    bindir=$work/pg$("$config" --bindir)
    export PATH=$bindir:$PATH PG_CONFIG=$bindir/pg_config
}

# Has the extension checked by AddressSanitizer and UndefinedBehaviorSanitizer, whose
# libraries a server must load before all others. The first one dies of a lock while it
# looks for a demangler of Swift: a library before it says that there is none.
sanitize() {
    local shim=$work/no_swift.so library
    echo 'char *swift_demangle(void) { return 0; }' | cc -x c -shared -fPIC -o "$shim" -
    sanitizers=$shim
    for library in libasan.so libubsan.so; do
        sanitizers+=" $(cc -print-file-name=$library)"
    done
    export ASAN_OPTIONS=verify_asan_link_order=0:detect_leaks=0 UBSAN_OPTIONS=print_stacktrace=1
}

# PGXS builds bitcode for the just-in-time compiler only where its clang is there.
build() {
    local llvm=yes log=$work/build.log
    [ -x "$(sed -n 's/^CLANG *= *//p' "$(dirname "$("$PG_CONFIG" --pgxs)")/../Makefile.global")" ] || llvm=no
    as_user make -s -j"$(nproc)" PG_CONFIG="$PG_CONFIG" with_llvm=$llvm "$@" all >"$log" 2>&1 &&
        as_user make -s PG_CONFIG="$PG_CONFIG" with_llvm=$llvm "$@" install >>"$log" 2>&1 ||
        { cat "$log" >&2; die "the build failed"; }
}

free_port() {
    perl -MIO::Socket::INET -e 'print IO::Socket::INET->new(Listen => 1, LocalAddr => "127.0.0.1")->sockport'
}

# Starts a cluster in $work/data; further arguments are lines of postgresql.conf.
start_cluster() {
    # trust is safe where nobody else reaches the socket
    chmod 700 "$work/run"
    export PGCLIENTENCODING=UTF8 PGHOST=$work/run PGUSER=postgres PGDATABASE=postgres PGPORT
    PGPORT=$(free_port)
    as_user initdb -D "$work/data" -U postgres -E UTF8 --locale=C.UTF-8 --no-sync -A trust \
        >"$work/initdb.log" 2>&1 || { cat "$work/initdb.log" >&2; die "initdb failed"; }
    {
        printf "listen_addresses = ''\nport = %s\n" "$PGPORT"
        printf "unix_socket_directories = '%s'\n" "$work/run"
        printf '%s\n' "$@"
    } | as_user tee -a "$work/data/postgresql.conf" >/dev/null
    as_user env LD_PRELOAD="$sanitizers" pg_ctl -D "$work/data" -l "$work/server.log" -w start >/dev/null ||
        { cat "$work/server.log" >&2; die "the server did not start"; }
}

# Stops what was started (pg_ctl asks the process whose id the server wrote), and cleans.
end_work() {
    local status=$?
    [ -n "$work" ] || exit "$status"
    if [ -f "$work/data/postmaster.pid" ]; then
        as_user pg_ctl -D "$work/data" -m immediate -w stop >/dev/null 2>&1 || true
    fi
    cd /
    if [ -n "${SMSTRACK_KEEP:-}" ]; then
        echo "kept: $work" >&2
    else
        rm -rf "$work"
    fi
    exit "$status"
}
trap end_work EXIT
trap 'exit 130' INT TERM
