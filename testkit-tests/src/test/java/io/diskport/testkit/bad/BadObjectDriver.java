package io.diskport.testkit.bad;

import io.diskport.api.BlockException;
import io.diskport.api.BlockException.Reason;
import io.diskport.api.ProvidesDriver;
import io.diskport.api.object.BlockObject;
import io.diskport.api.object.BlockObjectDriver;
import io.diskport.api.object.ObjectContext;
import io.diskport.api.options.Option;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.concurrent.Exchanger;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.osgi.service.component.annotations.Component;

/** Objects that hold nothing, with a bug of choice. */
@Component(property = BlockObjectDriver.TYPE_PROPERTY + "=bad")
@ProvidesDriver(kind = "object", type = "bad")
public final class BadObjectDriver implements BlockObjectDriver<BadObjectDriver.Options> {
    /** What is wrong. */
    public enum Bug {
        NONE,
        THERE_IS_ONE_ONLY,
        STAYS_AFTER_ITS_END,
        FAILS_BESIDE_ANOTHER,
        DOES_NOT_COME_BACK,
        LEAVES_A_THREAD,
        LEAVES_A_DESCRIPTOR,
        LEAVES_A_CLASS,
        BREAKS_AT_A_BOUNDARY
    }

    /**
     * The options.
     *
     * @param number of nothing
     * @param bug what is wrong
     */
    public record Options(
            @Option(description = "a number", example = "7") int number,
            @Option(description = "what is wrong", defaultValue = "none") Bug bug) {}

    private final Exchanger<BadObjectDriver> meeting = new Exchanger<>();
    private final AtomicBoolean there = new AtomicBoolean();

    @Override
    public Class<Options> optionsType() {
        return Options.class;
    }

    @Override
    public Class<? extends BlockObject> contract() {
        return BlockObject.class;
    }

    @Override
    public BlockObject create(ObjectContext context, Options options) throws BlockException {
        Bug bug = options.bug();
        if (bug == Bug.BREAKS_AT_A_BOUNDARY && options.number() < 0) {
            throw new IllegalStateException("no room");
        }
        if (there.getAndSet(true)
                && (bug == Bug.THERE_IS_ONE_ONLY || bug == Bug.STAYS_AFTER_ITS_END)) {
            throw new BlockException(Reason.IN_USE, "there is one already");
        }
        if (bug == Bug.DOES_NOT_COME_BACK && Wire.isAgain()) {
            throw new BlockException(Reason.FAILED, "once is enough");
        }
        if (bug == Bug.FAILS_BESIDE_ANOTHER && isAnotherMade()) {
            throw new BlockException(Reason.FAILED, "two are made at once");
        }
        return new BlockObject() {
            @Override
            public void close() {
                there.set(bug == Bug.STAYS_AFTER_ITS_END);
                leaveBehind(this, bug);
            }
        };
    }

    private boolean isAnotherMade() {
        try {
            meeting.exchange(this, 100, TimeUnit.MILLISECONDS);
            return true;
        } catch (InterruptedException | TimeoutException e) {
            return false;
        }
    }

    private static void leaveBehind(Object object, Bug bug) {
        try {
            switch (bug) {
                case LEAVES_A_THREAD -> Wire.keepAThread();
                case LEAVES_A_DESCRIPTOR -> Wire.keep(FileChannel.open(Path.of("/dev/null")));
                case LEAVES_A_CLASS -> Wire.keep(object);
                default -> {}
            }
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
