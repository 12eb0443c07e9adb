package dev.stoker.template;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.stoker.schema.Mistakes;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** What holds for every template. */
class TemplatePropertyTest {
  @Property
  void shouldNeverFailOtherwiseThanWithItsOwnProblem(@ForAll("nodes") JsonNode command) {
    NotedMistakes mistakes = new NotedMistakes();

    Template template = new TemplateParser(mistakes).parse(command, "command");
    new TemplateCheck(Map.of(), Map.of(), Set.of(), mistakes).check(template, "command");
    CommandRules.check(template, mistakes);

    assertThat(mistakes.paths()).allMatch(path -> path.startsWith("command"));
  }

  @Property
  void shouldReadAnyTextAsALiteralOrRefuseIt(@ForAll("templates") String text) {
    NotedMistakes mistakes = new NotedMistakes();

    List<Template.Part> parts = new TemplateParser(mistakes).parts(text, "command[1]");

    if (mistakes.count() == 0 && !text.contains("${")) {
      assertThat(parts)
          .isEqualTo(text.isEmpty() ? List.of() : List.of(new Template.Part.Literal(text)));
    }
  }

  @Provide
  Arbitrary<String> templates() {
    return Arbitraries.strings().withChars("${}.paramsinputsoutputsitem x\0").ofMaxLength(30);
  }

  @Provide
  Arbitrary<JsonNode> nodes() {
    return trees(3);
  }

  private Arbitrary<JsonNode> trees(int depth) {
    return depth == 0
        ? leaves()
        : Arbitraries.oneOf(leaves(), arrays(trees(depth - 1)), objects(trees(depth - 1)));
  }

  private Arbitrary<JsonNode> leaves() {
    JsonNodeFactory factory = JsonNodeFactory.instance;
    return Arbitraries.oneOf(
        templates().map(factory::textNode),
        Arbitraries.of("a", "${params.x}", "${item}", "params.x", "--", "sh", "-c")
            .map(factory::textNode),
        Arbitraries.of(factory.nullNode(), factory.booleanNode(true), factory.numberNode(1)));
  }

  private Arbitrary<JsonNode> arrays(Arbitrary<JsonNode> nodes) {
    return nodes
        .list()
        .ofMaxSize(4)
        .map(
            list -> {
              ArrayNode array = JsonNodeFactory.instance.arrayNode();
              list.forEach(array::add);
              return array;
            });
  }

  private Arbitrary<JsonNode> objects(Arbitrary<JsonNode> nodes) {
    return Arbitraries.maps(Arbitraries.of("if", "then", "else", "each", "params.x", "x"), nodes)
        .ofMaxSize(3)
        .map(
            map -> {
              ObjectNode object = JsonNodeFactory.instance.objectNode();
              map.forEach(object::set);
              return object;
            });
  }

  /** Where the mistakes are. */
  private static final class NotedMistakes implements Mistakes {
    private final List<String> paths = new ArrayList<>();

    @Override
    public void add(String path, String message) {
      paths.add(path);
    }

    @Override
    public int count() {
      return paths.size();
    }

    List<String> paths() {
      return paths;
    }
  }
}
