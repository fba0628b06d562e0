/** Objects that need nothing native: secret, throttle-group, iothread. */
package io.diskport.core.objects;
