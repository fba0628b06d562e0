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
 * One function of libc, called with machine words.
 *
 * <p>Arguments are widened to 64 bits, which both supported processors pass in registers; a C
 * function that takes an int looks at the lower half. This goes through jffi and not through an
 * interface of jnr-ffi: no code is generated at start, and jnr-ffi's stubs corrupt the sixth
 * integer argument on x86-64.
 */
final class NativeFunction {
    private static final Invoker INVOKER = Invoker.getInstance();
    private static final LastError LAST_ERROR = LastError.getInstance();

    private final CallContext context;
    private final long address;
    private final boolean intResult;

    private NativeFunction(long address, int parameters, boolean intResult) {
        Type[] types = new Type[parameters];
        Arrays.fill(types, Type.SINT64);
        this.address = address;
        this.intResult = intResult;
        this.context =
                CallContextCache.getInstance()
                        .getCallContext(Type.SINT64, types, CallingConvention.DEFAULT, true);
    }

    /** A function that returns a C int; where libc lacks it, every call answers -ENOSYS. */
    static NativeFunction ofInt(String symbol, int parameters) {
        return new NativeFunction(find(symbol), parameters, true);
    }

    /** A function that returns a C long or ssize_t; where libc lacks it, calls answer -ENOSYS. */
    static NativeFunction ofLong(String symbol, int parameters) {
        return new NativeFunction(find(symbol), parameters, false);
    }

    private static long find(String symbol) {
        Library libc = Library.getDefault();
        return libc == null ? 0 : libc.getSymbolAddress(symbol);
    }

    boolean isPresent() {
        return address != 0;
    }

    long call() {
        return address == 0 ? -NativeError.ENOSYS : result(INVOKER.invokeL0(context, address));
    }

    long call(long a) {
        return address == 0 ? -NativeError.ENOSYS : result(INVOKER.invokeL1(context, address, a));
    }

    long call(long a, long b) {
        return address == 0
                ? -NativeError.ENOSYS
                : result(INVOKER.invokeL2(context, address, a, b));
    }

    long call(long a, long b, long c) {
        return address == 0
                ? -NativeError.ENOSYS
                : result(INVOKER.invokeL3(context, address, a, b, c));
    }

    long call(long a, long b, long c, long d) {
        return address == 0
                ? -NativeError.ENOSYS
                : result(INVOKER.invokeL4(context, address, a, b, c, d));
    }

    long call(long a, long b, long c, long d, long e) {
        return address == 0
                ? -NativeError.ENOSYS
                : result(INVOKER.invokeL5(context, address, a, b, c, d, e));
    }

    private long result(long raw) {
        // The upper half of the register is undefined after a function that returns int.
        long value = intResult ? (int) raw : raw;
        return value == -1 ? -LAST_ERROR.get() : value;
    }
}
