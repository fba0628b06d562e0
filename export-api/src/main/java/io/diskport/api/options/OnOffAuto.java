package io.diskport.api.options;

/** A switch that can be left to the program. */
public enum OnOffAuto {
    /** Whatever fits. */
    AUTO,
    /** It has to be. */
    ON,
    /** It must not be. */
    OFF
}
