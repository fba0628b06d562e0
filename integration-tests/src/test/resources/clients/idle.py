"""Connects, writes a pattern, and does nothing until its input ends; then reads the pattern.

Arguments: the export's address, an offset.
"""

import sys

import nbd

h = nbd.NBD()
h.connect_uri(sys.argv[1])
at = int(sys.argv[2])
h.pwrite(b"idle" * 1024, at)
print("open")
sys.stdin.read()
assert h.pread(4096, at) == b"idle" * 1024
h.flush()
print("kept")
