/* Reading, writing and changing what belongs to others. */
#include "attack.h"
#include <dirent.h>
#include <sys/inotify.h>
#include <sys/fanotify.h>
#include <sys/sysmacros.h>
#include <sys/time.h>
#include <sys/xattr.h>

static long opened(const char *path, int flags) {
  int fd = open(path, flags | O_CLOEXEC, 0600);
  char byte;
  /* Where the first byte cannot be read at all, as in another's memory, the open was the attack. */
  if (fd >= 0 && (flags & O_ACCMODE) == O_RDONLY && read(fd, &byte, 1) < 0 && errno != EIO && errno != EISDIR) return -1;
  return fd;
}

static long read_(char **a) { return opened(a[0], O_RDONLY); }
static long read_write(char **a) { return opened(a[0], O_RDWR); }
static long list(char **a) { return opendir(a[0]) ? 0 : -1; }
static long go(char **a) { return chdir(a[0]) < 0 ? -1 : opendir(".") ? 0 : -1; }

static long write_(char **a) {
  int fd = open(a[0], O_WRONLY | O_CREAT | O_APPEND, 0600);
  return fd < 0 ? -1 : write(fd, "x", 1);
}

/* Any entry of a directory, read: /proc/1/fd, or the directory that all runs have theirs in. */
static long any(char **a) {
  DIR *all = opendir(a[0]);
  if (!all) return -1;
  char path[4096];
  for (struct dirent *one; (one = readdir(all));) {
    if (one->d_name[0] == '.') continue;
    snprintf(path, sizeof path, "%s/%s", a[0], one->d_name);
    if (open(path, O_RDONLY | O_NONBLOCK) >= 0) return 0;
  }
  return -1;
}

/* Other runs' directories: their numbers are no secret. */
static long others(char **a) {
  char own[4096], path[4200];
  long found = -1;
  int why = ENOENT;
  if (!getcwd(own, sizeof own)) return -1;
  for (int i = 1; i < 100; i++) {
    snprintf(path, sizeof path, "%s/%d", a[0], i);
    if (strcmp(path, own) == 0) continue;
    if (opendir(path)) found = 0; else if (errno != ENOENT) why = errno;
    strcat(path, "/file");
    if (open(path, O_RDONLY) >= 0) found = 0; else if (errno != ENOENT) why = errno;
  }
  errno = why;
  return found;
}

/* An environment that is not the one this run was given. */
static long environ_(char **a) {
  static char text[1 << 16];
  int fd = open(a[0], O_RDONLY);
  if (fd < 0) return -1;
  long length = read(fd, text, sizeof text - 1);
  if (length < 0) return -1;
  for (char *each = text; each < text + length; each += strlen(each) + 1) {
    char *equals = strchr(each, '=');
    if (!equals) continue;
    *equals = 0;
    char *own = getenv(each);
    if (!own || (strcmp(own, equals + 1) != 0 && strcmp(each, "PWD") != 0)) return 0;
    *equals = '=';
  }
  puts("only its own");
  exit(0);
}

