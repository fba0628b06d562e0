package io.diskport.vhost.blk;

import io.diskport.api.BlockIOException;
import io.diskport.api.Errno;
import io.diskport.api.export.BlockBackend;
import io.diskport.api.node.RequestFlags;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;

/** Does what requests ask for (virtio 1.2, section 5.2.6). */
final class RequestWork {
    /** How far a request has come. */
    enum Progress {
        /** It is done, or refused. */
        DONE,
        /** The node has it, and says when it has ended. */
        BEGUN,
        /** A thread that may wait has to do it. */
        WAITS
    }

    /** What is longer takes a while to copy: others do it, if there are some to spare. */
    private static final int SHORT = (64 << 10) - 1;

    /** What is longer is always given to others, so that the queue is looked at now and then. */
    private static final int LONG = 1 << 20;

    private static final long MOST_LENGTH = 1L << 30;

    private final Session session;
    private final BlockBackend backend;
    private final Device device;
    private final Guess reads = new Guess();
    private final Guess writes = new Guess();

    RequestWork(Session session) {
        this.session = session;
        this.backend = session.backend;
        this.device = session.device;
    }

    /**
     * Checks a request, and does it if nothing has to be waited for. Of the queue's thread.
     *
     * @param atLeisure whether there is nothing better to do than to copy a large read
     */
    Progress begin(Request request, boolean atLeisure) {
        request.status = VirtioBlk.S_OK;
        try {
            return switch (request.type) {
                case VirtioBlk.T_IN -> hasRange(request) ? read(request, atLeisure) : Progress.DONE;
                case VirtioBlk.T_OUT ->
                        mayChange(request) && hasRange(request) ? write(request) : Progress.DONE;
                case VirtioBlk.T_FLUSH -> Progress.WAITS;
                case VirtioBlk.T_GET_ID -> identify(request);
                case VirtioBlk.T_DISCARD -> change(request, 0);
                case VirtioBlk.T_WRITE_ZEROES -> change(request, VirtioBlk.RANGE_UNMAP);
                default -> {
                    request.status = VirtioBlk.S_UNSUPP;
                    yield Progress.DONE;
                }
            };
        } catch (BlockIOException | RuntimeException | Error e) {
            failed(request, e);
            return Progress.DONE;
        }
    }

    private Progress change(Request request, int allowedFlags) {
        return mayChange(request) && takeRange(request, allowedFlags)
                ? Progress.WAITS
                : Progress.DONE;
    }

    private static boolean fails(Request request, byte status) {
        request.status = status;
        return false;
    }

    private boolean mayChange(Request request) {
        return device.isWritable() || fails(request, VirtioBlk.S_IOERR);
    }

    /** Whether there is something to be done with data; if not, the status says why. */
    private boolean hasRange(Request request) {
        long length = request.length;
        if (length > MOST_LENGTH
                || (length & VirtioBlk.SECTOR - 1) != 0
                || isOutside(request.sector, length)) {
            return fails(request, VirtioBlk.S_IOERR);
        }
        request.offset = request.sector << VirtioBlk.SECTOR_SHIFT;
        return length > 0;
    }

    private boolean isOutside(long sector, long length) {
        long sectors = device.capacity() >> VirtioBlk.SECTOR_SHIFT;
        return sector < 0 || sector > sectors - (length >> VirtioBlk.SECTOR_SHIFT);
    }

    private Progress read(Request request, boolean atLeisure) throws BlockIOException {
        if (request.length <= (atLeisure ? LONG : SHORT) && reads.isWorthwhile()) {
            boolean done = tryRead(request);
            reads.note(done);
            if (done) {
                request.written = (int) request.length;
                return Progress.DONE;
            }
        }
        request.prepareRead(request.offset, request.data, 0, request.count);
        return backend.begin(request) ? Progress.BEGUN : Progress.WAITS;
    }

    private boolean tryRead(Request request) throws BlockIOException {
        return request.count == 1
                ? backend.tryRead(request.offset, request.data[0])
                : backend.tryRead(request.offset, request.data, 0, request.count);
    }

    /** Large ones, too: a file takes one write at a time, and threads that wait for it spin. */
    private Progress write(Request request) throws BlockIOException {
        if (session.writesThrough()) {
            return Progress.WAITS;
        }
        if (request.length <= LONG && writes.isWorthwhile()) {
            boolean done = tryWrite(request);
            writes.note(done);
            if (done) {
                return Progress.DONE;
            }
        }
        request.prepareWrite(request.offset, RequestFlags.NONE, request.data, 0, request.count);
        return backend.begin(request) ? Progress.BEGUN : Progress.WAITS;
    }

