/**
 * The monitor: QMP, the protocol of QEMU's monitors, as a face on the managers. A {@code
 * MonitorDriver} makes monitors, each has one {@code Session} at a time, and that has {@code
 * Command}s done.
 */
package io.diskport.qmp;
