package io.diskport.tls.x509;

import io.diskport.api.BlockException;
import io.diskport.api.BlockException.Reason;
import io.diskport.api.object.Secret;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.interfaces.ECKey;
import java.security.interfaces.RSAKey;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import javax.crypto.Cipher;
import javax.crypto.EncryptedPrivateKeyInfo;
import javax.crypto.SecretKey;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;

/** Reads the private key of a certificate, in any of the forms in which tools write them. */
final class PrivateKeys {
    private static final String TO_PKCS8 =
            "openssl pkcs8 -topk8 -v2 aes-256-cbc -in OLD.pem -out NEW.pem";

    private PrivateKeys() {}

    /**
     * The key of a file.
     *
     * @param owner the certificate's, to which the key has to belong
     * @param password of a key that is encrypted
     * @throws BlockException naming the file and what is wrong with it
     */
    static PrivateKey read(Path file, PublicKey owner, Optional<Secret> password)
            throws BlockException {
        if (!(owner instanceof RSAKey) && !(owner instanceof ECKey)) {
            throw invalid(
                    "The certificate of '"
                            + file
                            + "' has a key of the algorithm "
                            + owner.getAlgorithm()
                            + ", which TLS of this Java does not take; make one of RSA or EC");
        }
        List<Pem> keys =
                Pem.read(file).stream()
                        .filter(block -> block.label().endsWith("PRIVATE KEY"))
                        .toList();
        if (keys.size() != 1) {
            throw invalid(
                    "'" + file + "' has " + keys.size() + " private keys in PEM; it needs one");
        }
        PrivateKey key = decode(file, keys.get(0), owner, password);
        if (!belongs(key, owner)) {
            throw invalid("The key in '" + file + "' does not belong to the certificate beside it");
        }
        return key;
    }

    private static PrivateKey decode(
            Path file, Pem block, PublicKey owner, Optional<Secret> password)
            throws BlockException {
        if (block.encrypted()) {
            throw invalid(
                    "'" + file + "' is encrypted in the old way of PEM; convert it: " + TO_PKCS8);
        }
        PKCS8EncodedKeySpec spec =
                switch (block.label()) {
                    case "PRIVATE KEY" -> new PKCS8EncodedKeySpec(block.der());
                    case "ENCRYPTED PRIVATE KEY" -> decrypt(file, block.der(), password);
                    // PKCS#1 and SEC1 say nothing of the algorithm; the certificate does.
                    case "RSA PRIVATE KEY", "EC PRIVATE KEY" -> wrap(block.der(), owner);
                    default ->
                            throw invalid(
                                    "'"
                                            + file
                                            + "' has a key of the form '"
                                            + block.label()
                                            + "'; convert it: "
                                            + TO_PKCS8);
                };
        try {
            return KeyFactory.getInstance(owner.getAlgorithm()).generatePrivate(spec);
        } catch (GeneralSecurityException e) {
            throw new BlockException(
                    Reason.INVALID,
                    "'"
                            + file
                            + "' is no key for the certificate beside it, whose algorithm is "
                            + owner.getAlgorithm(),
                    e);
        }
    }

