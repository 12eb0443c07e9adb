#!/bin/sh
# An honest run, which says so if anything of what goes on beside it has reached it.
for signal in HUP INT QUIT USR1 USR2 ALRM TERM CONT IO; do
  # shellcheck disable=SC2064 # the name that it has now
  trap "echo disturbed by $signal" "$signal"
done
cat file
for round in 1 2 3 4; do
  seq "$round" 100
  sleep 0.1
done
cat file
ls -A
cp file copy.txt
