package io.diskport.file;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.diskport.api.node.BlockNode;
import io.diskport.api.node.BlockNodeDriver;
import io.diskport.api.options.OnOffAuto;
import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.Constructor;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The driver in a class loader that has no native-runtime, as in a framework without it. */
class WithoutNativeRuntimeTest {
    @TempDir Path folder;

    private static final class Loader extends ClassLoader {
        Loader() {
            super(WithoutNativeRuntimeTest.class.getClassLoader());
        }

        @Override
        protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
            if (name.startsWith("io.diskport.natives.")) {
                throw new ClassNotFoundException(name);
            }
            Class<?> known = findLoadedClass(name);
            if (known != null || !name.startsWith("io.diskport.file.")) {
                return known != null ? known : super.loadClass(name, resolve);
            }
            try (InputStream in = getResourceAsStream(name.replace('.', '/') + ".class")) {
                byte[] bytes = in.readAllBytes();
                return defineClass(name, bytes, 0, bytes.length);
            } catch (IOException e) {
                throw new ClassNotFoundException(name, e);
            }
        }
    }

    @Test
    void worksThroughChannels() throws Exception {
        Path path = Files.write(folder.resolve("disk.raw"), new byte[1000]);
        Loader loader = new Loader();
        Constructor<?> constructor =
                loader.loadClass(FileNodeDriver.class.getName()).getConstructor();
        try (BlockNode node = open(constructor.newInstance(), path)) {
            assertEquals("java", node.info().get("engine"));
            node.write(0, 0, ByteBuffer.wrap("hello".getBytes()));
            assertEquals("hello", Files.readString(path).substring(0, 5));
        }
    }

    @SuppressWarnings("unchecked")
    private static BlockNode open(Object driver, Path path) throws Exception {
        BlockNodeDriver<Record> made = (BlockNodeDriver<Record>) driver;
        Constructor<?> options = made.optionsType().getDeclaredConstructors()[0];
        options.setAccessible(true);
        return made.open(
                TestContext.writable(), (Record) options.newInstance(path, OnOffAuto.AUTO));
    }
}
