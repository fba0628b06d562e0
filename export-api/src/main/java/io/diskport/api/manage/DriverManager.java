package io.diskport.api.manage;

import io.diskport.api.BlockException;
import java.util.List;
import org.osgi.annotation.versioning.ProviderType;

/** Shows the driver tables. A service. Any thread. */
@ProviderType
public interface DriverManager {
    /** Every driver that is there, and every one that is installed and cannot serve. */
    List<DriverEntry> list();

    /**
     * The options of a type: those that all of its kind have, then those of the driver that serves.
     *
     * @throws BlockException if no driver of that type serves; the message says what it waits for
     */
    List<OptionEntry> options(Kind kind, String type) throws BlockException;

    /** The options that all of a kind have, as they are nested. */
    List<OptionMember> commonMembers(Kind kind);

    /**
     * The options that a type has beside those of its kind, as they are nested.
     *
     * @throws BlockException if no driver of that type serves; the message says what it waits for
     */
    List<OptionMember> ownMembers(Kind kind, String type) throws BlockException;

    /** Calls back after every change of the tables, on a thread of core's. Closing ends it. */
    AutoCloseable watch(Runnable listener);
}
