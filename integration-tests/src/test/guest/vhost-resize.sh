# In the guest: /dev/vdb has 64 MiB and grows to 128 MiB, and shrinks to 96 MiB, under the guest's eyes.
sectors() {
    until [ "$(cat /sys/block/vdb/size)" = "$1" ]; do sleep 0.1; done
    is "$(blockdev --getsize64 /dev/vdb)" "$(($1 * 512))"
    echo "sectors $1"
}

sectors 131072
sectors 262144
dd if=/dev/urandom of=/tmp/end bs=1M count=1 2>/dev/null
dd if=/tmp/end of=/dev/vdb bs=1M seek=127 conv=notrunc,fsync 2>/dev/null
blockdev --flushbufs /dev/vdb
dd if=/dev/vdb bs=1M skip=127 2>/dev/null >/tmp/read
cmp /tmp/read /tmp/end
echo "used to its end"
sectors 196608
is "$(dd if=/dev/vdb bs=1M skip=96 count=1 2>/dev/null | wc -c)" 0
echo "the guest is content"
