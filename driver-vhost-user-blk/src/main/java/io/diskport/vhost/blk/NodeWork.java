package io.diskport.vhost.blk;

/** Does requests of one queue that may wait, and gives them back. Of the node's threads. */
final class NodeWork {
    private final Session session;
    private final RequestWork work;
    private final UsedRing used;
    private final SharedMemory shared;

    NodeWork(Session session, RequestWork work, UsedRing used, SharedMemory shared) {
        this.session = session;
        this.work = work;
        this.used = used;
        this.shared = shared;
    }

    /** Does a request; throws nothing. */
    void accept(Request request) {
        try {
            if (perform(request)) {
                used.add(request);
                used.publish();
            } else {
                used.abandon();
            }
        } catch (InternalError e) {
            session.fail(Misbehaviour.memoryGone());
        }
        session.requestEnded();
    }

    private boolean perform(Request request) {
        try {
            if (work.perform(request)) {
                request.putStatus();
                shared.check();
                return true;
            }
        } catch (InternalError e) {
            session.fail(Misbehaviour.memoryGone());
        }
        return false;
    }
}
