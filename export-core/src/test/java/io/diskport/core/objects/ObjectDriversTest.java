package io.diskport.core.objects;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.diskport.api.BlockException;
import io.diskport.api.Handover;
import io.diskport.api.object.Authorization;
import io.diskport.api.object.BlockObject;
import io.diskport.api.object.BlockObjectDriver;
import io.diskport.api.object.IoThread;
import io.diskport.api.object.ObjectContext;
import io.diskport.api.object.Secret;
import io.diskport.api.object.ThrottleGroup;
import io.diskport.api.options.ObjectRef;
import io.diskport.core.options.OptionSchema;
import io.diskport.core.options.OptionText;
import io.diskport.core.options.RecordBinder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ObjectDriversTest {
    @Test
    void secretComesFromText() throws Exception {
        assertArrayEquals("h\u00fc,".getBytes(StandardCharsets.UTF_8), secret("data=h\u00fc,,"));
        assertArrayEquals(new byte[] {1, 2, 3}, secret("format=base64,data=AQID"));
    }

    @Test
    void secretComesFromAFile(@TempDir Path folder) throws Exception {
        Path file = Files.write(folder.resolve("s"), new byte[] {0, -1, 10});
        assertArrayEquals(new byte[] {0, -1, 10}, secret("file=" + file));
        Files.writeString(file, "AQID\n");
        assertArrayEquals(new byte[] {1, 2, 3}, secret("format=base64,file=" + file));
        Files.delete(file);
        assertEquals(
                "Failed to read '" + file + "': No such file or directory",
                refusal(new SecretDriver(), "file=" + file));
        assertEquals(
                "Failed to read '" + folder + "': Is a directory",
                refusal(new SecretDriver(), "file=" + folder));
    }

    @Test
    void secretIsHandedOutAsACopyAndOverwrittenAtTheEnd() throws Exception {
        Secret secret = (Secret) create(new SecretDriver(), "data=hush");
        assertNotSame(secret.data(), secret.data());
        secret.data()[0] = 0;
        assertEquals('h', secret.data()[0]);
        secret.close();
        assertArrayEquals(new byte[4], secret.data());
    }

    @Test
    void secretIsShownNowhere() throws Exception {
        SecretDriver.Options options = bind(new SecretDriver(), "data=hush,format=raw");
        assertFalse(options.toString().contains("hush"));
        assertEquals(
                Map.of("format", "raw"),
                OptionSchema.withoutSecrets(
                        OptionText.parse("data=hush,format=raw", ""),
                        List.of(SecretDriver.Options.class)));
        BlockException e =
                assertThrows(
                        BlockException.class,
                        () -> create(new SecretDriver(), "data=hush!,format=base64"));
        assertEquals(
                "The data of secret 'o' is not base64; use format=raw, or encode it",
                e.getMessage());
        // Base64's own message names the wrong character.
        assertNull(e.getCause());
    }

    @ParameterizedTest
    @CsvSource({"''", "'data=x,file=y'"})
    void secretHasOneSource(String options) {
        assertEquals(
                "Either 'file' or 'data' must be provided", refusal(new SecretDriver(), options));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "limits.iops-total=-1|Option 'limits.iops-total' has the value '-1': it is 0 or more",
                "limits.iops-total-max=-1|Option 'limits.iops-total-max' has the value '-1': it is 0"
                        + " or more",
                "limits.iops-read-max=5|Option 'limits.iops-read-max' needs option"
                        + " 'limits.iops-read'",
                "limits.bps-write=2M,limits.bps-write-max=1M|Option 'limits.bps-write-max' has the"
                        + " value '1048576': it is at least 'limits.bps-write', 2097152",
                "limits.iops-total=1,limits.iops-read=1|Option 'limits.iops-total' cannot stand"
                        + " beside 'limits.iops-read' or 'limits.iops-write'",
                "limits.bps-total=1,limits.bps-write=1|Option 'limits.bps-total' cannot stand"
                        + " beside 'limits.bps-read' or 'limits.bps-write'",
                "limits.iops-size=4k|Option 'limits.iops-size' needs a limit of requests, for"
                        + " instance 'limits.iops-total'",
                "limits.iops-totl=4|Parameter 'limits.iops-totl' is unexpected for object; did you mean"
                        + " 'limits.iops-total'?"
            })
    void contradictingLimitsAreRefused(String options, String message) {
        assertEquals(message, refusal(new ThrottleGroupDriver(), options));
    }

    @Test
    void groupWithoutLimitsLetsEverythingThrough() throws Exception {
        ThrottleGroup group = (ThrottleGroup) create(new ThrottleGroupDriver(), "");
        assertTrue(group.tryReserve(true, Long.MAX_VALUE));
        assertEquals(0, group.reserve(false, Long.MAX_VALUE));
    }

    @Test
    void numberOfWorkersIsBounded() throws Exception {
        assertTrue(create(new IoThreadDriver(), "") instanceof IoThread);
        assertEquals(
                "Option 'workers' has the value '0': it is 1 to 1024",
                refusal(new IoThreadDriver(), "workers=0"));
    }

    @Test
    void firstRuleThatMatchesDecides() throws Exception {
        Authorization list =
                authorization(
                        new AuthzListDriver(),
                        "rules.0.match=CN=lost,,O=Example,rules.0.policy=deny,"
                                + "rules.1.match=CN=*,,O=Example,rules.1.policy=allow,"
                                + "rules.1.format=glob,rules.2.match=CN=?,rules.2.policy=allow");
        assertTrue(list.allows("CN=laptop,O=Example"));
        assertFalse(list.allows("CN=lost,O=Example"));
        assertFalse(list.allows("CN=laptop,O=Other"));
        // Exact where nothing else is said.
        assertFalse(list.allows("CN=x"));
        assertTrue(list.allows("CN=?"));
    }

    @Test
    void policyIsForWhomNoRuleIsAbout() throws Exception {
        assertFalse(authorization(new AuthzListDriver(), "").allows("x"));
        Authorization open =
                authorization(
                        new AuthzListDriver(),
                        "policy=allow,rules.0.match=lost,rules.0.policy=deny");
        assertTrue(open.allows("x"));
        assertFalse(open.allows("lost"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "policy=allow|true",
                "policy=allow,rules.0.match=x,rules.0.policy=allow|true",
                "policy=allow,rules.0.match=x,rules.0.policy=deny|false",
                "rules.0.match=*,rules.0.policy=allow,rules.0.format=glob|true",
                "rules.0.match=?*,rules.0.policy=allow,rules.0.format=glob|false",
                "policy=allow,rules.0.match=x,rules.0.policy=deny,rules.1.match=*,"
                        + "rules.1.policy=allow,rules.1.format=glob|false",
                "policy=deny|false"
            })
    void whoDoesNotSayWhoItIsNeedsAListThatIsForEverybody(String options, boolean allowed)
            throws Exception {
        assertEquals(allowed, authorization(new AuthzListDriver(), options).allows(""));
    }

    @Test
    void oneIdentityIsLetIn() throws Exception {
        Authorization simple = authorization(new AuthzSimpleDriver(), "identity=CN=a,,O=b");
        assertTrue(simple.allows("CN=a,O=b"));
        assertFalse(simple.allows("CN=a,O=c"));
        assertFalse(simple.allows(""));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "rules.0.match=x|Parameter 'rules.0.policy' is missing for object",
                "rules.0.policy=allow|Parameter 'rules.0.match' is missing for object",
                "rules.0.match=,rules.0.policy=allow|Option 'match' of a rule cannot be empty",
                "rules.0.match=x,rules.0.policy=maybe|Parameter 'rules.0.policy' does not accept"
                        + " value 'maybe': it is one of deny, allow"
            })
    void rulesThatAreNoneAreRefused(String options, String message) {
        assertEquals(message, refusal(new AuthzListDriver(), options));
    }

    @Test
    void emptyIdentityIsRefused() {
        assertEquals(
                "Option 'identity' cannot be empty", refusal(new AuthzSimpleDriver(), "identity="));
    }

    private static <O extends Record> Authorization authorization(
            BlockObjectDriver<O> driver, String options) throws BlockException {
        return (Authorization) create(driver, options);
    }

    private static byte[] secret(String options) throws BlockException {
        return ((Secret) create(new SecretDriver(), options)).data();
    }

    private static <O extends Record> String refusal(BlockObjectDriver<O> driver, String options) {
        return assertThrows(BlockException.class, () -> create(driver, options)).getMessage();
    }

    private static <O extends Record> BlockObject create(
            BlockObjectDriver<O> driver, String options) throws BlockException {
        BlockObject object = driver.create(new Context(), bind(driver, options));
        assertTrue(driver.contract().isInstance(object));
        return object;
    }

    private static <O extends Record> O bind(BlockObjectDriver<O> driver, String options)
            throws BlockException {
        return new RecordBinder(
                        "object", OptionText.parse(options, ""), List.of(driver.optionsType()))
                .bind(driver.optionsType());
    }

    private static final class Context implements ObjectContext {
        @Override
        public String id() {
            return "o";
        }

        @Override
        public <T extends BlockObject> T object(ObjectRef<T> reference) {
            throw new IllegalStateException();
        }

        @Override
        public Optional<Handover> handover() {
            return Optional.empty();
        }

        @Override
        public System.Logger log() {
            return System.getLogger("test");
        }

        @Override
        public void ended(Throwable cause) {}
    }
}
