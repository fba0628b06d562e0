/** Driver tables, the node graph, and the life of exports, nodes and objects. */
package io.diskport.core.life;
