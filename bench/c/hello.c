/* The tool of the comparison: as little as a program can do. Linked statically. */
#include <unistd.h>

int main(void) {
  return write(1, "hello\n", 6) == 6 ? 0 : 1;
}
