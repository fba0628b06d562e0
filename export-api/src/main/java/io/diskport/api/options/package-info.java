/** Options as records. Start at {@link io.diskport.api.options.Option}. */
@Export
@Version("1.0.0")
package io.diskport.api.options;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
