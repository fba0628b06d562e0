package io.diskport.fuse.mount;

import com.kenai.jffi.CallContext;
import com.kenai.jffi.CallContextCache;
import com.kenai.jffi.CallingConvention;
import com.kenai.jffi.Invoker;
import com.kenai.jffi.LastError;
import com.kenai.jffi.Library;
import com.kenai.jffi.Type;
import java.util.Arrays;

/**
 * A function of a native library, called with up to five machine words.
 *
 * <p>jnr-fuse and native-runtime bind what they need; this is for the few functions beyond that.
 */
public final class NativeCall {
    private static final Invoker INVOKER = Invoker.getInstance();

    private final CallContext context;
    private final long address;

    /**
     * Binds a function.
     *
     * @throws UnsatisfiedLinkError if the library has none of that name
     */
    public NativeCall(Library library, String symbol, int parameters) {
        this(library.getSymbolAddress(symbol), symbol, parameters);
    }

    /**
     * Binds a function by its address.
     *
     * @throws UnsatisfiedLinkError if the address is 0
     */
    public NativeCall(long address, String symbol, int parameters) {
        if (address == 0) {
            throw new UnsatisfiedLinkError(symbol + " is not in the library");
        }
        this.address = address;
        Type[] types = new Type[parameters];
        Arrays.fill(types, Type.SINT64);
        this.context =
                CallContextCache.getInstance()
                        .getCallContext(Type.SINT64, types, CallingConvention.DEFAULT, true);
    }

    /** Calls a function of one parameter. */
    public long call(long a) {
        return INVOKER.invokeL1(context, address, a);
    }

    /** Calls a function of two parameters. */
    public long call(long a, long b) {
        return INVOKER.invokeL2(context, address, a, b);
    }

    /** Calls a function of three parameters. */
    public long call(long a, long b, long c) {
        return INVOKER.invokeL3(context, address, a, b, c);
    }

    /** Calls a function of four parameters. */
    public long call(long a, long b, long c, long d) {
        return INVOKER.invokeL4(context, address, a, b, c, d);
    }

    /** Calls a function of five parameters. */
    public long call(long a, long b, long c, long d, long e) {
        return INVOKER.invokeL5(context, address, a, b, c, d, e);
    }

    /** Calls a function of six parameters. */
    public long call(long a, long b, long c, long d, long e, long f) {
        return INVOKER.invokeL6(context, address, a, b, c, d, e, f);
    }

    /** The error number that the last call on this thread left. */
    public static int errno() {
        return LastError.getInstance().get();
    }
}
