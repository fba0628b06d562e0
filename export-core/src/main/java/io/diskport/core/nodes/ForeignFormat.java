package io.diskport.core.nodes;

import io.diskport.api.BlockIOException;
import io.diskport.api.node.BlockIo;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** Recognises image formats by their first bytes, for what is not meant to be written as raw. */
enum ForeignFormat {
    /** QEMU's docs/interop/qcow2.rst, "Header": bytes 0 to 3. */
    QCOW2("qcow2", 0, latin("QFI\u00fb")),
    /** Virtual Disk Format 5.0, "Hosted Sparse Extent Header". */
    VMDK("vmdk", 0, latin("KDMV")),
    /** The same, "ESX Server Sparse Extents". */
    VMDK_ESX("vmdk", 0, latin("COWD")),
    /** The same, "The Descriptor File". */
    VMDK_DESCRIPTOR("vmdk", 0, latin("# Disk DescriptorFile")),
    /** VirtualBox: the signature behind 64 bytes of text. */
    VDI("vdi", 64, littleEndian(0xbeda107f)),
    /** [MS-VHDX] 2.2.1, "File Type Identifier". */
    VHDX("vhdx", 0, latin("vhdxfile"));

    private static final int LOOKED_AT = 512;

    private final String title;
    private final int at;
    private final byte[] magic;

    ForeignFormat(String title, int at, byte[] magic) {
        this.title = title;
        this.at = at;
        this.magic = magic;
    }

    /** The name of the format that content begins like at an offset. */
    static Optional<String> at(BlockIo content, long offset) throws BlockIOException {
        int count = (int) Math.min(LOOKED_AT, content.length() - offset);
        if (count <= 0) {
            return Optional.empty();
        }
        ByteBuffer head = ByteBuffer.allocate(count);
        content.read(offset, head);
        return of(head.flip());
    }

    private static Optional<String> of(ByteBuffer head) {
        for (ForeignFormat format : values()) {
            int length = format.magic.length;
            if (format.at + length <= head.remaining()
                    && head.slice(format.at, length).equals(ByteBuffer.wrap(format.magic))) {
                return Optional.of(format.title);
            }
        }
        return Optional.empty();
    }

    private static byte[] latin(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    private static byte[] littleEndian(int number) {
        return ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(number).array();
    }
}
