package dev.stoker.trace;

import dev.stoker.run.TraceContext;
import dev.stoker.run.TraceContext.Sampling;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.common.AttributesBuilder;
import io.opentelemetry.api.trace.SpanBuilder;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.TraceFlags;
import io.opentelemetry.api.trace.TraceState;
import io.opentelemetry.api.trace.TraceStateBuilder;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Context;
import io.opentelemetry.sdk.resources.Resource;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.SpanLimits;
import io.opentelemetry.sdk.trace.samplers.Sampler;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Spans by OpenTelemetry's SDK. Thread-safe. */
final class RecordedTracing implements Tracing {
  private static final int VALUE_LENGTH_MAX = 1024;

  private final SpanQueue queue;
  private final Tracer tracer;
  private final String node;

  private RecordedTracing(Tracer tracer, SpanQueue queue, String node) {
    this.queue = queue;
    this.tracer = tracer;
    this.node = node;
  }

  static RecordedTracing open(TraceSettings settings, String node, String version) {
    SpanQueue queue = SpanQueue.open(settings);
    SdkTracerProvider provider =
        SdkTracerProvider.builder()
            .setSampler(Sampler.parentBased(Sampler.traceIdRatioBased(settings.ratio())))
            .setResource(resource(settings, node, version))
            .setSpanLimits(
                SpanLimits.builder().setMaxAttributeValueLength(VALUE_LENGTH_MAX).build())
            .addSpanProcessor(queue)
            .build();
    return new RecordedTracing(provider.get("dev.stoker"), queue, node);
  }

  private static Resource resource(TraceSettings settings, String node, String version) {
    AttributesBuilder own = Attributes.builder();
    settings.resource().forEach((key, value) -> own.put(AttributeKey.stringKey(key), value));
    own.put(AttributeKey.stringKey("service.name"), settings.service())
        .put(AttributeKey.stringKey("service.instance.id"), node)
        .put(AttributeKey.stringKey("service.version"), version);
    return Resource.getDefault().merge(Resource.create(own.build()));
  }

  @Override
  public boolean isOn() {
    return true;
  }

  @Override
  public Span accept(Kind kind, String name, @Nullable String parent, @Nullable String state) {
    return TraceContext.read(parent, state)
        .map(caller -> begin(kind, name, caller))
        .orElseGet(() -> start(tracer.spanBuilder(name).setNoParent(), kind, ""));
  }

  @Override
  public Span begin(Kind kind, String name, TraceContext under) {
    return start(builder(kind, name, under), kind, under.state());
  }

  @Override
  public Span begin(Kind kind, String name, TraceContext under, long nanos) {
    SpanBuilder builder =
        builder(kind, name, under).setStartTimestamp(epochNanos(nanos), TimeUnit.NANOSECONDS);
    return start(builder, kind, under.state());
  }

  private SpanBuilder builder(Kind kind, String name, TraceContext under) {
    SpanContext parent =
        switch (kind) {
          case SERVER, CONSUMER ->
              SpanContext.createFromRemoteParent(
                  under.traceId(), under.spanId(), flags(under), state(under.state()));
          case PRODUCER, INTERNAL -> context(under);
        };
    return tracer
        .spanBuilder(name)
        .setParent(Context.root().with(io.opentelemetry.api.trace.Span.wrap(parent)));
  }

  private Span start(SpanBuilder builder, Kind kind, String state) {
    var span =
        builder
            .setSpanKind(
                switch (kind) {
                  case SERVER -> SpanKind.SERVER;
                  case PRODUCER -> SpanKind.PRODUCER;
                  case CONSUMER -> SpanKind.CONSUMER;
                  case INTERNAL -> SpanKind.INTERNAL;
                })
            .startSpan();
    SpanContext made = span.getSpanContext();
    TraceContext context =
        new TraceContext(
            made.getTraceId(),
            made.getSpanId(),
            made.isSampled() ? Sampling.KEPT : Sampling.NOT_KEPT,
            state);
    return span.isRecording()
        ? new Recorded(span, context).set(SpanNames.NODE, node)
        : new Unrecorded(context);
  }

  static SpanContext context(TraceContext of) {
    return SpanContext.create(of.traceId(), of.spanId(), flags(of), state(of.state()));
  }

  private static TraceFlags flags(TraceContext of) {
    return of.sampling() == Sampling.KEPT ? TraceFlags.getSampled() : TraceFlags.getDefault();
  }

  private static TraceState state(String text) {
    if (text.isEmpty()) {
      return TraceState.getDefault();
    }
    TraceStateBuilder state = TraceState.builder();
    // Each is put before those that are there.
    for (String member : List.of(text.split(",", -1)).reversed()) {
      int equals = member.indexOf('=');
      state.put(member.substring(0, equals), member.substring(equals + 1));
    }
    return state.build();
  }

  /** A clock that is set meanwhile moves the span, not its length. */
  static long epochNanos(long nanos) {
    Instant now = Instant.now();
    long epoch = TimeUnit.SECONDS.toNanos(now.getEpochSecond()) + now.getNano();
    return epoch - (System.nanoTime() - nanos);
  }

  @Override
  public Counts counts() {
    return queue.counts();
  }

  @Override
  public void close() {
    // Not the provider, whose tracers would give spans without ids to those who go on meanwhile.
    queue.close();
  }
}
