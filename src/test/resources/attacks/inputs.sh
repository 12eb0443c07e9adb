#!/bin/sh
# A run that changes the file it was given, which others may be reading.
[ "$1" != -- ] || shift
case $1 in
  write) printf '' >>file ;;
  overwrite) printf changed >file ;;
  unprotect) chmod 666 file && printf changed >file ;;
  truncate) truncate -s 0 file ;;
  link) ln file other && chmod 666 other && printf changed >other ;;
  replace) rm -f file && printf changed >file ;;
esac 2>/dev/null && echo allowed || echo refused
