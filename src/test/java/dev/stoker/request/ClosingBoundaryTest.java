package dev.stoker.request;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.buffer.Buffer;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ClosingBoundaryTest {
  @ParameterizedTest
  @CsvSource({
    "--b--, true",
    "'--b|x|--b--', true",
    "'--b|x|--b--|a long epilogue that is no part', true",
    "'--b|x--b--', false",
    "'--b|x|--b', false",
    "'--b|x|--b-', false",
    "'|-|--|--b|--b--', true",
    "'', false"
  })
  void shouldFindItAtTheBeginningOfALineHoweverTheBodyIsCut(String lines, boolean closed) {
    Buffer body = Buffer.buffer(lines.replace("|", "\r\n"));

    for (int size = 1; size <= Math.max(1, body.length()); size++) {
      ClosingBoundary boundary = new ClosingBoundary("b");
      for (int at = 0; at < body.length(); at += size) {
        boundary.take(body.getBuffer(at, Math.min(body.length(), at + size)));
      }
      assertThat(boundary.seen()).as("in pieces of %d", size).isEqualTo(closed);
    }
  }
}
