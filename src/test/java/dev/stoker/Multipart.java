package dev.stoker;

import java.io.FileNotFoundException;
import java.io.UncheckedIOException;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A form with files, whose files are read while they are sent. Used by one thread. */
final class Multipart {
  private static final String BOUNDARY = "----a-boundary-that-no-file-has";
  static final String TYPE = "multipart/form-data; boundary=" + BOUNDARY;

  private final List<BodyPublisher> parts = new ArrayList<>();

  Multipart field(String name, Object value) {
    parts.add(
        BodyPublishers.ofString(
            "--%s\r\nContent-Disposition: form-data; name=\"%s\"\r\n\r\n%s\r\n"
                .formatted(BOUNDARY, name, value)));
    return this;
  }

  Multipart file(String name, Path file) {
    parts.add(
        BodyPublishers.ofString(
            """
            --%s\r
            Content-Disposition: form-data; name="%s"; filename="%s"\r
            Content-Type: application/octet-stream\r
            \r
            """
                .formatted(BOUNDARY, name, file.getFileName())));
    try {
      parts.add(BodyPublishers.ofFile(file));
    } catch (FileNotFoundException e) {
      throw new UncheckedIOException(e);
    }
    parts.add(BodyPublishers.ofString("\r\n"));
    return this;
  }

  BodyPublisher body() {
    List<BodyPublisher> all = new ArrayList<>(parts);
    all.add(BodyPublishers.ofString("--" + BOUNDARY + "--\r\n"));
    return BodyPublishers.concat(all.toArray(BodyPublisher[]::new));
  }
}
