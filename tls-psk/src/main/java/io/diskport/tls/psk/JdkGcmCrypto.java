package io.diskport.tls.psk;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.bouncycastle.tls.AlertDescription;
import org.bouncycastle.tls.TlsFatalAlert;
import org.bouncycastle.tls.crypto.TlsCryptoParameters;
import org.bouncycastle.tls.crypto.impl.TlsAEADCipher;
import org.bouncycastle.tls.crypto.impl.TlsAEADCipherImpl;
import org.bouncycastle.tls.crypto.impl.bc.BcTlsCrypto;

/**
 * Bouncy Castle's cryptography, except for AES-GCM of records, which the JDK does with the
 * processor's instructions for it, many times faster.
 */
final class JdkGcmCrypto extends BcTlsCrypto {
    JdkGcmCrypto(SecureRandom random) {
        super(random);
    }

    @Override
    protected TlsAEADCipher createCipher_AES_GCM(
            TlsCryptoParameters parameters, int keySize, int macSize) throws IOException {
        return new TlsAEADCipher(
                parameters,
                new Gcm(Cipher.ENCRYPT_MODE),
                new Gcm(Cipher.DECRYPT_MODE),
                keySize,
                macSize,
                TlsAEADCipher.AEAD_GCM,
                null);
    }

    /** One direction of a connection; its calls come one after another. */
    private static final class Gcm implements TlsAEADCipherImpl {
        private final int mode;
        private final Cipher cipher;
        private SecretKeySpec key;
        private int macSize;

        Gcm(int mode) throws IOException {
            this.mode = mode;
            try {
                this.cipher = Cipher.getInstance("AES/GCM/NoPadding");
            } catch (GeneralSecurityException e) {
                throw new TlsFatalAlert(AlertDescription.internal_error, e);
            }
        }

        @Override
        public void setKey(byte[] bytes, int offset, int length) {
            key = new SecretKeySpec(bytes, offset, length, "AES");
        }

        @Override
        public void init(byte[] nonce, int size) throws IOException {
            macSize = size;
            try {
                cipher.init(mode, key, new GCMParameterSpec(size * Byte.SIZE, nonce));
            } catch (GeneralSecurityException e) {
                throw new TlsFatalAlert(AlertDescription.internal_error, e);
            }
        }

        @Override
        public int getOutputSize(int length) {
            return mode == Cipher.ENCRYPT_MODE ? length + macSize : Math.max(0, length - macSize);
        }

        @Override
        public int doFinal(
                byte[] additional,
                byte[] input,
                int inputOffset,
                int length,
                byte[] output,
                int outputOffset)
                throws IOException {
            try {
                cipher.updateAAD(additional);
                return cipher.doFinal(input, inputOffset, length, output, outputOffset);
            } catch (GeneralSecurityException e) {
                throw new TlsFatalAlert(AlertDescription.bad_record_mac, e);
            }
        }
    }
}
