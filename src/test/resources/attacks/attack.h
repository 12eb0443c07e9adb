/* What every attack of a table shares: a name to choose it by, and one word about how it went. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

struct attack {
  const char *name;
  long (*run)(char **arguments);
};

/* Runs the one that is asked for; it may end the program itself, when it has more to say. */
static int choose(const struct attack *attacks, int count, char **argv) {
  if (argv[1] && strcmp(argv[1], "--") == 0) argv++; /* as the catalog has it */
  for (int i = 0; argv[1] && i < count; i++) {
    if (strcmp(attacks[i].name, argv[1]) == 0) {
      errno = 0;
      puts(attacks[i].run(argv + 2) >= 0 ? "allowed" : strerrorname_np(errno));
      return 0;
    }
  }
  fputs("no such attack\n", stderr);
  return 64;
}

#define CHOOSE(attacks) choose(attacks, sizeof attacks / sizeof attacks[0], argv)