    private boolean tryWrite(Request request) throws BlockIOException {
        return request.count == 1
                ? backend.tryWrite(request.offset, RequestFlags.NONE, request.data[0])
                : backend.tryWrite(
                        request.offset, RequestFlags.NONE, request.data, 0, request.count);
    }

    private Progress identify(Request request) {
        byte[] serial = device.serial();
        int from = 0;
        for (int i = 0; i < request.count; i++) {
            ByteBuffer place = request.data[i];
            int length = Math.min(place.remaining(), serial.length - from);
            place.put(serial, from, length);
            from += length;
        }
        request.written = from;
        return Progress.DONE;
    }

    /** Copies the range of a discard, or of zeroes, before it is looked at: the guest may write. */
    private boolean takeRange(Request request, int allowedFlags) {
        if (request.length != VirtioBlk.RANGE_LENGTH) {
            return fails(request, VirtioBlk.S_IOERR);
        }
        long sector = 0;
        long rest = 0;
        int at = 0;
        for (int i = 0; i < request.count; i++) {
            ByteBuffer part = request.data[i];
            while (part.hasRemaining()) {
                long value = part.get() & 0xffL;
                if (at < Long.BYTES) {
                    sector |= value << 8 * at;
                } else {
                    rest |= value << 8 * (at - Long.BYTES);
                }
                at++;
            }
        }
        long sectors = rest & 0xffffffffL;
        int flags = (int) (rest >>> 32);
        if ((flags & ~allowedFlags) != 0) {
            return fails(request, VirtioBlk.S_UNSUPP);
        }
        long length = sectors << VirtioBlk.SECTOR_SHIFT;
        if (sectors > VirtioBlk.MAX_RANGE_SECTORS || isOutside(sector, length)) {
            return fails(request, VirtioBlk.S_IOERR);
        }
        request.offset = sector << VirtioBlk.SECTOR_SHIFT;
        request.rangeLength = length;
        request.rangeFlags = flags;
        return length > 0;
    }

    /**
     * Does a request, and waits for it. Any thread.
     *
     * @return false if it is not to go back to the guest: the next back-end does it
     */
    boolean perform(Request request) {
        try {
            performInNode(request);
            return true;
        } catch (BlockIOException e) {
            if (e.errno() == Errno.ESHUTDOWN && session.isDropping()) {
                return false;
            }
            failed(request, e);
            return true;
        } catch (RuntimeException | Error e) {
            failed(request, e);
            return true;
        }
    }

    private void performInNode(Request request) throws BlockIOException {
        int through = session.writesThrough() ? RequestFlags.FUA : RequestFlags.NONE;
        switch (request.type) {
            case VirtioBlk.T_IN -> {
                if (request.count == 1) {
                    backend.read(request.offset, request.data[0]);
                } else {
                    backend.read(request.offset, request.data, 0, request.count);
                }
                request.written = (int) request.length;
            }
            case VirtioBlk.T_OUT -> {
                if (request.count == 1) {
                    backend.write(request.offset, through, request.data[0]);
                } else {
                    backend.write(request.offset, through, request.data, 0, request.count);
                }
            }
            case VirtioBlk.T_FLUSH -> backend.flush();
            case VirtioBlk.T_DISCARD ->
                    backend.discard(request.offset, request.rangeLength, RequestFlags.NONE);
            case VirtioBlk.T_WRITE_ZEROES -> {
                boolean unmap = (request.rangeFlags & VirtioBlk.RANGE_UNMAP) != 0;
                int flags = unmap ? through : through | RequestFlags.NO_UNMAP;
                backend.writeZeroes(request.offset, request.rangeLength, flags);
            }
            default -> throw new IllegalStateException("request type " + request.type);
        }
    }

    void failed(Request request, Throwable failure) {
        request.written = 0;
        request.status = VirtioBlk.S_IOERR;
        if (failure instanceof BlockIOException error) {
            if (error.errno() == Errno.EOPNOTSUPP) {
                request.status = VirtioBlk.S_UNSUPP;
            }
        } else if (failure instanceof InternalError) {
            session.fail(Misbehaviour.memoryGone());
        } else {
            session.log.log(Level.ERROR, "A request failed in an unexpected way", failure);
        }
    }
}