    private static PKCS8EncodedKeySpec decrypt(Path file, byte[] der, Optional<Secret> password)
            throws BlockException {
        if (password.isEmpty()) {
            throw invalid(
                    "'"
                            + file
                            + "' is encrypted; add an object of type secret with its password, and"
                            + " passwordid=ID");
        }
        EncryptedPrivateKeyInfo info;
        Cipher cipher;
        SecretKeyFactory factory;
        String algorithm = "";
        try {
            info = new EncryptedPrivateKeyInfo(der);
            AlgorithmParameters parameters = info.getAlgParameters();
            algorithm = info.getAlgName();
            if ("PBES2".equals(algorithm) || algorithm.startsWith("1.2.840.113549.1.5.13")) {
                // Which of the many PBES2 it is, the JDK says only here.
                algorithm = String.valueOf(parameters);
            }
            factory = SecretKeyFactory.getInstance(algorithm);
            cipher = Cipher.getInstance(algorithm);
        } catch (IOException | GeneralSecurityException e) {
            throw new BlockException(
                    Reason.INVALID,
                    "'"
                            + file
                            + "' is encrypted in a way that this Java does not know ("
                            + algorithm
                            + "); convert it: "
                            + TO_PKCS8,
                    e);
        }
        PBEKeySpec spec = new PBEKeySpec(characters(password.get()));
        try {
            SecretKey key = factory.generateSecret(spec);
            cipher.init(Cipher.DECRYPT_MODE, key, info.getAlgParameters());
            return info.getKeySpec(cipher);
        } catch (GeneralSecurityException e) {
            throw new BlockException(
                    Reason.DENIED,
                    "The password for '" + file + "' is wrong; see to the secret of passwordid",
                    e);
        } finally {
            spec.clearPassword();
        }
    }

    private static char[] characters(Secret password) {
        byte[] data = password.data();
        CharBuffer decoded = StandardCharsets.UTF_8.decode(ByteBuffer.wrap(data));
        char[] characters = new char[decoded.remaining()];
        decoded.get(characters);
        Arrays.fill(decoded.array(), '\0');
        Arrays.fill(data, (byte) 0);
        return characters;
    }

    /** PKCS#8 (RFC 5208) around a key: version 0, the algorithm, the key as an octet string. */
    private static PKCS8EncodedKeySpec wrap(byte[] key, PublicKey owner) {
        byte[] content =
                concat(new byte[] {2, 1, 0}, algorithm(owner.getEncoded()), element(4, key));
        return new PKCS8EncodedKeySpec(element(0x30, content));
    }

    /** The AlgorithmIdentifier that a SubjectPublicKeyInfo (RFC 5280, 4.1) begins with. */
    private static byte[] algorithm(byte[] publicKey) {
        int start = headerLength(publicKey, 0);
        int header = headerLength(publicKey, start);
        int length = 0;
        if (header == 2) {
            length = publicKey[start + 1];
        } else {
            for (int i = start + 2; i < start + header; i++) {
                length = length << 8 | publicKey[i] & 0xff;
            }
        }
        return Arrays.copyOfRange(publicKey, start, start + header + length);
    }

    private static int headerLength(byte[] der, int at) {
        return der[at + 1] >= 0 ? 2 : 2 + (der[at + 1] & 0x7f);
    }

    /** An element in DER, whose length takes no more bytes than it needs; below 64 KiB. */
    private static byte[] element(int tag, byte[] content) {
        int length = content.length;
        byte[] header;
        if (length < 0x80) {
            header = new byte[] {(byte) tag, (byte) length};
        } else if (length < 0x100) {
            header = new byte[] {(byte) tag, (byte) 0x81, (byte) length};
        } else {
            header = new byte[] {(byte) tag, (byte) 0x82, (byte) (length >> 8), (byte) length};
        }
        return concat(header, content);
    }

    private static byte[] concat(byte[]... parts) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            all.writeBytes(part);
        }
        return all.toByteArray();
    }

    private static boolean belongs(PrivateKey key, PublicKey owner) {
        if (key instanceof RSAKey mine && owner instanceof RSAKey theirs) {
            return mine.getModulus().equals(theirs.getModulus());
        }
        try {
            Signature signature = Signature.getInstance("SHA256withECDSA");
            byte[] text = {1, 2, 3};
            signature.initSign(key);
            signature.update(text);
            byte[] signed = signature.sign();
            signature.initVerify(owner);
            signature.update(text);
            return signature.verify(signed);
        } catch (GeneralSecurityException e) {
            return false;
        }
    }

    private static BlockException invalid(String message) {
        return new BlockException(Reason.INVALID, message);
    }
}
