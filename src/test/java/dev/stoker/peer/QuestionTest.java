package dev.stoker.peer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.stoker.peer.Question.Close;
import dev.stoker.peer.Question.Has;
import dev.stoker.peer.Question.Keep;
import dev.stoker.peer.Question.More;
import dev.stoker.peer.Question.Piece;
import dev.stoker.peer.Question.Read;
import dev.stoker.peer.Question.ReaderKey;
import dev.stoker.peer.Question.Stay;
import dev.stoker.run.Digest;
import dev.stoker.run.RunId;
import dev.stoker.run.StdStream;
import io.vertx.core.json.JsonObject;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class QuestionTest {
  private static final Digest DIGEST = Digest.of(new byte[0]);

  @Property
  void shouldArriveAsItWasAsked(
      @ForAll @LongRange(min = 0) long offset,
      @ForAll @IntRange(min = 0, max = Question.PIECE_BYTES_MAX) int max,
      @ForAll StdStream stream,
      @ForAll String from) {
    ReaderKey key = ReaderKey.next("node@1", RunId.next(), stream);
    for (Question asked :
        List.of(
            new Has(DIGEST),
            new Piece(DIGEST, offset, max),
            new Keep(DIGEST, from),
            new Read(key, offset, max),
            new More(key, offset),
            new Stay(key),
            new Close(key))) {
      assertThat(Question.parse(new JsonObject(asked.toJson().toBuffer()))).isEqualTo(asked);
    }
  }

  @Property
  void shouldRefuseWhatIsNone(@ForAll String ask, @ForAll String digest, @ForAll long number) {
    JsonObject json = new JsonObject().put("ask", ask).put("digest", digest).put("offset", number);

    assertThatThrownBy(() -> Question.parse(json)).isInstanceOf(IllegalArgumentException.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        "{'ask':7}",
        "{'ask':'has'}",
        "{'ask':'has','digest':'../x'}",
        "{'ask':'piece','digest':'D','max':1}",
        "{'ask':'piece','digest':'D','offset':-1,'max':1}",
        "{'ask':'piece','digest':'D','offset':0,'max':131073}",
        "{'ask':'piece','digest':'D','offset':0,'max':-1}",
        "{'ask':'piece','digest':'D','offset':'x','max':1}",
        "{'ask':'keep','digest':'D'}",
        "{'ask':'read','reader':'a','node':'b@1','run':'none','stream':'STDOUT','offset':0,'max':1}",
        "{'ask':'stay','reader':'a','node':'b@1','stream':'STDOUT'}",
        "{'ask':'close','reader':'a','node':'b@1','run':'R','stream':'STDIN'}"
      })
  void shouldRefuseWhatLacksAFieldOrHasAWrongOne(String text) {
    JsonObject json =
        new JsonObject(
            text.replace('\'', '"')
                .replace("\"D\"", '"' + DIGEST.hex() + '"')
                .replace("\"R\"", '"' + RunId.next().toString() + '"'));

    assertThatThrownBy(() -> Question.parse(json)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void shouldWaitLongerThanTheOtherSideHoldsItsAnswerBack() {
    ReaderKey key = ReaderKey.next("node@1", RunId.next(), StdStream.STDOUT);

    assertThat(new More(key, 0).patience()).isGreaterThan(Question.HOLD);
    assertThat(LentReaders.LEASE).isGreaterThan(new Read(key, 0, 1).patience());
  }
}
