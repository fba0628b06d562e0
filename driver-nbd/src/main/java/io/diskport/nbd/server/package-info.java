/** NBD exports, and the listeners that offer them. Start at NbdServerDriver and NbdExportDriver. */
package io.diskport.nbd.server;
