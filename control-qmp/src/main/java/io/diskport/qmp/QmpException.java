package io.diskport.qmp;

/** An answer that is an error. */
final class QmpException extends Exception {
    private static final long serialVersionUID = 1L;

    /** The classes of errors that clients tell apart; all others are generic. */
    enum ErrorClass {
        GENERIC("GenericError"),
        COMMAND_NOT_FOUND("CommandNotFound"),
        DEVICE_NOT_FOUND("DeviceNotFound");

        private final String word;

        ErrorClass(String word) {
            this.word = word;
        }

        String word() {
            return word;
        }
    }

    private final ErrorClass errorClass;

    QmpException(String description) {
        this(ErrorClass.GENERIC, description);
    }

    QmpException(ErrorClass errorClass, String description) {
        super(description);
        this.errorClass = errorClass;
    }

    ErrorClass errorClass() {
        return errorClass;
    }
}
