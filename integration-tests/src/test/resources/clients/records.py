"""Writes and flushes one record after the other, and prints the number of each that is flushed.

Arguments: the export's address, how many; or: --check, a file, how many.
"""

import sys

LENGTH = 4096


def record(number):
    return number.to_bytes(8, "big") * (LENGTH // 8)


if sys.argv[1] == "--check":
    with open(sys.argv[2], "rb") as image:
        for number in range(int(sys.argv[3])):
            assert image.read(LENGTH) == record(number), number
    print("kept")
else:
    import nbd

    h = nbd.NBD()
    h.connect_uri(sys.argv[1])
    for number in range(int(sys.argv[2])):
        try:
            h.pwrite(record(number), number * LENGTH)
            h.flush()
        except nbd.Error as e:
            print("error", e.errno or e.string)
            break
        print("flushed", number + 1)
    else:
        print("done")
