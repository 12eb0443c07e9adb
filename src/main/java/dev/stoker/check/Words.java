package dev.stoker.check;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** A command's template as one list of words, those of every branch among them. Stateless. */
final class Words {
  /**
   * What a caller decides: a parameter or an item, but nothing that is escaped by a second dollar.
   */
  private static final Pattern VALUE = Pattern.compile("(?<!\\$)\\$\\{(params\\.([^}]+)|item)}");

  private static final Pattern PLACE = Pattern.compile("(?<!\\$)\\$\\{[^}]*}");

  private Words() {}

  /**
   * A word of a template.
   *
   * @param path such as {@code command[3].then[0]}
   * @param text as the file has it
   * @param values the parameters whose values go into it
   */
  record Word(String path, String text, List<String> values) {
    Word {
      values = List.copyOf(values);
    }

    /** Whether it is the same in every run. */
    boolean isFixed() {
      return !PLACE.matcher(text).find();
    }

    /** Its text in a run, where it is fixed. */
    String literal() {
      return text.replace("$${", "${");
    }

    /** Whether it is one value and nothing else. */
    boolean isOneValue() {
      return VALUE.matcher(text).matches();
    }
  }

  static List<Word> of(List<Object> command) {
    List<Word> words = new ArrayList<>();
    collect(command, "command", null, words);
    return words;
  }

  private static void collect(
      List<?> elements, String path, @Nullable String item, List<Word> words) {
    for (int i = 0; i < elements.size(); i++) {
      String at = path + "[" + i + "]";
      Object element = elements.get(i);
      if (element instanceof Map<?, ?> form) {
        String each =
            form.get("each") instanceof String name ? name.replaceFirst("^params\\.", "") : item;
        for (String branch : List.of("then", "else")) {
          if (form.get(branch) instanceof List<?> nested) {
            collect(nested, at + "." + branch, each, words);
          }
        }
      } else {
        words.add(word(at, String.valueOf(element), item));
      }
    }
  }

  private static Word word(String path, String text, @Nullable String item) {
    List<String> values = new ArrayList<>();
    VALUE
        .matcher(text)
        .results()
        .map(found -> found.group(2) == null ? item : found.group(2))
        .filter(name -> name != null)
        .forEach(values::add);
    return new Word(path, text, values);
  }
}
