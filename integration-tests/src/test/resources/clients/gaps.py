"""Reads and writes one block after the other, and prints the longest time that one took.

Arguments: the export's address, the offset, how many blocks, and a file that ends it.
"""

import os
import sys
import time

import nbd

BLOCK = 4096
uri, offset, blocks, stop = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
h = nbd.NBD()
h.connect_uri(uri)
print("open")
longest = count = 0
while not os.path.exists(stop):
    data = count.to_bytes(8, "big") * (BLOCK // 8)
    at = offset + count % blocks * BLOCK
    begun = time.monotonic()
    h.pwrite(data, at)
    found = h.pread(BLOCK, at)
    longest = max(longest, time.monotonic() - begun)
    assert found == data, count
    count += 1
print("kept, longest", round(longest * 1000), "ms of", count)
