package io.diskport.qmp.json;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is expected here is what a monitor of QEMU 7.2 answers. */
class JsonStreamTest {
    private final JsonStream stream = new JsonStream();

    private List<String> feed(byte[] bytes) {
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        List<String> all = new ArrayList<>();
        for (Optional<JsonStream.Found> found = stream.next(buffer);
                found.isPresent();
                found = stream.next(buffer)) {
            all.add(found.get().value().map(JsonText::of).orElse(found.get().error()));
        }
        return all;
    }

    private List<String> feed(String text) {
        return feed(text.getBytes(StandardCharsets.UTF_8));
    }

    private static String repeat(String text, int times) {
        return text.repeat(times);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{bad}|invalid keyword 'bad'",
                "[nonsense]|invalid keyword 'nonsense'",
                "{\"a\":1,}|expecting value",
                "{\"a\":1 ]|expected separator in dict",
                "{\"a\":1 \"b\":2}|expected separator in dict",
                "[1 2]|expected separator in list",
                "[1,]|expecting value",
                "[,]|expecting value",
                "}|expecting value",
                "]|expecting value",
                ":|expecting value",
                "{1:2}|key is not a string in object",
                "{\"a\" 1}|missing : in object pair",
                "{\"a\":}|expecting value",
                "{\"a\":1,\"a\":2}|duplicate key",
                "{\"a\":nul}|invalid keyword 'nul'",
                "[\"\\q\"]|invalid escape sequence in string",
                "[\"\\ud800x\"]|\\ud800 is not a valid Unicode character",
                "[\"\\u12\"]|\\u12\" is not a valid Unicode character",
                "%|stray '%'",
            })
    void aMistakeIsToldInTheWordsOfQemu(String text, String message) {
        assertEquals(List.of("JSON parse error, " + message), feed(text));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {"{\"a\":01}|stray '01'", "{\"a\":+1}|stray '+'", "{\"a\":%d}|stray '%'"})
    void afterWhatIsNoTokenEverythingIsSkippedUpToAMark(String text, String message) {
        assertEquals(
                List.of("JSON parse error, " + message, "JSON parse error, expecting value"),
                feed(text));
    }

    @Test
    void aControlCharacterEndsAString() {
        assertEquals(List.of("JSON parse error, stray '\"abc\n'"), feed("\"abc\n"));
        assertEquals(List.of("{}"), feed("{}"));
    }

    @Test
    void aByteThatUtf8NeverHasIsAFreshStart() {
        byte[] bytes = {'{', '"', 'a', (byte) 0xFF, '{', '}'};

        assertEquals(List.of("JSON parse error, stray '\"a\uFFFD'", "{}"), feed(bytes));
    }

    @Test
    void whatIsNoUtf8IsRefused() {
        byte[] surrogate = {'"', (byte) 0xED, (byte) 0xA0, (byte) 0x80, '"'};

        assertEquals(
                List.of("JSON parse error, invalid UTF-8 sequence in string"), feed(surrogate));
    }

    @Test
    void severalValuesMayCome_inOnePiece_orByByte_andOnManyLines() {
        String text = "{'execute':'a'}{\"execute\" :\r\n\"b\"} [1,2.5,true , null,\"x\"]";
        List<String> expected =
                List.of(
                        "{\"execute\": \"a\"}",
                        "{\"execute\": \"b\"}",
                        "[1, 2.5, true, null, \"x\"]");

        assertEquals(expected, feed(text));
        List<String> all = new ArrayList<>();
        for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
            all.addAll(feed(new byte[] {b}));
        }
        assertEquals(expected, all);
    }

    @Test
    void numbersKeepWhatTheyCanHold() {
        assertEquals(
                List.of(
                        "[9223372036854775807, 18446744073709551615, 1e+20,"
                                + " -9223372036854775808, -9.2233720368547758e+18, 1, 1000,"
                                + " 0.10000000000000001, 1e+30]"),
                feed(
                        "[9223372036854775807, 18446744073709551615, 99999999999999999999,"
                                + " -9223372036854775808, -9223372036854775809, 1.0, 1e3, 0.1,"
                                + " 1e30]"));
        assertEquals(List.of("JSON parse error, the number is too large"), feed("[1e999]"));
    }

    @Test
    void escapesAreUnderstood() {
        assertEquals(
                List.of("[\"\\\"'/\\\\\\b\\f\\n\\r\\t\\u00E9\\uD83D\\uDE00\\u0000\"]"),
                feed("['\\\"\\'\\/\\\\\\b\\f\\n\\r\\té\\ud83d\\ude00\\u0000']"));
    }

    @Test
    void nestingIsBounded() {
        assertEquals(1, feed(repeat("[", 1024) + repeat("]", 1024)).size());

        List<String> answers = feed(repeat("[", 1025) + repeat("]", 3));
        assertEquals("JSON nesting depth limit exceeded", answers.get(0));
        assertEquals("JSON parse error, expecting value", answers.get(3));
        assertEquals(4, answers.size());
    }

    @Test
    void aTokenIsBounded() {
        List<String> answers = feed("[\"" + repeat("x", JsonStream.LONGEST + 10) + "\"]");

        assertEquals("JSON token size limit exceeded", answers.get(0));
        assertEquals(List.of("{}"), feed("{}"));
    }

    @Test
    void theTokensOfAValueAreBoundedTogether() {
        String megabyte = '"' + repeat("x", 1 << 20) + '"';

        assertTrue(
                feed('[' + repeat(megabyte + ',', 5)).contains("JSON token size limit exceeded"));
    }

    @Test
    void theNumberOfTokensIsBounded() {
        assertTrue(
                feed('[' + repeat("1,", JsonStream.MOST_TOKENS / 2 + 1))
                        .contains("JSON token count limit exceeded"));
    }

    @Test
    void whateverComesAfterAFreshStartARequestIsUnderstood() {
        Random random = new Random(6);
        byte[] alphabet = "{}[]:,\"'\\ 01.eE+-truefalsn\n\tu%".getBytes(StandardCharsets.UTF_8);
        for (int i = 0; i < 2000; i++) {
            byte[] noise = new byte[random.nextInt(40)];
            for (int j = 0; j < noise.length; j++) {
                noise[j] =
                        random.nextInt(8) == 0
                                ? (byte) random.nextInt(256)
                                : alphabet[random.nextInt(alphabet.length)];
            }
            feed(noise);
            feed(new byte[] {(byte) 0xFF, (byte) 0xFF});
            assertEquals(List.of("{\"a\": 1}"), feed("{\"a\":1}"));
        }
    }
}
