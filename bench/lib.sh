# Functions for the benchmarks beside this file; source it after script/lib.sh.

# Runs SQL without output but its own.
sql() { as_user psql -XAtq -v ON_ERROR_STOP=1 "$@"; }

# Prints the milliseconds that one statement takes on the server, as psql times it.
time_ms() {
    as_user psql -XAtq -v ON_ERROR_STOP=1 -c '\timing on' -c "$1" 2>&1 |
        sed -n 's/^Time: \([0-9.]*\) ms.*/\1/p' | tail -n 1
}

# The middle of an odd number of values.
median() { printf '%s\n' "$@" | sort -g | sed -n "$((($# + 1) / 2))p"; }

ratio() { awk -v a="$1" -v b="$2" 'BEGIN { printf "%.2f", a / b }'; }

machine() { echo "$(nproc) x $(sed -n 's/^model name.*: //p' /proc/cpuinfo | head -n 1); $("$PG_CONFIG" --version)"; }
