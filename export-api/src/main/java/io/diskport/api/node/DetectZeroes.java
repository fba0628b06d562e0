package io.diskport.api.node;

/** What becomes of writes of nothing but zeroes. */
public enum DetectZeroes {
    /** They are written as they are. */
    OFF,
    /** They become writes of zeroes, which leave the range allocated. */
    ON,
    /** They become writes of zeroes, which may free the range. */
    UNMAP
}
