# Functions for the scripts that need another Debian: a root directory made by debootstrap
# from the mirror that this machine's apt uses, entered by chroot. Source it as root.
# SMSTRACK_ROOTS=DIR keeps fresh roots there, for the next run.

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
roots=
mounted=()

say() { printf '== %s\n' "$*"; }
die() { printf '%s: %s\n' "$(basename "$0")" "$*" >&2; exit 1; }

[ "$(id -u)" = 0 ] || die "chroot needs root"
command -v debootstrap >/dev/null || die "debootstrap is missing; install Debian's package of that name"

# The mirror of this machine's own packages; apt knows the syntax of its sources.
debian_mirror() {
    apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Origin: Debian' 'Label: Debian' |
        head -n 1 | grep . || die "apt knows no Debian mirror; run apt-get update"
}

# Makes $1, a Debian of the suite $2 with what a build needs, and copies the tree into it.
make_root() {
    local root=$1 suite=$2 script
    if [ -n "${SMSTRACK_ROOTS:-}" ] && [ -f "$SMSTRACK_ROOTS/$suite.tar" ]; then
        mkdir -p "$root"
        tar -C "$root" -xf "$SMSTRACK_ROOTS/$suite.tar"
    else
        # suites that debootstrap does not know yet are made like sid
        script=/usr/share/debootstrap/scripts/$suite
        [ -e "$script" ] || script=/usr/share/debootstrap/scripts/sid
        debootstrap --variant=minbase --include=ca-certificates "$suite" "$root" "$(debian_mirror)" "$script" \
            >"$root.log" 2>&1 || { tail -n 20 "$root.log" >&2; die "debootstrap of $suite failed"; }
        # an old mirror is as good as a new one here
        echo 'Acquire::Check-Valid-Until "false";' >"$root/etc/apt/apt.conf.d/90smstrack"
        # no server starts by itself in a root
        printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d"
        chmod 755 "$root/usr/sbin/policy-rc.d"
        [ -z "${SMSTRACK_ROOTS:-}" ] || { mkdir -p "$SMSTRACK_ROOTS" && tar -C "$root" -cf "$SMSTRACK_ROOTS/$suite.tar" .; }
    fi
    cp /etc/resolv.conf "$root/etc/resolv.conf"
    grep -q localhost "$root/etc/hosts" 2>/dev/null || echo "127.0.0.1 localhost $(hostname)" >>"$root/etc/hosts"
    mount --bind /proc "$root/proc"
    mounted+=("$root/proc")
    mkdir -p "$root/smstrack"
    tar -C "$top" --exclude=./.git --exclude=node_modules --exclude='*.o' --exclude='*.so' --exclude='*.bc' \
        --exclude=./redirector/bin --exclude=./test/unit/bin --exclude=./test/fuzz/bin -cf - . |
        tar -C "$root/smstrack" -xf - --no-same-owner
}

# Runs a command in a root, in the copy of the tree.
in_root() {
    local root=$1
    shift
    # shellcheck disable=SC2016
    chroot "$root" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 TERM=dumb \
        DEBIAN_FRONTEND=noninteractive sh -c 'cd /smstrack && exec "$@"' sh "$@"
}

# Unmounts, and removes the roots unless they are to be kept.
end_roots() {
    local status=$? mount
    for mount in "${mounted[@]}"; do
        umount "$mount" 2>/dev/null || umount -l "$mount" || true
    done
    if [ -n "${SMSTRACK_KEEP:-}" ]; then
        echo "kept: $roots" >&2
    elif [ -n "$roots" ]; then
        rm -rf --one-file-system "$roots"
    fi
    exit "$status"
}
trap end_roots EXIT
trap 'exit 130' INT TERM

roots=$(mktemp -d "${TMPDIR:-/tmp}/smstrack.roots.XXXXXX")
chmod 755 "$roots"
