package dev.stoker.tls;

/** A certificate that cannot be used; the message says which file and why, for the operator. */
public final class CertificateFault extends Exception {
  private static final long serialVersionUID = 1L;

  CertificateFault(String message, Throwable cause) {
    super(message, cause);
  }

  CertificateFault(String message) {
    super(message);
  }
}
