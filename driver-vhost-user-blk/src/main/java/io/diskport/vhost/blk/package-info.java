/** Disks for virtual machines through shared memory. Start at VhostUserBlkDriver and FrontEnd. */
package io.diskport.vhost.blk;
