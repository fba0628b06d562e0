package io.diskport.shell;

import io.diskport.api.BlockException;
import java.util.List;
import java.util.Set;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;

/** Ends Diskport. */
@Component(
        service = Command.class,
        property = {Command.SCOPE, Command.NAME + "exit"})
public final class Exit extends Command {
    private static final Manual MANUAL =
            new Manual("exit", "end every export, then Diskport", List.of(""), "", List.of("exit"));

    private final BundleContext context;

    @Activate
    public Exit(BundleContext context) {
        super(MANUAL, Set.of(), Set.of());
        this.context = context;
    }

    @Override
    void run(Words words, Screen screen) throws BlockException {
        words.operands(new String[0]);
        try {
            context.getBundle(0).stop();
        } catch (BundleException e) {
            throw new BlockException(
                    BlockException.Reason.FAILED, "cannot end: " + e.getMessage(), e);
        }
    }
}
