/** The NBD protocol as data: numbers, layouts and addresses that server and client share. */
package io.diskport.nbd.protocol;
