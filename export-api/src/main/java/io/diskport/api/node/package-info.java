/**
 * Block nodes, and the drivers that make them. Start at {@link
 * io.diskport.api.node.BlockNodeDriver}.
 */
@Export
@Version("1.2.0")
package io.diskport.api.node;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
