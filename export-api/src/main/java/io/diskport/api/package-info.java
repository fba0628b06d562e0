/** What all contracts share: errors, and how they are said. */
@Export
@Version("1.0.0")
package io.diskport.api;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
