/* Speaking to others. */
#include "attack.h"
#include <arpa/inet.h>
#include <linux/if_packet.h>
#include <linux/io_uring.h>
#include <linux/netlink.h>
#include <linux/vm_sockets.h>
#include <net/ethernet.h>
#include <netinet/in.h>
#include <stddef.h>
#include <sys/socket.h>
#include <sys/un.h>

static long tcp_by(int protocol, char **a) {
  struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(atoi(a[1]))};
  inet_pton(AF_INET, a[0], &to.sin_addr);
  int fd = socket(AF_INET, SOCK_STREAM, protocol);
  return fd < 0 ? -1 : connect(fd, (struct sockaddr *)&to, sizeof to);
}
static long tcp(char **a) { return tcp_by(0, a); }
static long mptcp(char **a) { return tcp_by(262, a); }
static long tcp6(char **a) {
  struct sockaddr_in6 to = {.sin6_family = AF_INET6, .sin6_port = htons(atoi(a[0]))};
  inet_pton(AF_INET6, "::ffff:127.0.0.1", &to.sin6_addr);
  int fd = socket(AF_INET6, SOCK_STREAM, 0);
  return fd < 0 ? -1 : connect(fd, (struct sockaddr *)&to, sizeof to);
}
static long fast_open(char **a) {
  struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(atoi(a[1]))};
  inet_pton(AF_INET, a[0], &to.sin_addr);
  int fd = socket(AF_INET, SOCK_STREAM, 0);
  return fd < 0 ? -1 : sendto(fd, "x", 1, MSG_FASTOPEN, (struct sockaddr *)&to, sizeof to);
}
static long udp(char **a) {
  struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(atoi(a[1]))};
  inet_pton(AF_INET, a[0], &to.sin_addr);
  int fd = socket(AF_INET, SOCK_DGRAM, 0);
  return fd < 0 ? -1 : sendto(fd, "x", 1, 0, (struct sockaddr *)&to, sizeof to);
}
static long listen_(char **a) {
  struct sockaddr_in on = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  (void)a;
  int fd = socket(AF_INET, SOCK_STREAM, 0);
  return fd < 0 || bind(fd, (struct sockaddr *)&on, sizeof on) < 0 ? -1 : listen(fd, 1);
}
static long raw(char **a) { (void)a; return socket(AF_INET, SOCK_RAW, IPPROTO_ICMP); }
static long packet(char **a) { (void)a; return socket(AF_PACKET, SOCK_RAW, htons(ETH_P_ALL)); }
static long netlink(char **a) { return socket(AF_NETLINK, SOCK_RAW, atoi(a[0])); }
static long family(char **a) { return socket(atoi(a[0]), atoi(a[1]), 0); }
static long pair(char **a) { int both[2]; (void)a; return socketpair(AF_UNIX, SOCK_DGRAM, 0, both); }

static long unix_to(const char *name, int abstract) {
  struct sockaddr_un to = {.sun_family = AF_UNIX};
  strncpy(to.sun_path + abstract, name, sizeof to.sun_path - 2);
  int fd = socket(AF_UNIX, SOCK_STREAM, 0);
  return fd < 0 ? -1 : connect(fd, (struct sockaddr *)&to, offsetof(struct sockaddr_un, sun_path) + abstract + strlen(name));
}
static long path(char **a) { return unix_to(a[0], 0); }
static long abstract(char **a) { return unix_to(a[0], 1); }
/* A datagram of a pair, which needs no socket call, sent to a name: what a filter of socket() does not see. */
static long pair_to(char **a) {
  int both[2];
  struct sockaddr_un to = {.sun_family = AF_UNIX};
  strncpy(to.sun_path + 1, a[0], sizeof to.sun_path - 2);
  if (socketpair(AF_UNIX, SOCK_DGRAM, 0, both) < 0) return -1;
  return sendto(both[0], "x", 1, 0, (struct sockaddr *)&to, offsetof(struct sockaddr_un, sun_path) + 1 + strlen(a[0]));
}
/* The same by its path. */
static long pair_to_path(char **a) {
  int both[2];
  struct sockaddr_un to = {.sun_family = AF_UNIX};
  strncpy(to.sun_path, a[0], sizeof to.sun_path - 1);
  if (socketpair(AF_UNIX, SOCK_DGRAM, 0, both) < 0) return -1;
  return sendto(both[0], "x", 1, 0, (struct sockaddr *)&to, offsetof(struct sockaddr_un, sun_path) + strlen(a[0]));
}
static long uring(char **a) {
  struct io_uring_params how = {0};
  (void)a;
  return syscall(__NR_io_uring_setup, 4, &how);
}

/* Not an attack: somebody outside who listens on all of these, until its input ends. */
static long outsider(char **a) {
  struct sockaddr_in on = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t length = sizeof on;
  struct sockaddr_un name = {.sun_family = AF_UNIX}, hidden = {.sun_family = AF_UNIX};
  int stream = socket(AF_INET, SOCK_STREAM, 0), datagram = socket(AF_INET, SOCK_DGRAM, 0);
  int path = socket(AF_UNIX, SOCK_STREAM, 0), abstract = socket(AF_UNIX, SOCK_STREAM, 0);
  int path_datagram = socket(AF_UNIX, SOCK_DGRAM, 0), abstract_datagram = socket(AF_UNIX, SOCK_DGRAM, 0);
  if (bind(stream, (struct sockaddr *)&on, sizeof on) < 0 || listen(stream, 9) < 0) return -1;
  getsockname(stream, (struct sockaddr *)&on, &length);
  if (bind(datagram, (struct sockaddr *)&on, sizeof on) < 0) return -1;
  strncpy(name.sun_path, a[0], sizeof name.sun_path - 3);
  if (bind(path, (struct sockaddr *)&name, sizeof name) < 0 || listen(path, 99) < 0) return -1;
  strcat(name.sun_path, "d");
  if (bind(path_datagram, (struct sockaddr *)&name, sizeof name) < 0) return -1;
  strncpy(hidden.sun_path + 1, a[0], sizeof hidden.sun_path - 4);
  size_t used = offsetof(struct sockaddr_un, sun_path) + 1 + strlen(a[0]);
  if (bind(abstract, (struct sockaddr *)&hidden, used) < 0 || listen(abstract, 99) < 0) return -1;
  hidden.sun_path[1 + strlen(a[0])] = 'd';
  if (bind(abstract_datagram, (struct sockaddr *)&hidden, used + 1) < 0) return -1;
  printf("%d\n", ntohs(on.sin_port));
  fflush(stdout);
  signal(SIGIO, SIG_IGN); /* what is tried with it where nothing stops it */
  char byte;
  while (read(0, &byte, 1) > 0) {}
  exit(0);
}

int main(int argc, char **argv) {
  static const struct attack attacks[] = {
      {"tcp", tcp}, {"mptcp", mptcp}, {"tcp6", tcp6}, {"fast-open", fast_open}, {"udp", udp}, {"listen", listen_},
      {"raw", raw}, {"packet", packet}, {"netlink", netlink}, {"family", family}, {"pair", pair}, {"path", path},
      {"abstract", abstract}, {"pair-to", pair_to}, {"pair-to-path", pair_to_path}, {"uring", uring}, {"outsider", outsider}};
  (void)argc;
  return CHOOSE(attacks);
}
