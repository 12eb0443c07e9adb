package dev.stoker.function;

import com.dylibso.chicory.runtime.ExecutionCompletedException;
import com.dylibso.chicory.wasm.ChicoryException;
import dev.stoker.run.Exit;
import dev.stoker.run.Outcome;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * How a module's code ended. An end that a process would have had by a signal is told as that
 * signal.
 *
 * @param verdict null where the exit tells all
 */
record ModuleEnd(Exit exit, @Nullable Outcome verdict) {
  private static final int CODE_MAX = 255;
  private static final Exit ABORTED = new Exit.Signal(6, "SIGABRT");
  static final Exit KILLED = new Exit.Signal(9, "SIGKILL");
  private static final int WORDS_MAX = 300;

  /**
   * Runs it to its end, whatever that is.
   *
   * @param stopped whether somebody has asked for its end
   */
  static ModuleEnd of(Runnable module, BooleanSupplier stopped) {
    try {
      module.run();
      return new ModuleEnd(new Exit.Code(0), null);
    } catch (ModuleExit e) {
      return new ModuleEnd(new Exit.Code(code(e.code())), null);
    } catch (ExecutionCompletedException e) {
      return new ModuleEnd(new Exit.Code(0), null);
    } catch (MemoryLimitException e) {
      return new ModuleEnd(KILLED, new Outcome.OutOfMemory(String.valueOf(e.getMessage())));
    } catch (OutOfMemoryError e) {
      return new ModuleEnd(KILLED, new Outcome.OutOfMemory("this node has no memory left for it"));
    } catch (StoppedException e) {
      return new ModuleEnd(KILLED, null);
    } catch (StackOverflowError e) {
      return trapped("call stack exhausted");
    } catch (RuntimeException e) {
      return stopped.getAsBoolean() ? new ModuleEnd(KILLED, null) : trapped(words(e));
    }
  }

  /** A code that does not fit is a failure all the same: 256 must not become 0. */
  private static int code(int code) {
    return code >= 0 && code <= CODE_MAX ? code : CODE_MAX;
  }

  private static ModuleEnd trapped(String why) {
    return new ModuleEnd(ABORTED, new Outcome.Failed("the module trapped: " + why));
  }

  private static String words(RuntimeException e) {
    String said = e.getMessage();
    String words =
        e instanceof ChicoryException && said != null
            ? said
            : e.getClass().getSimpleName() + (said == null ? "" : ": " + said);
    return words.length() > WORDS_MAX ? words.substring(0, WORDS_MAX) : words;
  }
}
