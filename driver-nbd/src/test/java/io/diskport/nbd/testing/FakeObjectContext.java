package io.diskport.nbd.testing;

import io.diskport.api.BlockException;
import io.diskport.api.Handover;
import io.diskport.api.object.BlockObject;
import io.diskport.api.object.ObjectContext;
import io.diskport.api.options.ObjectRef;
import io.diskport.testkit.fake.LogLines;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** What core would lend to an object. */
public final class FakeObjectContext implements ObjectContext {
    public final Map<String, BlockObject> objects = new ConcurrentHashMap<>();

    private final String id;
    private final LogLines log;
    private Optional<Handover> handover = Optional.empty();

    public FakeObjectContext(String id, LogLines log) {
        this.id = id;
        this.log = log;
    }

    /** What the next object finds. */
    public synchronized void leave(Handover left) {
        handover = Optional.of(left);
    }

    @Override
    public String id() {
        return id;
    }

    @Override
    @SuppressWarnings("unchecked") // the test puts in what it asks for
    public <T extends BlockObject> T object(ObjectRef<T> reference) throws BlockException {
        BlockObject found = objects.get(reference.id());
        if (found == null) {
            throw new BlockException(BlockException.Reason.NOT_FOUND, reference.id());
        }
        return (T) found;
    }

    @Override
    public System.Logger log() {
        return log;
    }

    @Override
    public synchronized Optional<Handover> handover() {
        Optional<Handover> taken = handover;
        handover = Optional.empty();
        return taken;
    }

    @Override
    public void ended(Throwable cause) {
        throw new AssertionError("the object ended", cause);
    }
}
