package io.diskport.runtime;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.FileSystemNotFoundException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Collection;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.osgi.framework.Bundle;
import org.osgi.framework.hooks.resolver.ResolverHook;
import org.osgi.framework.hooks.resolver.ResolverHookFactory;
import org.osgi.framework.wiring.BundleCapability;
import org.osgi.framework.wiring.BundleRequirement;
import org.osgi.framework.wiring.BundleRevision;

/**
 * Keeps bundles from being started whose SHA-256 sum is not in a list, where there is that list: a
 * file of lines as sha256sum prints them. Those that the launcher has installed itself are let in.
 */
final class DeployAllowList implements ResolverHookFactory {
    /** How the launcher's own bundles are called: they are run from where they are. */
    private static final String OF_THE_LAUNCHER = "reference:";

    private final Path list;
    private final Consumer<String> warnings;
    private final Map<Path, Sum> sums = new ConcurrentHashMap<>();
    private final Set<Sum> told = ConcurrentHashMap.newKeySet();

    private record Sum(Path jar, FileTime modified, long size, String sha256) {}

    DeployAllowList(Path list, Consumer<String> warnings) {
        this.list = list;
        this.warnings = warnings;
    }

    @Override
    public ResolverHook begin(Collection<BundleRevision> triggers) {
        Optional<Set<String>> allowed = allowed();
        return new ResolverHook() {
            @Override
            public void filterResolvable(Collection<BundleRevision> candidates) {
                // Felix would take what is resolved already from everybody if one were removed.
            }

            @Override
            public void filterSingletonCollisions(
                    BundleCapability singleton, Collection<BundleCapability> candidates) {
                // They do not matter here.
            }

            /** Nobody fulfils what a refused bundle requires, so that it is not resolved. */
            @Override
            public void filterMatches(
                    BundleRequirement requirement, Collection<BundleCapability> candidates) {
                if (allowed.isPresent()
                        && isRefused(requirement.getRevision().getBundle(), allowed.get())) {
                    candidates.clear();
                }
            }

            @Override
            public void end() {
                // There is nothing to free.
            }
        };
    }

    /** Empty if there is no list; a list that cannot be read allows nothing. */
    private Optional<Set<String>> allowed() {
        if (!Files.exists(list)) {
            return Optional.empty();
        }
        try (Stream<String> lines = Files.lines(list)) {
            return Optional.of(
                    lines.map(String::strip)
                            .filter(line -> !line.isEmpty() && !line.startsWith("#"))
                            .map(line -> line.split("\\s")[0].toLowerCase(Locale.ROOT))
                            .collect(Collectors.toSet()));
        } catch (IOException e) {
            warnings.accept("Failed to read " + list + ", so nothing of deploy/ is started: " + e);
            return Optional.of(Set.of());
        }
    }

    private boolean isRefused(Bundle bundle, Set<String> allowed) {
        String location = bundle.getLocation();
        if (bundle.getBundleId() == 0 || location.startsWith(OF_THE_LAUNCHER)) {
            return false;
        }
        try {
            Sum sum = sum(Path.of(URI.create(location)));
            if (allowed.contains(sum.sha256())) {
                return false;
            }
            if (told.add(sum)) {
                warnings.accept(
                        "%s is not started: its SHA-256 sum is not in %s. If you trust it, add: %s  %s"
                                .formatted(sum.jar(), list, sum.sha256(), sum.jar().getFileName()));
            }
        } catch (IOException | IllegalArgumentException | FileSystemNotFoundException e) {
            warnings.accept(location + " is not started: its SHA-256 sum cannot be told: " + e);
        }
        return true;
    }

    private Sum sum(Path jar) throws IOException {
        FileTime modified = Files.getLastModifiedTime(jar);
        long size = Files.size(jar);
        Sum known = sums.get(jar);
        if (known != null && known.modified().equals(modified) && known.size() == size) {
            return known;
        }
        Sum fresh = new Sum(jar, modified, size, sha256(jar));
        sums.put(jar, fresh);
        return fresh;
    }

    private static String sha256(Path jar) throws IOException {
        try (InputStream in = Files.newInputStream(jar)) {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            byte[] buffer = new byte[1 << 16];
            for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                digest.update(buffer, 0, count);
            }
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
