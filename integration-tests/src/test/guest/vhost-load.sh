# In the guest: two processors write to /dev/vdb and verify what they wrote, and numbered records are
# written behind that and flushed one by one, until the host says that it is enough. It says
#   on   and the guest answers 'it goes on' when more has been done of both
#   end  and the guest checks all records, and says how many there are and how long requests took
# MORE are further options of fio.
trap 'test $? = 0 || { cat /tmp/fio; dmesg | tail -30; }' EXIT
RECORDS=131072 # the sector of 512 bytes where they begin: behind 64 MiB
FIO="--filename=/dev/vdb --ioengine=libaio --direct=1 --thread --numjobs=2 --size=32M --offset_increment=32M"
FIO="$FIO --cpus_allowed=0,1 --cpus_allowed_policy=split --verify=crc32c --verify_fatal=1 --verify_state_save=0"
is "$(ls /sys/block/vdb/mq | wc -l)" 2

# shellcheck disable=SC2086 # FIO and MORE are several words
fio --name=load $FIO $MORE --rw=randwrite --iodepth=8 --bsrange=4k-64k --verify_backlog=64 --time_based \
    --runtime=3600 --group_reporting </dev/null >/tmp/fio 2>&1 &
fio=$!

echo 0 >/tmp/records
(
    n=0
    while [ ! -e /tmp/stop ]; do
        printf 'record %s\n' "$n" | dd of=/dev/vdb bs=512 seek="$((RECORDS + n))" conv=notrunc,sync,fsync status=none
        n=$((n + 1))
        echo "$n" >/tmp/new
        mv /tmp/new /tmp/records
    done
) </dev/null &
writer=$!

requests() { awk '{ print $1 + $5 }' /sys/block/vdb/stat; }
goes_on() {
    r=$(cat /tmp/records)
    q=$(requests)
    until [ "$(cat /tmp/records)" -gt "$((r + 5))" ] && [ "$(requests)" -gt "$((q + 200))" ]; do
        kill -0 "$fio" && kill -0 "$writer" || exit 1
        sleep 0.2
    done
}

goes_on
echo "it goes on"
while read -r word; do
    case $word in
    on)
        goes_on
        echo "it goes on"
        ;;
    end) break ;;
    esac
done

touch /tmp/stop
wait "$writer"
kill -INT "$fio"
wait "$fio" || true
grep -q 'err= 0' /tmp/fio
must_fail grep -E 'err= *[1-9]|verify:' /tmp/fio
grep -E '^ +clat \(' /tmp/fio | sed 's/^ */longest: /'

records=$(cat /tmp/records)
blockdev --flushbufs /dev/vdb
n=0
dd if=/dev/vdb bs=512 skip="$RECORDS" count="$records" status=none | tr -d '\000' | while read -r line; do
    [ "$line" = "record $n" ] || { echo "record $n: $line"; exit 1; }
    n=$((n + 1))
    echo "$n" >/tmp/found
done
is "$(cat /tmp/found)" "$records"
no_kernel_errors
echo "records $records"
echo "the guest is content"
