#!/bin/sh
# Builds a small virtual machine out of Debian packages:
#   OUT/vmlinuz    the kernel of linux-image-cloud-amd64
#   OUT/initrd     busybox (static), the modules it needs and an /init that runs one command
#   OUT/tools.img  an ext4 image with nbd-client, fio, the tools of e2fsprogs, and their libraries
# Needs: apt-get, dpkg-deb, cpio, gzip, mke2fs, and the tools themselves.
# Usage: build-guest.sh OUT
set -eu
OUT=$1
FLAVOUR=cloud-amd64
TOOLS="nbd-client fio mkfs.ext4 e2fsck fstrim blkdiscard"
# Loaded at boot, in this order, what they depend on first; others by 'modprobe NAME' in the guest.
MODULES="virtio_pci virtio_blk ext4"
EXTRA="virtio_net nbd"

PATH=$PATH:/usr/sbin:/sbin
mkdir -p "$OUT"
OUT=$(cd "$OUT" && pwd)
W=$(mktemp -d)
trap 'rm -rf "$W"' EXIT

image=$(apt-cache depends "linux-image-$FLAVOUR" | sed -n 's/.*Depends: \(linux-image-[0-9].*\)/\1/p' | head -n 1)
[ -n "$image" ] || { echo "no kernel package for $FLAVOUR: apt-get update?" >&2; exit 1; }
KVER=${image#linux-image-}
(cd "$W" && apt-get -q download "$image" busybox-static >&2)
dpkg-deb --fsys-tarfile "$W/${image}"_*.deb | tar -x -C "$W"
mkdir "$W/bb"
dpkg-deb --fsys-tarfile "$W"/busybox-static_*.deb | tar -x -C "$W/bb"
cp "$W/boot/vmlinuz-$KVER" "$OUT/vmlinuz"

I=$W/initrd
mkdir -p "$I/bin" "$I/proc" "$I/sys" "$I/dev" "$I/tmp" "$I/tools" "$I/mnt" "$I/lib/modules/$KVER/kernel"
cp "$W/bb/bin/busybox" "$I/bin/busybox"
MD=$W/lib/modules/$KVER
# In the names of modules, '-' and '_' are the same.
modfile() { find "$MD/kernel" -name "$(echo "$1" | sed 's/[-_]/[-_]/g').ko*" | head -n 1; }
moddeps() { grep -azo '^depends=[^[:cntrl:]]*' "$1" | tr '\0' '\n' | sed -n 's/^depends=//p' | tr ',' ' '; }
ORDER=
# add NAME: copies a module and what it depends on, and appends them to ORDER.
add() {
    case " $ORDER " in *" $1 "*) return 0 ;; esac
    [ -n "$(modfile "$1")" ] || return 0 # built in
    for needed in $(moddeps "$(modfile "$1")"); do add "$needed"; done
    cp "$(modfile "$1")" "$I/lib/modules/$KVER/kernel/"
    ORDER="$ORDER $1"
}
for m in $MODULES; do add "$m"; done
for m in $ORDER; do basename "$(modfile "$m")"; done >"$I/lib/modules/boot"
for m in $EXTRA; do add "$m"; done
closure() {
    for d in $(moddeps "$1"); do
        found=$(modfile "$d")
        [ -n "$found" ] || continue
        echo "kernel/$(basename "$found")"
        closure "$found"
    done
}
for f in "$I/lib/modules/$KVER/kernel"/*.ko; do
    echo "kernel/$(basename "$f"): $(closure "$f" | tr '\n' ' ')"
done >"$I/lib/modules/$KVER/modules.dep"

cat >"$I/init" <<'INIT'
#!/bin/busybox sh
/bin/busybox --install -s /bin
export PATH=/tools/bin:/bin HOME=/ TERM=dumb
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs dev /dev
mount -t tmpfs tmpfs /tmp
while read -r m; do insmod "/lib/modules/$(uname -r)/kernel/$m"; done </lib/modules/boot
ip link set lo up
mount -t ext4 -o ro,noload /dev/vda /tools
stty -F /dev/ttyS1 -echo -onlcr raw 2>/dev/null
exec </dev/ttyS1 >/dev/ttyS1 2>&1
echo GUEST-BEGIN
sh /command
printf 'GUEST-EXIT %s\n' "$?"
reboot -f
INIT
chmod 755 "$I/init"
(cd "$I" && find . | cpio -o -H newc --quiet -R 0:0) | gzip -1 >"$OUT/initrd"
# The kernel wants the archive that run-guest.sh appends at a multiple of 4.
truncate -s %512 "$OUT/initrd"

T=$W/tools
mkdir -p "$T/bin" "$T/so"
for t in $TOOLS; do
    b=$(command -v "$t") || { echo "$t is not installed" >&2; exit 1; }
    cp -L "$b" "$T/so/$t"
    ldd "$b" | sed -n 's/.*=> \(\/[^ ]*\).*/\1/p; s/^[[:space:]]*\(\/lib[^ ]*ld-linux[^ ]*\).*/\1/p' |
        while read -r l; do cp -L "$l" "$T/so/"; done
    cat >"$T/bin/$t" <<WRAPPER
#!/bin/sh
exec /tools/so/ld-linux-x86-64.so.2 --library-path /tools/so /tools/so/$t "\$@"
WRAPPER
    chmod 755 "$T/bin/$t"
done
size=$(du -sm "$T" | cut -f 1)
rm -f "$OUT/tools.img"
mke2fs -q -t ext4 -O '^has_journal' -m 0 -d "$T" "$OUT/tools.img" "$((size + size / 4 + 8))M"
echo "kernel $KVER"
