# Gathers Google's contracts that ours import and refusals carry in build/google, where all who read protos look for
# them. No C++ package of Debian 12 has them, and no package has both. By itself: cmake -P protos/google.cmake
cmake_path(SET google_protos NORMALIZE ${CMAKE_CURRENT_LIST_DIR}/../build/google)
set(google_names google/api/field_behavior google/rpc/code google/rpc/status google/rpc/error_details)

function(makegood_need_google file package)
  if(NOT EXISTS ${file})
    message(FATAL_ERROR "${file} is missing: it comes with ${package} (tools/install)")
  endif()
endfunction()

set(google_jar /usr/share/java/proto-google-common-protos.jar)
makegood_need_google(${google_jar} libgoogle-common-protos-java)
if(${google_jar} IS_NEWER_THAN ${google_protos}/google/api/field_behavior.proto) # or there is none
  file(ARCHIVE_EXTRACT INPUT ${google_jar} DESTINATION ${google_protos} PATTERNS google/api/field_behavior.proto TOUCH)
endif()

# Of google.rpc the jar has a version without ErrorInfo.
file(MAKE_DIRECTORY ${google_protos}/google/rpc)
foreach(name code status error_details)
  set(google_rpc_proto /usr/share/gocode/src/github.com/gogo/googleapis/google/rpc/${name}.proto)
  makegood_need_google(${google_rpc_proto} golang-github-gogo-googleapis-dev)
  file(COPY_FILE ${google_rpc_proto} ${google_protos}/google/rpc/${name}.proto ONLY_IF_DIFFERENT)
endforeach()
