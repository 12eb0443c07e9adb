package dev.stoker.alerting;

import java.time.Duration;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Durations as Prometheus and Alertmanager write them, and how a test makes their time run faster.
 * Stateless.
 *
 * <p>All durations of the shipped files, how often is scraped and evaluated, how long an expression
 * must hold, how far it looks back, how long Alertmanager waits, are divided by one number. So each
 * keeps its relation to each other, which is what decides who is told what; nothing else of the
 * files is changed by it. What is compared with a number of seconds ({@code > 300}) stays as it is.
 */
final class Time {
  private static final Map<String, Duration> UNITS =
      Map.of(
          "s", Duration.ofSeconds(1),
          "m", Duration.ofMinutes(1),
          "h", Duration.ofHours(1),
          "d", Duration.ofDays(1));
  private static final String DURATION = "(\\d+)([smhd])";
  private static final Pattern PLACES =
      Pattern.compile(
          "(?m)((?:^ *| )(?:for|interval|scrape_interval|scrape_timeout|evaluation_interval"
              + "|group_wait|group_interval|repeat_interval): |\\[|\\boffset )"
              + DURATION
              + "(?=\\]|\\)|\\s|$)");

  private Time() {}

  /**
   * @throws IllegalArgumentException when it is not one number and one unit
   */
  static Duration parse(String text) {
    Matcher matcher = Pattern.compile(DURATION).matcher(text);
    if (!matcher.matches()) {
      throw new IllegalArgumentException("no duration: " + text);
    }
    return duration(matcher, 1);
  }

  /** The text of a file in which time runs so many times as fast. */
  static String faster(String text, int times) {
    return PLACES
        .matcher(text)
        .replaceAll(
            place ->
                Matcher.quoteReplacement(place.group(1))
                    + duration(place, 2).dividedBy(times).toMillis()
                    + "ms");
  }

  private static Duration duration(MatchResult match, int group) {
    Duration unit = UNITS.get(match.group(group + 1));
    if (unit == null) {
      throw new IllegalArgumentException("no unit: " + match.group());
    }
    return unit.multipliedBy(Long.parseLong(match.group(group)));
  }
}
