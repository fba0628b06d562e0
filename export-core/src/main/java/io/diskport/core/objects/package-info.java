/** Objects that need nothing native: secret, throttle-group, iothread, authz-list, authz-simple. */
package io.diskport.core.objects;
