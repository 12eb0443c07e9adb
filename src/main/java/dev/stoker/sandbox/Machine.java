package dev.stoker.sandbox;

/** A processor whose system calls are known. */
enum Machine {
  X86_64(0xC000003E),
  AARCH64(0xC00000B7);

  private final int auditArch;

  Machine(int auditArch) {
    this.auditArch = auditArch;
  }

  /** As linux/audit.h has it: {@code seccomp_data.arch}. */
  int auditArch() {
    return auditArch;
  }

  /** This one. On others nothing native runs at all. */
  static Machine here() {
    return System.getProperty("os.arch", "").equals("aarch64") ? AARCH64 : X86_64;
  }
}
