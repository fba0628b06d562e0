package io.diskport.api.object;

import java.util.concurrent.Executor;
import org.osgi.annotation.versioning.ConsumerType;

/** A named pool of workers that exports can be told to run on. */
@ConsumerType
public interface IoThread extends BlockObject {
    /** Runs tasks on the pool's threads. */
    Executor executor();
}
