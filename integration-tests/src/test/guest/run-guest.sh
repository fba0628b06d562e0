#!/bin/sh
# Boots the guest that build-guest.sh has built and runs a script in it. The host's loopback is 10.0.2.2
# for it. Prints what the script prints, as it comes, and ends with its status: 125 if the guest did not
# start, 124 if it did not end in time. The script reads what this reads; what is sent before the script
# has printed something is lost. The guest's memory is a file that can be shared, as vhost-user needs it.
# Usage: run-guest.sh OUT SCRIPT SECONDS [further arguments of QEMU...]
# Environment: GUEST_MEMORY, of so many MiB (512); GUEST_PROCESSORS (1)
set -u
OUT=$1
SCRIPT=$2
SECONDS_LEFT=$3
shift 3
MEMORY=${GUEST_MEMORY:-512}
W=$(mktemp -d) || exit 125
trap 'rm -rf "$W"' EXIT
trap 'exit 130' INT TERM

# The script travels as a second archive behind the first.
cp "$SCRIPT" "$W/command"
{ cat "$OUT/initrd"; (cd "$W" && echo command | cpio -o -H newc --quiet); } >"$W/initrd" || exit 125

# /dev/kvm alone does not say that a stock kernel runs on it.
if [ -w /dev/kvm ] && grep -qwE 'vmx|svm' /proc/cpuinfo; then
    ACCEL='-accel kvm -cpu host'
else
    ACCEL='-accel tcg,thread=multi -cpu max'
fi
{
    # shellcheck disable=SC2086 # ACCEL is several words
    timeout --foreground -k 2 "$SECONDS_LEFT" qemu-system-x86_64 \
        -nodefaults -no-user-config -display none -no-reboot -machine pc,memory-backend=memory $ACCEL \
        -m "$MEMORY" -smp "${GUEST_PROCESSORS:-1}" \
        -object "memory-backend-memfd,id=memory,size=${MEMORY}M,share=on" \
        -kernel "$OUT/vmlinuz" -initrd "$W/initrd" \
        -append "console=ttyS0 quiet panic=-1 reboot=t tsc=reliable no_timer_check random.trust_cpu=on" \
        -drive "file=$OUT/tools.img,format=raw,if=none,id=tools,readonly=on" \
        -device virtio-blk-pci,drive=tools \
        -netdev user,id=net -device virtio-net-pci,netdev=net \
        -serial "file:$W/console" -chardev stdio,id=out,signal=off -serial chardev:out "$@"
    echo "$?" >"$W/qemu"
} | tee "$W/out" | sed -u -n '/^GUEST-BEGIN/,/^GUEST-EXIT/{//!p}'
status=$(sed -n 's/^GUEST-EXIT //p' "$W/out")
[ -z "$status" ] || exit "$status"
cat "$W/out" "$W/console" >&2
case $(cat "$W/qemu") in
124 | 137) exit 124 ;;
*) exit 125 ;;
esac
