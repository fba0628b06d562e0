# In the guest: /dev/vdb is a vhost-user-blk disk of 256 MiB with two queues and the serial number SERIAL.
# Prints a line 'sum SUM NAME' for each file that it leaves on the disk.
is "$(cat /sys/block/vdb/size)" 524288 # of 512 bytes: 256 MiB
is "$(cat /sys/block/vdb/serial)" "$SERIAL"
is "$(cat /sys/block/vdb/ro)" 0
is "$(ls /sys/block/vdb/mq | wc -l)" 2
is "$(cat /sys/block/vdb/queue/write_cache)" "write back"
must_fail grep -qx 0 /sys/block/vdb/queue/discard_max_bytes

# The guest may do without the cache: then a write that has ended is on the disk.
echo "write through" >/sys/block/vdb/cache_type
is "$(cat /sys/block/vdb/queue/write_cache)" "write through"
dd if=/dev/urandom of=/dev/vdb bs=4k count=8 oflag=direct conv=notrunc 2>/dev/null
echo "write back" >/sys/block/vdb/cache_type
is "$(cat /sys/block/vdb/queue/write_cache)" "write back"

mkfs.ext4 -q /dev/vdb
mount -t ext4 /dev/vdb /mnt
for i in 1 2 3 4 5 6 7 8; do
    taskset "$((1 + i % 2))" dd if=/dev/urandom of=/mnt/file$i bs=1M count=4 2>/dev/null &
done
wait
(cd /mnt && sha256sum file*) >/tmp/sums
sync
rm /mnt/file1 /mnt/file2
sync
fstrim -v /mnt
umount /mnt
e2fsck -fn /dev/vdb

blockdev --flushbufs /dev/vdb
mount -t ext4 -o ro /dev/vdb /mnt
grep -v 'file[12]$' /tmp/sums >/tmp/left
(cd /mnt && sha256sum -c /tmp/left)
umount /mnt
sed 's/^/sum /' /tmp/left
grep -E 'virtio[0-9]+-req' /proc/interrupts
no_kernel_errors
echo "the guest is content"
