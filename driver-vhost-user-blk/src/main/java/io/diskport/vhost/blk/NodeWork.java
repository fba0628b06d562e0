package io.diskport.vhost.blk;

import io.diskport.api.BlockIOException;
import io.diskport.support.Lane;

/**
 * The requests of one queue that are not done at once: those that the node's threads do, and those
 * that the node has begun and brings back. Gives them back to the guest. Of the node's threads.
 */
final class NodeWork {
    private final Session session;
    private final RequestWork work;
    private final UsedRing used;
    private final SharedMemory shared;
    private final Lane<Request> lane;

    NodeWork(Session session, RequestWork work, UsedRing used, SharedMemory shared) {
        this.session = session;
        this.work = work;
        this.used = used;
        this.shared = shared;
        this.lane = new Lane<>(session.executor, session.device.parallelism(), this::perform);
    }

    /** What has to be waited for. */
    Lane<Request> lane() {
        return lane;
    }

    /** Does a request, and waits for it; throws nothing. */
    private void perform(Request request) {
        if (work.perform(request)) {
            giveBack(request);
        } else {
            used.abandon();
        }
        session.requestEnded();
        lane.finished();
    }

    /** What the node had begun is done. */
    void done(Request request) {
        if (request.type == VirtioBlk.T_IN) {
            request.written = (int) request.length;
        }
        giveBack(request);
        session.requestEnded();
    }

    /** What the node had begun is to be done by a thread that waits. */
    void undone(Request request) {
        lane.submit(request);
    }

    /** What the node had begun has failed. */
    void failed(Request request, BlockIOException failure) {
        work.failed(request, failure);
        giveBack(request);
        session.requestEnded();
    }

    private void giveBack(Request request) {
        try {
            if (hasMemory(request)) {
                used.add(request);
                used.publishFromNode();
            } else {
                used.abandon();
            }
        } catch (InternalError e) {
            session.fail(Misbehaviour.memoryGone());
        }
    }

    private boolean hasMemory(Request request) {
        try {
            request.putStatus();
            shared.check();
            return true;
        } catch (InternalError e) {
            session.fail(Misbehaviour.memoryGone());
            return false;
        }
    }
}
