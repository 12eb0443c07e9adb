package dev.stoker.dispatch;

import io.vertx.core.VerticleBase;

/** To come. */
public final class Dispatcher extends VerticleBase {}
