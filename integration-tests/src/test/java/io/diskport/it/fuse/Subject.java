package io.diskport.it.fuse;

/** A file that operations are done to. */
interface Subject {
    Outcome perform(Operation operation);
}
