# In the guest: /dev/vdb is read-only, its first MiB has the SHA-256 SUM.
is "$(cat /sys/block/vdb/ro)" 1
write() { dd if=/dev/zero of=/dev/vdb bs=4k count=1 oflag=direct conv=notrunc; }
sum() {
    blockdev --flushbufs /dev/vdb
    is "$(dd if=/dev/vdb bs=1M count=1 2>/dev/null | sha256sum | cut -d ' ' -f 1)" "$SUM"
}

sum
must_fail write
blockdev --setrw /dev/vdb || true
must_fail write # now the host was asked, if the kernel let it
sum
echo "the guest is content"
