# In the guest: fio writes all of /dev/vdb, of 64 MiB, through both queues, in many ways, and reads it again.
trap 'test $? = 0 || { cat /tmp/fio; dmesg | tail -30; }' EXIT
is "$(ls /sys/block/vdb/mq | wc -l)" 2

# run SIZES OPTION...: each processor has one half of the disk
run() {
    bs=$1
    shift
    fio --name=verify --filename=/dev/vdb --thread --numjobs=2 --size=32M --offset_increment=32M --bsrange="$bs" \
        --cpus_allowed=0,1 --cpus_allowed_policy=split --verify=crc32c --verify_fatal=1 --verify_state_save=0 \
        --do_verify=1 --group_reporting "$@" </dev/null >/tmp/fio 2>&1
    grep -q 'err= 0' /tmp/fio
    echo "verified: $bs $*"
}

run 4k-4k --rw=randwrite --ioengine=libaio --direct=1 --iodepth=32
run 512-128k --rw=randwrite --ioengine=libaio --direct=1 --iodepth=8
run 1M-4M --rw=write --ioengine=libaio --direct=1 --iodepth=4
run 4k-64k --rw=randrw --ioengine=psync --direct=1 --fdatasync=16
run 4k-256k --rw=randwrite --ioengine=psync --end_fsync=1
run 16k-16k --rw=randtrimwrite --ioengine=libaio --direct=1 --iodepth=4 --trim_percentage=10 --trim_backlog=8
grep -E 'virtio[0-9]+-req' /proc/interrupts
no_kernel_errors
echo "the guest is content"
