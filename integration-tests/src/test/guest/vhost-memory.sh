# In the guest, of 5 GiB: memory goes on above 4 GiB, behind a hole. /dev/vdb, of 3 GiB, is read into the page
# cache, which then lies on both sides of the hole; there is a MiB with a SHA-256 of SUMS every STEP MiB.
trap 'test $? = 0 || { cat /proc/iomem; free -m; dmesg | tail -30; }' EXIT
grep -q '^100000000-.*System RAM' /proc/iomem
exec 3</dev/vdb # the cache of a disk goes when nobody has it open
dd if=/dev/vdb of=/dev/null bs=1M 2>/dev/null
is "$(awk '/^Cached:|^Buffers:/ { n += $2 } END { print (n > 2900000) }' /proc/meminfo)" 1
read=$(awk '{ print $3 }' /sys/block/vdb/stat)

check() {
    at=0
    for sum in $SUMS; do
        is "$(dd if=/dev/vdb bs=1M skip="$at" count=1 2>/dev/null | sha256sum | cut -d ' ' -f 1)" "$sum"
        at=$((at + STEP))
    done
}

check
is "$(awk '{ print $3 }' /sys/block/vdb/stat)" "$read" # it was all there

# And from there to the disk: the cache is written to.
at=0
for sum in $SUMS; do
    dd if=/dev/vdb bs=1M skip="$at" count=1 2>/dev/null | tr '\000-\377' '\001-\377\000' >/tmp/piece
    dd if=/tmp/piece of=/dev/vdb bs=1M seek="$at" conv=notrunc 2>/dev/null
    sha256sum /tmp/piece | cut -d ' ' -f 1 >>/tmp/sums
    at=$((at + STEP))
done
sync
blockdev --flushbufs /dev/vdb
SUMS=$(cat /tmp/sums)
check
sed 's/^/sum /' /tmp/sums
echo "the guest is content"
