/* What a module may try, by its first argument. Prints what became of it. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>
#include <wasi/api.h>

extern char **environ;

static int tried(const char *what, int result) {
  printf("%s: %s\n", what, result >= 0 ? "done" : strerror(errno));
  fflush(stdout);
  return 0;
}

static int wasi(const char *what, __wasi_errno_t error) {
  printf("%s: %s\n", what, error == 0 ? "done" : strerror(error));
  fflush(stdout);
  return 0;
}

static int (*volatile next)(int);

static int deep(int n) { return next(n + 1) ^ n; }

static volatile int zero;

int main(int argc, char **argv) {
  const char *what = argc > 1 ? argv[1] : "nothing";
  const char *path = argc > 2 ? argv[2] : "";
  static char block[65536];
  if (!strcmp(what, "nothing")) return 0;
  if (!strcmp(what, "arguments")) {
    for (int i = 0; i < argc; i++) puts(argv[i]);
    for (char **e = environ; *e; e++) puts(*e);
    fputs("to stderr\n", stderr);
    return 0;
  }
  if (!strcmp(what, "exit")) exit(atoi(path));
  if (!strcmp(what, "cat")) {
    ssize_t n;
    while ((n = read(0, block, sizeof block)) > 0) write(1, block, n);
    return n < 0;
  }
  if (!strcmp(what, "count")) {
    size_t size = 8 << 20, total = 0;
    char *all = malloc(size);
    for (ssize_t n; (n = read(0, all, size)) > 0;) total += n;
    printf("%zu\n", total);
    return 0;
  }
  if (!strcmp(what, "read-on")) {
    for (;;) read(0, block, sizeof block);
  }
  if (!strcmp(what, "read")) {
    int fd = open(path, O_RDONLY);
    if (fd < 0) return tried("read", fd);
    ssize_t n = read(fd, block, sizeof block);
    printf("read %zd bytes\n", n);
    return 0;
  }
  if (!strcmp(what, "write")) {
    int fd = open(path, O_WRONLY | O_CREAT, 0644);
    if (fd < 0) return tried("write", fd);
    return tried("write", write(fd, "written\n", 8));
  }
  if (!strcmp(what, "truncate")) return tried("truncate", truncate(path, 0));
  if (!strcmp(what, "append")) {
    int fd = open(path, O_WRONLY | O_APPEND);
    return tried("append", fd < 0 ? fd : write(fd, "more", 4));
  }
  if (!strcmp(what, "touch")) {
    struct timespec times[2] = {{1, 0}, {1, 0}};
    tried("touch", utimensat(AT_FDCWD, path, times, 0));
    int fd = open(path, O_RDONLY);
    return tried("touch open", fd < 0 ? fd : futimens(fd, times));
  }
  if (!strcmp(what, "symlink")) {
    tried("symlink", symlink(path, "way-out"));
    return wasi("raw symlink", __wasi_path_symlink(path, 3, "way-out"));
  }
  if (!strcmp(what, "link")) {
    tried("link", link(path, "other"));
    return wasi("raw link", __wasi_path_link(3, 1, path, 3, "other"));
  }
  if (!strcmp(what, "raw-open")) {
    __wasi_fd_t fd;
    return wasi("raw open", __wasi_path_open(3, 1, path, 0, __WASI_RIGHTS_FD_READ, 0, 0, &fd));
  }
  if (!strcmp(what, "files")) {
    mkdir("d", 0755);
    FILE *f = fopen("d/one", "w");
    if (!f || fputs("one", f) < 0 || fclose(f)) tried("write", -1);
    if (rename("d/one", "d/two")) tried("rename", -1);
    DIR *d = opendir("d");
    for (struct dirent *e; (e = readdir(d));)
      if (e->d_name[0] != '.') puts(e->d_name);
    closedir(d);
    struct stat s;
    stat("d/two", &s);
    printf("%lld bytes\n", (long long)s.st_size);
    return unlink("d/two") || rmdir("d");
  }
  if (!strcmp(what, "open-many")) {
    for (int i = 0; i < 100000; i++) {
      char name[32];
      snprintf(name, sizeof name, "f%d", i);
      if (open(name, O_CREAT | O_WRONLY, 0644) < 0) {
        printf("%s", i < 300 ? "few: " : "many: ");
        return tried("open", -1);
      }
    }
    return 0;
  }
  if (!strcmp(what, "fill")) {
    int fd = open("big", O_CREAT | O_WRONLY, 0644);
    long total = 0;
    for (ssize_t n; (n = write(fd, block, sizeof block)) > 0;) total += n;
    printf("%ld ", total);
    return tried("fill", -1);
  }
  if (!strcmp(what, "holes")) {
    int fd = open("holes", O_CREAT | O_WRONLY, 0644);
    long n = 0;
    while (lseek(fd, 8192, SEEK_CUR) >= 0 && write(fd, "x", 1) == 1) n++;
    printf("%ld ", n);
    return tried("holes", -1);
  }
  if (!strcmp(what, "extend")) {
    int fd = open("long", O_CREAT | O_WRONLY, 0644);
    tried("extend", ftruncate(fd, 1LL << 40));
    return tried("allocate", -(errno = posix_fallocate(fd, 0, 1LL << 40)) ? -1 : 0);
  }
  if (!strcmp(what, "grow")) {
    for (;;) {
      volatile char *p = malloc(1 << 20);
      if (!p) return 7;
      *p = 1;
    }
  }
  if (!strcmp(what, "huge-read")) {
    /* A length that no array has: must not cost the host anything. */
    struct { void *base; size_t length; } v = {block, 0x7ffffff0u};
    size_t got = 0;
    wasi("huge read", __wasi_fd_read(0, (__wasi_iovec_t *)&v, 1, &got));
    return 0;
  }
  if (!strcmp(what, "loop")) {
    puts("looping");
    fflush(stdout);
    for (;;) zero++;
  }
  if (!strcmp(what, "sleep")) {
    volatile char *held = malloc((size_t)atoi(path) << 20);
    if (held) *held = 1;
    puts("sleeping");
    fflush(stdout);
    sleep(3600);
    return 0;
  }
  if (!strcmp(what, "recurse")) {
    next = deep;
    return deep(argc);
  }
  if (!strcmp(what, "divide")) return argc / zero;
  if (!strcmp(what, "unreachable")) __builtin_trap();
  if (!strcmp(what, "wild")) return *(volatile int *)0x7fffff00;
  if (!strcmp(what, "abort")) abort();
  if (!strcmp(what, "output")) {
    memset(block, 'y', sizeof block);
    for (long left = atol(path); left != 0; left--)
      if (write(1, block, sizeof block) != sizeof block) return 9;
    return 0;
  }
  return 2;
}
