package io.diskport.qmp;

import io.diskport.api.BlockException;
import io.diskport.qmp.Shape.Struct;
import java.util.Map;

/** Something a client can have done. */
interface Command {
    /** The answer of commands that have nothing to say. */
    Map<String, Object> NOTHING = Map.of();

    /** Its name. */
    String name();

    /** What it takes. */
    Struct arguments(Vocabulary vocabulary);

    /** What it answers. */
    Shape answer(Vocabulary vocabulary);

    /**
     * Does it.
     *
     * @return the answer
     * @throws BlockException whose message is the answer
     */
    Object run(Call call) throws QmpException, BlockException;
}
