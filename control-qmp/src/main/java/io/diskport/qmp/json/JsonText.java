package io.diskport.qmp.json;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.Collection;
import java.util.Map;

/** Writes values as QEMU does: in ASCII, with a space behind commas and colons. */
public final class JsonText {
    private static final int REAL_DIGITS = 17;
    private static final int LEAST_EXPONENT = -4;
    private static final String INDENT = "    ";

    private final StringBuilder text = new StringBuilder();
    private final boolean pretty;

    private JsonText(boolean pretty) {
        this.pretty = pretty;
    }

    /** A value on one line. */
    public static String of(Object value) {
        return of(value, false);
    }

    /** A value on one line or, pretty, on many, with {@code \n} between them. */
    public static String of(Object value, boolean pretty) {
        JsonText json = new JsonText(pretty);
        json.value(value, 0);
        return json.text.toString();
    }

    private void value(Object value, int depth) {
        if (value instanceof Map<?, ?> object) {
            object(object, depth);
        } else if (value instanceof Collection<?> list) {
            list(list, depth);
        } else if (value instanceof String string) {
            string(string);
        } else if (value instanceof Double real) {
            real(real);
        } else {
            text.append(value);
        }
    }

    private void object(Map<?, ?> object, int depth) {
        text.append('{');
        boolean first = true;
        for (Map.Entry<?, ?> member : KeyOrder.of(object)) {
            next(first, depth + 1);
            first = false;
            string((String) member.getKey());
            text.append(": ");
            value(member.getValue(), depth + 1);
        }
        line(depth);
        text.append('}');
    }

    private void list(Collection<?> list, int depth) {
        text.append('[');
        boolean first = true;
        for (Object element : list) {
            next(first, depth + 1);
            first = false;
            value(element, depth + 1);
        }
        line(depth);
        text.append(']');
    }

    private void next(boolean first, int depth) {
        if (!first) {
            text.append(pretty ? "," : ", ");
        }
        line(depth);
    }

    private void line(int depth) {
        if (pretty) {
            text.append('\n').append(INDENT.repeat(depth));
        }
    }

    private void string(String string) {
        text.append('"');
        for (int i = 0; i < string.length(); i++) {
            char c = string.charAt(i);
            switch (c) {
                case '"', '\\' -> text.append('\\').append(c);
                case '\b' -> text.append("\\b");
                case '\f' -> text.append("\\f");
                case '\n' -> text.append("\\n");
                case '\r' -> text.append("\\r");
                case '\t' -> text.append("\\t");
                default -> {
                    if (c < ' ' || c >= 0x7F) {
                        text.append("\\u%04X".formatted((int) c));
                    } else {
                        text.append(c);
                    }
                }
            }
        }
        text.append('"');
    }

    /** As C's printf writes it with %.17g. */
    private void real(double real) {
        if (real == 0) {
            text.append(1 / real < 0 ? "-0" : "0");
            return;
        }
        BigDecimal number = new BigDecimal(real).round(new MathContext(REAL_DIGITS));
        int exponent = number.precision() - number.scale() - 1;
        number = number.stripTrailingZeros();
        if (exponent >= LEAST_EXPONENT && exponent < REAL_DIGITS) {
            text.append(number.toPlainString());
            return;
        }
        String digits = number.unscaledValue().abs().toString();
        text.append(real < 0 ? "-" : "").append(digits.charAt(0));
        if (digits.length() > 1) {
            text.append('.').append(digits, 1, digits.length());
        }
        text.append(exponent < 0 ? "e-" : "e+").append("%02d".formatted(Math.abs(exponent)));
    }
}
