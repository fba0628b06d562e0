package io.diskport.shell;

import io.diskport.api.BlockException;
import io.diskport.api.manage.Entry;
import io.diskport.api.manage.Manager;
import io.diskport.api.manage.OptionService;
import java.util.Set;

/** Adds one of a kind, from the words that describe it. */
abstract class Add extends Command {
    private final Manager<?> manager;
    private final OptionService options;
    private final String impliedKey;

    Add(Manual manual, Manager<?> manager, OptionService options, String impliedKey) {
        super(manual, Set.of(), Set.of());
        this.manager = manager;
        this.options = options;
        this.impliedKey = impliedKey;
    }

    @Override
    void run(Words words, Screen screen) throws BlockException {
        if (words.operands().isEmpty()) {
            throw words.mistake("nothing was said of what to add");
        }
        Entry added = manager.add(options.parse(words.operands(), impliedKey));
        screen.line("%s is %s", added.id(), added.state());
    }
}
