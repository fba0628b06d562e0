/** Whether a driver can work on this host, looked at again and again. */
package io.diskport.support.probe;
