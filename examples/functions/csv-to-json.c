/*
 * Reads CSV (RFC 4180) from its standard input and writes a JSON array to its standard output: one
 * object for each record, its names those of the first record. With --arrays, arrays instead, the
 * first record too. --separator=C takes another separator than the comma.
 *
 *   clang --target=wasm32-wasi -O2 -o csv-to-json.wasm csv-to-json.c
 *
 * Memory: the names and one record. Exit codes: 0; 1 for what is no CSV, with its line; 2 for wrong
 * arguments; 3 when it runs out of memory or cannot write.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Text that grows; never freed, but emptied and used again. */
struct text {
  char *bytes;
  size_t length, room;
};

/* The fields of one record: their text one after the other, and where each ends. */
struct record {
  struct text text;
  size_t *ends;
  size_t count, room;
};

static long line = 1;

static void fail(int code, const char *why) {
  fprintf(stderr, "line %ld: %s\n", line, why);
  exit(code);
}

static void *grown(void *memory, size_t *room, size_t each) {
  *room = *room ? *room * 2 : 64;
  memory = realloc(memory, *room * each);
  if (!memory) fail(3, "out of memory");
  return memory;
}

static void append(struct text *text, int c) {
  if (text->length == text->room) text->bytes = grown(text->bytes, &text->room, 1);
  text->bytes[text->length++] = (char)c;
}

static void end_field(struct record *record) {
  if (record->count == record->room) {
    record->ends = grown(record->ends, &record->room, sizeof *record->ends);
  }
  record->ends[record->count++] = record->text.length;
}

/* What follows the opening quote; the character after the closing one. */
static int quoted(struct text *text) {
  for (;;) {
    int c = getchar();
    if (c == EOF) fail(1, "a quoted field does not end");
    if (c == '\n') line++;
    if (c == '"') {
      c = getchar();
      if (c != '"') return c;
    }
    append(text, c);
  }
}

/* Reads one record; 0 at the end of the input. */
static int read_record(struct record *record, int separator) {
  int c = getchar();
  if (c == EOF) return 0;
  record->text.length = record->count = 0;
  for (;;) {
    if (c == '"') {
      c = quoted(&record->text);
      if (c != separator && c != '\r' && c != '\n' && c != EOF) {
        fail(1, "text follows a quoted field");
      }
    } else {
      while (c != separator && c != '\r' && c != '\n' && c != EOF) {
        if (c == '"') fail(1, "a quote stands inside a field that does not begin with one");
        append(&record->text, c);
        c = getchar();
      }
    }
    end_field(record);
    if (c != separator) break;
    c = getchar();
  }
  if (c == '\r' && (c = getchar()) != '\n' && c != EOF) fail(1, "a carriage return stands alone");
  return 1;
}

static void write_string(const struct record *record, size_t field) {
  size_t at = field ? record->ends[field - 1] : 0;
  putchar('"');
  for (; at < record->ends[field]; at++) {
    unsigned char c = (unsigned char)record->text.bytes[at];
    if (c == '"' || c == '\\') {
      putchar('\\');
      putchar(c);
    } else if (c == '\n') {
      fputs("\\n", stdout);
    } else if (c < 0x20) {
      printf("\\u%04x", c);
    } else {
      putchar(c);
    }
  }
  putchar('"');
}

static void write_record(const struct record *names, const struct record *record) {
  putchar(names ? '{' : '[');
  for (size_t i = 0; i < record->count; i++) {
    if (i) putchar(',');
    if (names) {
      write_string(names, i);
      putchar(':');
    }
    write_string(record, i);
  }
  putchar(names ? '}' : ']');
}

int main(int argc, char **argv) {
  static struct record names, record;
  static char output[1 << 16];
  int arrays = 0, separator = ',';
  for (int i = 1; i < argc; i++) {
    if (!strcmp(argv[i], "--arrays")) {
      arrays = 1;
    } else if (!strncmp(argv[i], "--separator=", 12) && argv[i][12] && !argv[i][13]) {
      separator = argv[i][12];
    } else {
      fprintf(stderr, "usage: csv-to-json [--arrays] [--separator=C] < csv\n");
      return 2;
    }
  }
  setvbuf(stdout, output, _IOFBF, sizeof output);
  putchar('[');
  int first = 1;
  if (arrays || read_record(&names, separator)) {
    for (line += !arrays; read_record(&record, separator); line++) {
      if (!arrays && record.count != names.count) {
        fail(1, "this record has another number of fields than the first");
      }
      if (!first) fputs(",\n", stdout);
      write_record(arrays ? NULL : &names, &record);
      first = 0;
    }
  }
  fputs("]\n", stdout);
  return fflush(stdout) || ferror(stdout) || ferror(stdin) ? 3 : 0;
}
