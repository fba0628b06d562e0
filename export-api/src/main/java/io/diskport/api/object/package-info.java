/**
 * What nodes and exports refer to by id. Start at {@link io.diskport.api.object.BlockObjectDriver}.
 */
@Export
@Version("1.0.0")
package io.diskport.api.object;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
