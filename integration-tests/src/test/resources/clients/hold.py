"""Connects to an export and does nothing until its input ends; then reads once, and says how that went.

Argument: the export's address.
"""

import sys

import nbd

h = nbd.NBD()
h.set_uri_allow_local_file(True)
h.connect_uri(sys.argv[1])
print("connected")
sys.stdin.read()
try:
    h.pread(4096, 0)
    print("read")
except nbd.Error as e:
    print("error", e.errno or e.string)
