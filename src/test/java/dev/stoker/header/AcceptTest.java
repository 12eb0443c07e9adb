package dev.stoker.header;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AcceptTest {
  private static final List<String> OFFERED =
      List.of("application/json", "text/event-stream", "video/x-msvideo", "text/plain");

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      nullValues = "none",
      textBlock =
          """
          none                                        | application/json
          */*                                         | application/json
          text/*                                      | text/event-stream
          text/plain                                  | text/plain
          text/plain;q=0.5, video/x-msvideo           | video/x-msvideo
          text/*;q=0.9, text/event-stream;q=0         | text/plain
          application/json;q=0.1, */*;q=0.5           | text/event-stream
          TEXT/PLAIN; charset=utf-8                   | text/plain
          image/png                                   | none
          application/json;q=0, */*;q=0               | none
          """)
  void shouldChooseWhatIsLikedBest(String field, String chosen) {
    assertThat(Accept.parse(field).best(OFFERED).orElse(null)).isEqualTo(chosen);
  }
}
