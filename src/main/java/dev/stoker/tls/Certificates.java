package dev.stoker.tls;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A server's certificate, kept equal to its files. Thread-safe.
 *
 * <p>The files themselves are read again and again: notifications do not tell of a link that leads
 * elsewhere, which is how a mounted secret changes. What cannot be used changes nothing; it is told
 * once, when it has been seen twice, since a certificate and its key are written one after the
 * other.
 */
public final class Certificates implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Certificates.class);
  private static final long SERVE_SECONDS = 10;
  private static final Duration NEAR_ITS_END = Duration.ofDays(7);

  private final Vertx vertx;
  private final TlsFiles files;
  private final ScheduledExecutorService thread;
  private final List<Function<TlsMaterial, Future<?>>> listeners = new CopyOnWriteArrayList<>();
  private volatile TlsMaterial current;

  // Confined to the thread.
  private PemFiles inForce;
  private @Nullable PemFiles refused;
  private @Nullable String fault;
  private boolean faultTold;

  private Certificates(Vertx vertx, TlsFiles files) throws CertificateFault {
    this.vertx = vertx;
    this.files = files;
    this.inForce = PemFiles.read(files);
    this.current = inForce.material(vertx);
    this.thread =
        Executors.newSingleThreadScheduledExecutor(
            task -> Thread.ofPlatform().name("stoker-certificates").daemon().unstarted(task));
  }

  /**
   * Reads the files, and begins to look at them.
   *
   * @throws CertificateFault when they are not a certificate and its key
   */
  public static Certificates open(Vertx vertx, TlsFiles files) throws CertificateFault {
    Certificates certificates = new Certificates(vertx, files);
    certificates.tell("is");
    long nanos = files.watch().toNanos();
    var _ =
        certificates.thread.scheduleWithFixedDelay(
            certificates::look, nanos, nanos, TimeUnit.NANOSECONDS);
    return certificates;
  }

  /** What is in force now. */
  public TlsMaterial current() {
    return current;
  }

  /**
   * Has {@code listener} told what is to be in force, on the thread that looks. It is once all have
   * taken it; else all are told again at the next look.
   */
  public void onChange(Function<TlsMaterial, Future<?>> listener) {
    listeners.add(listener);
  }

  /** Tells it no more. */
  public void forget(Function<TlsMaterial, Future<?>> listener) {
    listeners.remove(listener);
  }

  private void look() {
    try {
      PemFiles now = read();
      if (now.isSameAs(inForce)) {
        fault = null;
        refused = null;
      } else if (now.isSameAs(refused)) {
        complain();
      } else {
        takeOver(now);
      }
    } catch (CertificateFault e) {
      if (e.getMessage() != null && e.getMessage().equals(fault)) {
        complain();
      } else {
        fault = e.getMessage();
        faultTold = false;
      }
    } catch (RuntimeException e) {
      // An exception would end the watch for good.
      LOG.error("the certificate's files cannot be looked at", e);
    }
  }

  private PemFiles read() throws CertificateFault {
    try {
      return PemFiles.read(files);
    } catch (CertificateFault e) {
      refused = null;
      throw e;
    }
  }

  private void takeOver(PemFiles now) throws CertificateFault {
    refused = now;
    TlsMaterial material = now.material(vertx);
    // From here on it is not the files' fault: the next look tries again.
    refused = null;
    serve(material);
    inForce = now;
    current = material;
    fault = null;
    tell("is from now on");
  }

  /** It is in force once all have taken it. */
  private void serve(TlsMaterial material) throws CertificateFault {
    try {
      Future.join(listeners.stream().map(listener -> listener.apply(material)).toList())
          .await(SERVE_SECONDS, TimeUnit.SECONDS);
    } catch (Exception e) {
      throw new CertificateFault(
          "a server does not take that of %s: %s"
              .formatted(files.certificate(), e.getClass().getSimpleName()),
          e);
    }
  }

  private void complain() {
    if (fault != null && !faultTold) {
      faultTold = true;
      LOG.error("the certificate in force is kept: {}", fault);
    }
  }

  private void tell(String begins) {
    Instant end = current.expiresAt();
    LOG.info("the certificate {} that of {}, until {}", begins, files.certificate(), end);
    if (end.isBefore(Instant.now().plus(NEAR_ITS_END))) {
      LOG.warn("the certificate of {} ends at {}", files.certificate(), end);
    }
  }

  @Override
  public void close() {
    thread.shutdownNow();
    listeners.clear();
  }
}
