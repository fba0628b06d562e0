package io.diskport.natives;

import com.kenai.jffi.CallContext;
import com.kenai.jffi.CallContextCache;
import com.kenai.jffi.CallingConvention;
import com.kenai.jffi.Invoker;
import com.kenai.jffi.LastError;
import com.kenai.jffi.Library;
import com.kenai.jffi.Type;
import java.util.Arrays;

/**
 * One function of a native library, called with up to six machine words.
 *
 * <p>Safe on any thread; a call allocates nothing. There is a {@code call} for each number of
 * parameters: use the one that the function was bound for, nothing checks it. Arguments are widened
 * to 64 bits, which both supported processors pass in registers; a C function that takes an int
 * looks at the lower half. Addresses are the caller's to keep alive until the call is over.
 *
 * <p>Functions of libc answer as all of this package does: zero or more, or the negated error
 * number. What was bound by {@link #ofAddress} or {@link #ofLibrary} answers the bare machine word,
 * because only libc's -1 stands for errno: of an int, only the lower half means anything.
 *
 * <p>This goes through jffi and not through an interface of jnr-ffi: no code is generated at start,
 * and jnr-ffi's stubs corrupt the sixth integer argument on x86-64.
 */
public final class NativeFunction {
    private enum Result {
        INT,
        LONG,
        RAW
    }

    private static final int MAX_PARAMETERS = 6;
    private static final Invoker INVOKER = Invoker.getInstance();
    private static final LastError LAST_ERROR = LastError.getInstance();

    private final CallContext context;
    private final long address;
    private final Result result;

    private NativeFunction(long address, int parameters, Result result) {
        if (parameters < 0 || parameters > MAX_PARAMETERS) {
            throw new IllegalArgumentException(
                    parameters + " parameters are not in 0.." + MAX_PARAMETERS);
        }
        Type[] types = new Type[parameters];
        Arrays.fill(types, Type.SINT64);
        this.address = address;
        this.result = result;
        this.context =
                CallContextCache.getInstance()
                        .getCallContext(Type.SINT64, types, CallingConvention.DEFAULT, true);
    }

    /** A function of libc that returns an int; where libc lacks it, every call answers -ENOSYS. */
    public static NativeFunction ofInt(String symbol, int parameters) {
        return new NativeFunction(find(symbol), parameters, Result.INT);
    }

    /** A function of libc that returns a long or ssize_t; where it is missing, -ENOSYS as well. */
    public static NativeFunction ofLong(String symbol, int parameters) {
        return new NativeFunction(find(symbol), parameters, Result.LONG);
    }

    /**
     * A function at an address, which answers the bare machine word.
     *
     * @param symbol its name, for the error
     * @throws UnsatisfiedLinkError if the address is 0
     */
    public static NativeFunction ofAddress(long address, String symbol, int parameters) {
        if (address == 0) {
            throw new UnsatisfiedLinkError(symbol + " is not in the library");
        }
        return new NativeFunction(address, parameters, Result.RAW);
    }

    /**
     * A function of a library, which answers the bare machine word.
     *
     * @param library to be held on to by the caller: once collected, jffi unmaps it
     * @throws UnsatisfiedLinkError if the library has none of that name
     */
    public static NativeFunction ofLibrary(Library library, String symbol, int parameters) {
        return ofAddress(library.getSymbolAddress(symbol), symbol, parameters);
    }

    private static long find(String symbol) {
        Library libc = Library.getDefault();
        return libc == null ? 0 : libc.getSymbolAddress(symbol);
    }

    /** Calls a function of no parameter. */
    public long call() {
        return address == 0 ? -NativeError.ENOSYS : result(INVOKER.invokeL0(context, address));
    }

    /** Calls a function of one parameter. */
    public long call(long a) {
        return address == 0 ? -NativeError.ENOSYS : result(INVOKER.invokeL1(context, address, a));
    }

    /** Calls a function of two parameters. */
    public long call(long a, long b) {
        return address == 0
                ? -NativeError.ENOSYS
                : result(INVOKER.invokeL2(context, address, a, b));
    }

    /** Calls a function of three parameters. */
    public long call(long a, long b, long c) {
        return address == 0
                ? -NativeError.ENOSYS
                : result(INVOKER.invokeL3(context, address, a, b, c));
    }

    /** Calls a function of four parameters. */
    public long call(long a, long b, long c, long d) {
        return address == 0
                ? -NativeError.ENOSYS
                : result(INVOKER.invokeL4(context, address, a, b, c, d));
    }

    /** Calls a function of five parameters. */
    public long call(long a, long b, long c, long d, long e) {
        return address == 0
                ? -NativeError.ENOSYS
                : result(INVOKER.invokeL5(context, address, a, b, c, d, e));
    }

    /** Calls a function of six parameters. */
    public long call(long a, long b, long c, long d, long e, long f) {
        return address == 0
                ? -NativeError.ENOSYS
                : result(INVOKER.invokeL6(context, address, a, b, c, d, e, f));
    }

    private long result(long raw) {
        if (result == Result.RAW) {
            return raw;
        }
        // The upper half of the register is undefined after a function that returns int.
        long value = result == Result.INT ? (int) raw : raw;
        return value == -1 ? -LAST_ERROR.get() : value;
    }
}
