package io.diskport.runtime;

import java.io.IOException;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.service.cm.Configuration;
import org.osgi.service.cm.ConfigurationAdmin;

/**
 * Deletes the configurations that files of an earlier run left in the store. A file may have gone
 * or changed since, and what it asked for then would be made before anybody looks at it; those that
 * are still there are read again in a moment.
 */
final class StaleConfigurations {
    private StaleConfigurations() {}

    static void delete(ConfigurationAdmin admin) throws IOException, InvalidSyntaxException {
        Configuration[] found = admin.listConfigurations("(felix.fileinstall.filename=*)");
        if (found != null) {
            for (Configuration configuration : found) {
                configuration.delete();
            }
        }
    }
}
