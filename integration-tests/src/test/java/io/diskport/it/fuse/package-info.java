/** Two files side by side: an export, and what it has to be equal to. */
package io.diskport.it.fuse;
