package io.diskport.cline;

/** A step cannot be done; the message is one line that names it. */
final class Refusal extends Exception {
    private static final long serialVersionUID = 1L;

    Refusal(Step step, String why) {
        super(step.shown() + ": " + why);
    }
}
