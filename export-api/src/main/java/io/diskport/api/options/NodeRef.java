package io.diskport.api.options;

/**
 * Refers to a node. Core sees to it that the node is there before the driver is called, and
 * protects it while it is used. Where a user wrote a node's options in place of a name, core has
 * made that node, and the name is its.
 *
 * @param nodeName the node's name
 */
public record NodeRef(String nodeName) {
    @Override
    public String toString() {
        return nodeName;
    }
}
