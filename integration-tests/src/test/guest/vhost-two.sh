# In the guest: /dev/vdb and /dev/vdc are two disks, with the serial numbers 'first' and 'second'.
is "$(cat /sys/block/vdb/serial)" first
is "$(cat /sys/block/vdc/serial)" second
for disk in vdb vdc; do
    dd if=/dev/urandom of=/tmp/$disk bs=1M count=16 2>/dev/null
    dd if=/tmp/$disk of=/dev/$disk bs=64k conv=notrunc,fsync 2>/dev/null &
done
wait
for disk in vdb vdc; do
    blockdev --flushbufs /dev/$disk
    dd if=/dev/$disk bs=1M count=16 2>/dev/null | cmp - /tmp/$disk
    sha256sum /tmp/$disk | sed 's/^/sum /; s/\/tmp\///'
done
echo "the guest is content"
