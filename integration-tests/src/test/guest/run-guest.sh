#!/bin/sh
# Boots the guest that build-guest.sh has built and runs a script in it. The host's loopback is 10.0.2.2
# for it. Prints what the script prints and ends with its status: 125 if the guest did not start,
# 124 if it did not end in time.
# Usage: run-guest.sh OUT SCRIPT SECONDS
set -u
OUT=$1
SCRIPT=$2
SECONDS_LEFT=$3
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
# shellcheck disable=SC2086 # ACCEL is several words
timeout --foreground -k 2 "$SECONDS_LEFT" qemu-system-x86_64 \
    -nodefaults -no-user-config -display none -no-reboot -machine pc $ACCEL -m 512 -smp 1 \
    -kernel "$OUT/vmlinuz" -initrd "$W/initrd" \
    -append "console=ttyS0 quiet panic=-1 reboot=t tsc=reliable no_timer_check random.trust_cpu=on" \
    -drive "file=$OUT/tools.img,format=raw,if=none,id=tools,readonly=on" \
    -device virtio-blk-pci,drive=tools \
    -netdev user,id=net -device virtio-net-pci,netdev=net \
    -serial "file:$W/console" -chardev "file,id=out,path=$W/out" -serial chardev:out </dev/null
qemu=$?
sed -n '/^GUEST-BEGIN/,/^GUEST-EXIT/p' "$W/out" | sed '1d;$d'
status=$(sed -n 's/^GUEST-EXIT //p' "$W/out")
[ -z "$status" ] || exit "$status"
cat "$W/out" "$W/console" >&2
[ "$qemu" -ne 124 ] && [ "$qemu" -ne 137 ] || exit 124
exit 125
