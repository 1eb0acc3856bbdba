#!/usr/bin/env bash
# Sourced, in the sources' folder, before anything is compiled. ccache does not compile at all where it cannot
# write: with a HOME that is not there, or another's. Then its files are kept in build/ccache, and where that
# fails too, nothing is.

# Whether ccache can store what it compiles.
cache_works() {
  local probe works=0
  mkdir -p build
  probe=$(mktemp -d build/probe.XXXXXX)
  echo 'int probe;' >"$probe/probe.cc"
  CCACHE_RECACHE=1 ccache c++ -c "$probe/probe.cc" -o "$probe/probe.o" >/dev/null 2>&1 || works=1
  rm -rf "$probe"
  return "$works"
}

if ! cache_works; then
  export CCACHE_DIR=$PWD/build/ccache CCACHE_TEMPDIR=$PWD/build/ccache/tmp
  if cache_works; then
    echo "The compiler's cache cannot be written where it is: it is kept in build/ccache"
  else
    export CCACHE_DISABLE=1
    echo "The compiler's cache cannot be written: every source is compiled anew"
  fi
fi
