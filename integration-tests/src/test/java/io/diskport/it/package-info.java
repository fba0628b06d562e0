/** The assembled distribution as a process, with real clients. */
package io.diskport.it;
