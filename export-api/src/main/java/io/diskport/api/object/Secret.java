package io.diskport.api.object;

import org.osgi.annotation.versioning.ConsumerType;

/** A password or key that other things refer to by id, so that it stands in no other option. */
@ConsumerType
public interface Secret extends BlockObject {
    /** A copy of the bytes; the caller may overwrite it. */
    byte[] data();
}
