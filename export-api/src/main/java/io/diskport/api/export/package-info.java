/**
 * Block exports, and the drivers that make them. Start at {@link
 * io.diskport.api.export.BlockExportDriver}.
 */
@Export
@Version("1.0.0")
package io.diskport.api.export;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
