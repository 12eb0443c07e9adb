package dev.stoker.sandbox;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/**
 * Assembles a seccomp filter: classic BPF over {@code struct seccomp_data} (seccomp(2),
 * linux/filter.h). What is added first is looked at first. Not thread-safe.
 */
final class BpfProgram {
  private static final int LOAD_WORD = 0x20;
  private static final int AND = 0x54;
  private static final int JUMP_IF_EQUAL = 0x15;
  private static final int JUMP_IF_GREATER = 0x25;
  private static final int RETURN = 0x06;

  private static final int NUMBER_OFFSET = 0;
  private static final int ARCHITECTURE_OFFSET = 4;
  private static final int ARGUMENTS_OFFSET = 16;

  private static final int ALLOW = 0x7fff0000;
  private static final int ERRNO = 0x00050000;

  private final List<Instruction> instructions = new ArrayList<>();

  private record Instruction(int code, int ifTrue, int ifFalse, int value) {}

  /** What becomes of a call. */
  sealed interface Verdict {
    record Allow() implements Verdict {}

    /** It is not made; the caller sees this error, or success when it is 0. */
    record Refuse(int errno) implements Verdict {}
  }

  /**
   * Whether a half of an argument, masked, has a value. The kernel takes no more than the low half
   * of an {@code int}.
   */
  record Condition(int argument, Half half, int mask, int value) {
    enum Half {
      LOW,
      HIGH
    }

    static Condition is(int argument, int value) {
      return new Condition(argument, Half.LOW, -1, value);
    }

    static Condition masked(int argument, int mask, int value) {
      return new Condition(argument, Half.LOW, mask, value);
    }

    /** That a pointer is null. */
    static List<Condition> isNull(int argument) {
      return List.of(is(argument, 0), new Condition(argument, Half.HIGH, -1, 0));
    }

    private int offset() {
      return ARGUMENTS_OFFSET + 8 * argument + (half == Half.LOW ? 0 : 4);
    }
  }

  /** A verdict where all conditions hold. */
  record Case(List<Condition> conditions, Verdict verdict) {
    Case {
      conditions = List.copyOf(conditions);
    }
  }

  /** Calls of any other machine's table, and of numbers after {@code last}, end with an error. */
  BpfProgram(Machine machine, int last, int errno) {
    add(LOAD_WORD, ARCHITECTURE_OFFSET);
    instructions.add(new Instruction(JUMP_IF_EQUAL, 1, 0, machine.auditArch()));
    add(RETURN, ERRNO | errno);
    // x32 is a bit in the number, far above the last one.
    add(LOAD_WORD, NUMBER_OFFSET);
    instructions.add(new Instruction(JUMP_IF_GREATER, 0, 1, last));
    add(RETURN, ERRNO | errno);
  }

  /** Decides on a call; the first case that fits counts. */
  BpfProgram decide(int number, List<Case> cases, Verdict otherwise) {
    List<Instruction> body = new ArrayList<>();
    cases.forEach(one -> append(body, one));
    body.add(verdict(otherwise));
    instructions.add(new Instruction(JUMP_IF_EQUAL, 0, body.size(), number));
    instructions.addAll(body);
    return this;
  }

  /** All that was not decided on is allowed. Eight bytes for each instruction. */
  byte[] assemble() {
    List<Instruction> all = new ArrayList<>(instructions);
    all.add(verdict(new Verdict.Allow()));
    ByteBuffer bytes = ByteBuffer.allocate(all.size() * 8).order(ByteOrder.LITTLE_ENDIAN);
    for (Instruction one : all) {
      if (Math.max(one.ifTrue(), one.ifFalse()) > 255) {
        throw new IllegalStateException("a jump over " + one.ifFalse() + " instructions");
      }
      bytes.putShort((short) one.code());
      bytes.put((byte) one.ifTrue()).put((byte) one.ifFalse());
      bytes.putInt(one.value());
    }
    return bytes.array();
  }

  private static void append(List<Instruction> body, Case one) {
    List<Instruction> block = new ArrayList<>(List.of(verdict(one.verdict())));
    for (Condition condition : one.conditions().reversed()) {
      block.addFirst(new Instruction(JUMP_IF_EQUAL, 0, block.size(), condition.value()));
      if (condition.mask() != -1) {
        block.addFirst(new Instruction(AND, 0, 0, condition.mask()));
      }
      block.addFirst(new Instruction(LOAD_WORD, 0, 0, condition.offset()));
    }
    body.addAll(block);
  }

  private static Instruction verdict(Verdict verdict) {
    return new Instruction(
        RETURN,
        0,
        0,
        switch (verdict) {
          case Verdict.Allow() -> ALLOW;
          case Verdict.Refuse(int errno) -> ERRNO | errno;
        });
  }

  private void add(int code, int value) {
    instructions.add(new Instruction(code, 0, 0, value));
  }
}
