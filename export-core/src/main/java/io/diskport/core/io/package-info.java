/** The path of a request: backend, link, alignment, node. */
package io.diskport.core.io;
