/** The command line of QEMU's storage daemon, on the managers. */
package io.diskport.cline;
