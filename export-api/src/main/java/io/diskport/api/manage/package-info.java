/** What controls (a shell, a monitor, code) use to show and steer everything. */
@Export
@Version("1.2.0")
package io.diskport.api.manage;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
