#!/bin/sh
# A run that hands over, as the file it is to make (sub/out.txt), what is not its own.
# $1 what; $2 a file of somebody else's
[ "$1" != -- ] || shift
case $1 in
  symlink) ln -s "$2" sub/out.txt ;;
  hardlink) ln "$2" sub/out.txt || cp "$2" sub/out.txt ;;
  fifo) mkfifo sub/out.txt ;;
  device) mknod sub/out.txt c 1 5 ;;
  directory) mkdir sub/out.txt ;;
  socket) python3 -c 'import socket; socket.socket(socket.AF_UNIX).bind("sub/out.txt")' ;;
  swapped) rmdir sub; ln -s "${2%/*}" sub ;;
  parent) rmdir sub; ln -s .. sub; echo mine | dd of=sub/out.txt ;;
  mover)
    # Changes it all the time, while it is being taken.
    (while :; do ln -sf "$2" sub/out.txt; echo mine >sub/next; mv sub/next sub/out.txt; done) &
    sleep 0.2 ;;
  sparse) truncate -s 1T sub/out.txt ;;
esac 2>/dev/null
exit 0
