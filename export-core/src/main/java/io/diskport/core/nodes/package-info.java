/** Nodes that need nothing native: memory, null-co, and the filters raw and throttle. */
package io.diskport.core.nodes;
