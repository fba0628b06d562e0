# In the guest: the kernel's own NBD client has a disk of Diskport's, on the host's port PORT.
modprobe virtio_net
modprobe nbd nbds_max=2
ip addr add 10.0.2.15/24 dev eth0
ip link set eth0 up

connect() {
    nbd-client -N disk -C "$1" 10.0.2.2 "$PORT" /dev/nbd0
    is "$(cat /sys/block/nbd0/size)" 524288 # of 512 bytes: 256 MiB
}

connect 4
mkfs.ext4 -q -E nodiscard /dev/nbd0
mount -t ext4 /dev/nbd0 /mnt
for i in 1 2 3 4 5 6 7 8; do
    dd if=/dev/urandom of=/mnt/file$i bs=1M count=8 2>/dev/null &
done
wait
(cd /mnt && sha256sum file*) >/tmp/sums
sync
rm /mnt/file1 /mnt/file2
sync
fstrim -v /mnt
umount /mnt
e2fsck -fn /dev/nbd0
nbd-client -d /dev/nbd0

connect 1
blockdev --flushbufs /dev/nbd0
mount -t ext4 -o ro /dev/nbd0 /mnt
grep -v 'file[12]$' /tmp/sums >/tmp/left
(cd /mnt && sha256sum -c /tmp/left)
umount /mnt
e2fsck -fn /dev/nbd0
nbd-client -d /dev/nbd0
echo "the guest is content"
