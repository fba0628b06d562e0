# In the guest, before the script that it runs.
set -eu
trap 'test $? = 0 || dmesg | tail -30' EXIT

# is ACTUAL EXPECTED
is() {
    [ "$1" = "$2" ] || { echo "'$1' where '$2' is expected"; exit 1; }
}

# must_fail COMMAND...
must_fail() {
    if "$@"; then
        echo "has succeeded: $*"
        exit 1
    fi
}

# The kernel has seen no error on a disk, and no request that took two minutes.
no_kernel_errors() {
    must_fail sh -c "dmesg | grep -E 'I/O error|vd[b-z].*error|blocked for more'"
}
