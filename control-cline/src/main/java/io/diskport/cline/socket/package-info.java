/** The control socket: the shell's commands for diskport ctl and diskport shell. */
package io.diskport.cline.socket;