/* Says when it was told that it is done, and it is not. Any change moves ctime, whatever others change meanwhile. */
static long really(const char *path, long done, const struct stat *before) {
  struct stat after;
  if (done < 0) return done;
  if (stat(path, &after) < 0 || (after.st_ctim.tv_sec == before->st_ctim.tv_sec && after.st_ctim.tv_nsec == before->st_ctim.tv_nsec)) {
    puts("pretended");
    exit(0);
  }
  return done;
}
static long mode(char **a) {
  struct stat before = {0};
  stat(a[0], &before);
  return really(a[0], chmod(a[0], (before.st_mode ^ 0010) & 07777), &before);
}
static long mode_by_descriptor(char **a) {
  struct stat before = {0};
  stat(a[0], &before);
  int fd = open(a[0], O_PATH);
  if (fd < 0) return -1;
  char path[64];
  snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
  long by_link = chmod(path, (before.st_mode ^ 0010) & 07777);
  long by_descriptor = by_link == 0 ? 0 : syscall(452 /* fchmodat2 */, fd, "", (before.st_mode ^ 0010) & 07777, AT_EMPTY_PATH);
  return really(a[0], by_descriptor, &before);
}
static long mode_by_open(char **a) {
  struct stat before = {0};
  stat(a[0], &before);
  int fd = open(a[0], 3); /* neither for reading nor for writing: nothing is asked */
  return fd < 0 ? -1 : really(a[0], fchmod(fd, (before.st_mode ^ 0010) & 07777), &before);
}
static long same_owner(char **a) { return chown(a[0], -1, getgid()); }
static long times(char **a) {
  struct timespec past[2] = {{1, 0}, {1, 0}};
  struct stat before = {0};
  stat(a[0], &before);
  return really(a[0], utimensat(AT_FDCWD, a[0], past, 0), &before);
}
static long attribute(char **a) { return setxattr(a[0], "user.attack", "1", 1, 0); }
static long empty(char **a) { return truncate(a[0], 0); }
static long unlink_(char **a) { return unlink(a[0]); }
static long rename_(char **a) { return rename(a[0], a[1]); }
static long link_(char **a) { return link(a[0], a[1]); }
static long symlink_(char **a) { return symlink(a[0], "through") < 0 ? -1 : opened("through", O_RDONLY); }
static long mkdir_(char **a) { return mkdir(a[0], 0700); }
static long device(char **a) { return mknod(a[0], S_IFBLK | 0600, makedev(254, 0)); }
static long watch(char **a) { return inotify_add_watch(inotify_init1(0), a[0], IN_ALL_EVENTS); }
static long watch_all(char **a) {
  int fd = fanotify_init(0, 0);
  return fd < 0 ? -1 : fanotify_mark(fd, FAN_MARK_ADD | FAN_MARK_FILESYSTEM, FAN_OPEN, AT_FDCWD, a[0]);
}
static long by_handle(char **a) {
  struct { struct file_handle head; char bytes[128]; } handle = {.head = {.handle_bytes = 128}};
  int mount;
  if (name_to_handle_at(AT_FDCWD, a[0], &handle.head, &mount, 0) < 0) return -1;
  int at = open("/", O_RDONLY | O_DIRECTORY);
  return open_by_handle_at(at, &handle.head, O_RDONLY);
}

static long rename_self(char **a) {
  char moved[4096];
  snprintf(moved, sizeof moved, "%s.moved", a[0]);
  return rename(a[0], moved) < 0 ? -1 : rename(moved, a[0]);
}
static long rename_directory(char **a) {
  char own[4000], moved[4096];
  (void)a;
  if (!getcwd(own, sizeof own)) return -1;
  snprintf(moved, sizeof moved, "%s.moved", own);
  return rename(own, moved) < 0 ? -1 : rename(moved, own);
}
static long remove_directory(char **a) {
  char own[4096];
  (void)a;
  return getcwd(own, sizeof own) ? rmdir(own) : -1;
}
/* Its own directory is its own: it may make it unusable, and the next run is to have a good one. */
static long spoil_directory(char **a) {
  (void)a;
  mkdir("left", 0);
  close(open("left behind", O_CREAT | O_WRONLY, 0));
  return chmod(".", 0);
}

int main(int argc, char **argv) {
  static const struct attack attacks[] = {
      {"read", read_}, {"read-write", read_write}, {"list", list}, {"go", go}, {"write", write_}, {"any", any},
      {"others", others}, {"environ", environ_}, {"chmod", mode}, {"chmod-handle", mode_by_descriptor}, {"chmod-open", mode_by_open},
      {"chown", same_owner}, {"times", times}, {"attribute", attribute}, {"truncate", empty}, {"unlink", unlink_},
      {"rename", rename_}, {"link", link_}, {"symlink", symlink_}, {"mkdir", mkdir_}, {"device", device},
      {"watch", watch}, {"watch-all", watch_all}, {"handle", by_handle}, {"rename-self", rename_self},
      {"rename-directory", rename_directory}, {"remove-directory", remove_directory},
      {"spoil-directory", spoil_directory}};
  (void)argc;
  return CHOOSE(attacks);
}
