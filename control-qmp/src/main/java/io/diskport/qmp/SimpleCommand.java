package io.diskport.qmp;

import io.diskport.api.BlockException;
import io.diskport.qmp.Shape.Struct;
import java.util.function.Function;

/**
 * A command made of its parts.
 *
 * @param takes what it takes, by the types that there are
 * @param gives what it answers, likewise
 */
record SimpleCommand(
        String name,
        Function<Vocabulary, Struct> takes,
        Function<Vocabulary, Shape> gives,
        Body body)
        implements Command {
    /** What a command does. */
    interface Body {
        Object run(Call call) throws QmpException, BlockException;
    }

    /** One that answers nothing. */
    static SimpleCommand of(String name, Struct takes, Body body) {
        return of(name, takes, Shape.EMPTY, body);
    }

    static SimpleCommand of(String name, Struct takes, Shape gives, Body body) {
        return new SimpleCommand(name, v -> takes, v -> gives, body);
    }

    @Override
    public Struct arguments(Vocabulary vocabulary) {
        return takes.apply(vocabulary);
    }

    @Override
    public Shape answer(Vocabulary vocabulary) {
        return gives.apply(vocabulary);
    }

    @Override
    public Object run(Call call) throws QmpException, BlockException {
        return body.run(call);
    }
}
