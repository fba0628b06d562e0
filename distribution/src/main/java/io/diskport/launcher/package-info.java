/** Starts the OSGi framework of an assembled Diskport, and ends it in order. */
package io.diskport.launcher;
