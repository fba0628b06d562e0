package io.diskport.file;

/** How requests are handed to the system, in QEMU's words; a hint that changes nothing here. */
enum Aio {
    THREADS,
    NATIVE,
    IO_URING
}
